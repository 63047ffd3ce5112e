"""`tokenizer.gguf`: the vocabulary as llama.cpp reads it, without any weights.

llama.cpp merges pairs in the order of a list and does not look up whole pieces, so rule C1 is what
makes its ids ours. It knows patterns by name only: a vocabulary with another pattern has no such
file. Its `glm4` reads one thing otherwise: an apostrophe before U+017F begins no contraction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from glmdata.errors import ConfigError, CorruptDataError, GlmdataError
from glmdata.stage.atomic import write_bytes
from glmdata.tokenizer.beside import without_fillers
from glmdata.tokenizer.byte_level import characters_of
from glmdata.tokenizer.chat_template import CHAT_TEMPLATE
from glmdata.tokenizer.huggingface import read_tokens
from glmdata.tokenizer.json_file import merges_of
from glmdata.tokenizer.patterns import (
    CL100K_PATTERN,
    GPT2_PATTERN,
    O200K_PATTERN,
    SINGLE_DIGIT_PATTERN,
)
from glmdata.tokenizer.rows import has_chat, without_gaps
from glmdata.tokenizer.specials import FILLER, RESERVED, Specials
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import Vocabulary

if TYPE_CHECKING:
    from types import ModuleType

GGUF_FILE = "tokenizer.gguf"
ARCHITECTURE = "glm4"
"""A reader of vocabularies alone asks for a known one, and for nothing else of it."""

_PRE = {
    CL100K_PATTERN: "glm4",
    SINGLE_DIGIT_PATTERN: "qwen2",
    O200K_PATTERN: "gpt-4o",
    GPT2_PATTERN: "gpt-2",
}
"""Patterns by the names llama.cpp has for them (llama-vocab.cpp, tokenizer_pre)."""


_ENDS_BY_NAME = frozenset(
    ("<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>")
)
"""Some of the tokens at which llama.cpp stops for their names (llama-vocab.cpp)."""

_PARTS = "glmdata.special_tokens"


def gguf_bytes(tokenizer: Tokenizer) -> bytes:
    """The content of `tokenizer.gguf`, equal for equal vocabularies.

    Raises
    ------
    ConfigError
        The package gguf is not installed, the vocabulary breaks rule C1 or names no end, or
        llama.cpp has no name for its pattern.
    """
    gguf = _package()
    splits = tokenizer.splits()
    if splits is None:
        raise ConfigError(
            "export: expected a vocabulary that obeys rule C1, found one that breaks it",
            hint="`glmdata tokenizer verify` names the tokens, `repair` leaves them out",
        )
    if not tokenizer.specials.end:
        raise ConfigError(
            "export: expected a vocabulary that names a token at which texts end, found none; "
            "llama.cpp would take number 11, which is a comma in most vocabularies",
            hint="name it: eos_token in tokenizer_config.json, or `end` in tokenizer.toml",
        )
    if tokenizer.pattern not in _PRE:
        raise ConfigError(
            f"export: llama.cpp has no name for this pattern: {tokenizer.pattern}",
            hint="it knows those of cl100k_base, Qwen2, o200k_base and GPT-2",
        )
    tokens = [characters_of(token) for token in tokenizer.token_bytes()]
    named = without_gaps(tokenizer)
    kinds = gguf.TokenType
    # A reserved row may get a meaning one day; until then no text may call it by its name.
    types = [
        kinds.UNUSED
        if name.startswith((RESERVED, FILLER))
        else kinds.USER_DEFINED
        if name in tokenizer.specials.shown
        else kinds.CONTROL
        for name in named
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, GGUF_FILE)
        writer = gguf.GGUFWriter(path, ARCHITECTURE)
        writer.add_name(f"vocabulary {tokenizer.sha256[:12]}")
        writer.add_string("glmdata.tokenizer_sha256", tokenizer.sha256)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_PRE[tokenizer.pattern])
        writer.add_token_list([*tokens, *named])
        writer.add_token_types([*([kinds.NORMAL] * len(tokens)), *types])
        writer.add_token_merges(merges_of(tokens, splits))
        _add_parts(writer, tokenizer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        return path.read_bytes()


def read_gguf(data: bytes, place: str) -> Vocabulary:
    """What a file says, from its tokens, types and merges.

    Raises
    ------
    ConfigError
        Its pattern has no name here, its merges are no ranks, or gguf is not installed.
    CorruptDataError
        It has no such vocabulary.
    """
    gguf = _package()
    with TemporaryDirectory() as folder:
        path = Path(folder, GGUF_FILE)
        write_bytes(path, data)
        try:
            fields = {
                name: field.contents()
                for name, field in gguf.GGUFReader(path).fields.items()
                if name.startswith(("tokenizer.", _PARTS))
            }
            pre = fields["tokenizer.ggml.pre"]
        except (KeyError, ValueError, IndexError) as error:
            raise CorruptDataError(f"{place}: no byte-level vocabulary: {error!r}") from None
    pattern = next((pattern for pattern, name in _PRE.items() if name == pre), None)
    if pattern is None:
        raise ConfigError(
            f"{place}: expected one of the patterns {', '.join(_PRE.values())}, found {pre}",
            hint="load the tokenizer.json that this file was made from",
        )
    try:
        return _vocabulary_of(fields, pattern, place)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, GlmdataError):
            raise
        raise CorruptDataError(f"{place}: no byte-level vocabulary: {error!r}") from None


def _vocabulary_of(fields: Mapping[str, Any], pattern: str, place: str) -> Vocabulary:
    kinds = _package().TokenType
    tokens, types, merges = (
        fields[f"tokenizer.ggml.{key}"] for key in ("tokens", "token_type", "merges")
    )
    rows = list(zip(tokens, types, strict=True))
    ranks = {name: at for at, (name, kind) in enumerate(rows) if kind == kinds.NORMAL}
    read = read_tokens({"vocab": ranks, "merges": merges}, {}, place)
    ids = {name: at for at, (name, kind) in enumerate(rows) if kind != kinds.NORMAL}
    shown = tuple(name for name, kind in rows if kind == kinds.USER_DEFINED)
    return Vocabulary(place, read, pattern, replace(_parts_of(fields, ids), shown=shown))


def _add_parts(writer: Any, tokenizer: Tokenizer) -> None:
    """Which ids begin and end a text or a turn. Where none is named, llama.cpp takes number 11."""
    specials = tokenizer.specials
    roles: dict[str, Callable[[int], None]] = {
        "<|user|>": writer.add_eot_token_id,
        "<|observation|>": writer.add_eom_token_id,
    }
    first, *others = specials.end
    writer.add_eos_token_id(specials.ids[first])
    others = [name for name in others if name not in _ENDS_BY_NAME]
    free = [add for name, add in roles.items() if name not in others]
    for name in others:
        add = roles.get(name) or (free.pop(0) if free else None)
        if add is None:
            raise ConfigError(
                f"export: llama.cpp stops at three tokens, found {len(specials.end)} ends",
                hint="leave some out of `end` in tokenizer.toml or of generation_config.json",
            )
        add(specials.ids[name])
    begin = specials.begin or specials.bos
    if begin is not None:
        writer.add_bos_token_id(specials.ids[begin])
    # GLM-4 has two tokens before a text: its chat form writes them.
    writer.add_add_bos_token(begin is not None and [*specials.prefix] == [begin])
    if tokenizer.pad_id is not None:
        writer.add_pad_token_id(tokenizer.pad_id)
    template = specials.chat_template
    if template is None and has_chat(tokenizer):
        template = CHAT_TEMPLATE
    if template is not None:
        writer.add_chat_template(template)
    # What these keys cannot say, for reading the file again.
    parts = {key: getattr(specials, key) for key in ("prefix", "end", "pad", "bos", "begin")}
    writer.add_string(_PARTS, json.dumps(parts, ensure_ascii=False))


def _parts_of(fields: Mapping[str, Any], ids: Mapping[str, int]) -> Specials:
    names = {number: name for name, number in ids.items()}

    def named(role: str) -> list[str]:
        number = fields.get(f"tokenizer.ggml.{role}_token_id")
        return [names[number]] if number in names else []

    template = fields.get("tokenizer.chat_template")
    chat = None if template == CHAT_TEMPLATE else template
    if _PARTS in fields:
        ours = json.loads(fields[_PARTS])
        parts = {**ours, "prefix": tuple(ours["prefix"]), "end": tuple(ours["end"])}
        return Specials(ids=without_fillers(ids), chat_template=chat, **parts)
    ends = dict.fromkeys([*named("eos"), *named("eot"), *named("eom")])
    bos, pad = named("bos"), named("padding")
    return Specials(
        ids=dict(ids),
        prefix=tuple(bos) if fields.get("tokenizer.ggml.add_bos_token") else (),
        end=tuple(ends),
        pad=next(iter(pad), None),
        bos=next(iter(bos), None),
        chat_template=chat,
    )


def _package() -> ModuleType:
    try:
        import gguf
    except ModuleNotFoundError:
        raise ConfigError(
            "export: gguf files need the package gguf, which is not installed",
            hint="pip install 'glmdata[gguf]'",
        ) from None
    return gguf
