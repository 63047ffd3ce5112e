"""The rules of a vocabulary, proved from its file with the standard library alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from glmdata.reference import bpe


def tokens_of(tiktoken_file: bytes) -> list[tuple[int, bytes]]:
    """(rank, bytes) of every line of a `.tiktoken` file."""
    pairs = (line.split() for line in tiktoken_file.splitlines() if line)
    return [(int(rank), base64.b64decode(token)) for token, rank in pairs]


def objections(tokens: list[tuple[int, bytes]]) -> Iterator[str]:
    """All that breaks a rule, as sentences; nothing at all is the proof.

    C3 first: where ranks are ambiguous, C1 and C2 have no meaning.
    """
    ranks = {token: rank for rank, token in tokens}
    before = len(tokens)
    if sorted(rank for rank, _ in tokens) != list(range(before)):
        yield "C3: the ranks are not 0, 1, 2, ..."
    if len(ranks) != before or b"" in ranks:
        yield "C3: a token is empty or there twice"
    if not all(bytes([byte]) in ranks for byte in range(256)):
        yield "C3: a byte has no token"
    if len(ranks) == before and all(bytes([byte]) in ranks for byte in range(256)):
        for rank, token in sorted(tokens):
            if len(token) == 1:
                continue
            parts = bpe.merge(token, ranks, below=rank)
            if len(parts) != 2:
                yield f"C1: rank {rank}: {len(parts)} parts"
            if bpe.merge(token, ranks) != [token]:
                yield f"C2: rank {rank}"
