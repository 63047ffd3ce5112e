"""Merging by a list of pairs, as llama.cpp and tokenizers do: no ranks, no whole-piece look-up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from glmdata.reference import bpe

_PLAIN = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
_MOVED = [byte for byte in range(256) if byte not in _PLAIN]


def spelled(data: bytes) -> list[str]:
    """One character a byte: printable Latin-1 as it is, the others from U+0100 on."""
    return [chr(byte) if byte in _PLAIN else chr(256 + _MOVED.index(byte)) for byte in data]


class PairMerger:
    """A vocabulary as its file spells it.

    Parameters
    ----------
    tokens
        Spelled tokens; the place of each is its id.
    merges
        `left right`, the first to be tried first.
    digits
        The most digits of a piece of cl100k_base's pattern.
    """

    def __init__(self, tokens: Sequence[str], merges: Sequence[str], digits: int = 3) -> None:
        self.ids = {token: at for at, token in enumerate(tokens)}
        self.order = {tuple(merge.split(" ")): at for at, merge in enumerate(merges)}
        self.digits = digits

    def encode(self, text: str) -> list[int]:
        """Ids of a text without special tokens."""
        ids = []
        for piece in bpe.pieces(text, self.digits):
            parts = spelled(piece.encode())
            while True:
                found = [
                    (self.order[pair], at)
                    for at, pair in enumerate(pairwise(parts))
                    if pair in self.order
                ]
                if not found:
                    break
                at = min(found)[1]
                parts[at : at + 2] = [parts[at] + parts[at + 1]]
            ids += [self.ids[part] for part in parts]
        return ids
