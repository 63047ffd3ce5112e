"""tokens.parquet and vetoes.parquet: what became a token and why, and what did not."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from glmdata.tokenizer.tokenizer import Tokenizer

_TOKENS = pa.schema(
    [
        ("id", pa.uint32()),
        ("bytes", pa.binary()),
        ("text", pa.string()),  # null where the bytes are no UTF-8
        ("left", pa.uint32()),  # the two tokens it is merged from; null for a byte
        ("right", pa.uint32()),
        ("step", pa.string()),  # base, numbers, cover, or who chose it
        ("count", pa.uint64()),  # of its pair when it was merged; null if it was not learned
        ("script", pa.string()),
    ]
)
_VETOES = pa.schema(
    [
        ("bytes", pa.binary()),
        ("text", pa.string()),
        ("count", pa.uint64()),
        ("documents", pa.uint32()),  # about; null if that was not asked
        ("sources", pa.uint32()),  # the same
        ("guard", pa.string()),
    ]
)

Veto = tuple[bytes, int, int | None, int | None, str]


def tokens_table(
    tokenizer: Tokenizer, steps: Sequence[Mapping[str, Any]], counts: Sequence[int]
) -> pa.Table:
    """One row a rank, in order."""
    tokens = tokenizer.token_bytes()
    splits = tokenizer.splits() or []
    texts = [_text(token) for token in tokens]
    origins: list[str] = []
    for step in steps:
        origins += [step["name"]] * (step["end"] - len(origins))
    merged = [left != rank for rank, (left, _) in enumerate(splits)]
    return pa.table(
        [
            range(len(tokens)),
            tokens,
            texts,
            [pair[0] if yes else None for pair, yes in zip(splits, merged, strict=True)],
            [pair[1] if yes else None for pair, yes in zip(splits, merged, strict=True)],
            origins,
            [None] * (len(tokens) - len(counts)) + list(counts),
            [script_of(text) for text in texts],
        ],
        schema=_TOKENS,
    )


def vetoes_table(vetoes: Sequence[Veto]) -> pa.Table:
    """One row a refused pair, in the order of refusal."""
    columns = [list(column) for column in zip(*vetoes, strict=True)] or [[], [], [], [], []]
    tokens, counts, documents, sources, guards = columns
    return pa.table(
        [tokens, [_text(token) for token in tokens], counts, documents, sources, guards],
        schema=_VETOES,
    )


def parquet(table: pa.Table) -> bytes:
    """The bytes of a Parquet file, equal for equal tables."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def script_of(text: str | None) -> str:
    """A word for the script of the first letter: han, latin, cyrillic, ...

    Where there is no letter: number, space, mark or, for part of a character, bytes.

    >>> script_of(" 龙王"), script_of(" the"), script_of("12"), script_of("?!"), script_of(None)
    ('han', 'latin', 'number', 'mark', 'bytes')
    """
    if text is None:
        return "bytes"
    for character in text:
        if unicodedata.category(character).startswith("L"):
            word = unicodedata.name(character, "other").split()[0].split("-")[0].lower()
            return "han" if word in ("cjk", "ideographic") else word
    if any(character.isdigit() for character in text):
        return "number"
    return "space" if text.isspace() else "mark"


def _text(token: bytes) -> str | None:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None
