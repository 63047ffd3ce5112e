"""Lay two texts side by side and mark what they share and what differs.

Texts are cut into lines and sentences, these are aligned first, and within pieces that differ the
words (single characters for Han) are aligned again, in the compiled module: difflib takes time
cubed where pieces repeat. Past `MAX_PIECES` pieces a text is not compared, and pieces longer than
`MAX_WORDS` words are marked as a whole: nobody reads on there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glmdata import _native

MAX_PIECES = 4_000
MAX_WORDS = 2_000
CONTEXT = 1
"""Shared pieces shown on each side of a difference."""

_PIECE = re.compile(r"[^\n。！？.!?]*(?:[。！？.!?]+[ \t]*\n?|\n|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|\s+|.", re.DOTALL)

Segment = tuple[str, bool]
"""A run of text, and whether both sides share it."""


@dataclass(frozen=True)
class Hunk:
    """Neighbouring pieces of the two texts; `skipped` shared pieces before it are left out."""

    left: Sequence[Segment]
    right: Sequence[Segment]
    skipped: int = 0

    @property
    def differs(self) -> bool:
        """Whether the sides differ."""
        return not all(shared for _, shared in (*self.left, *self.right))


@dataclass(frozen=True)
class Comparison:
    """The differences of two texts with a little context, in order."""

    hunks: Sequence[Hunk]
    skipped_after: int
    truncated: bool
    """The texts have more than `MAX_PIECES` pieces; what lies beyond was not compared."""


def compare(left: str, right: str) -> Comparison:
    """Align two texts.

    >>> compare("one. two. three.", "one. 2. three.").hunks[1].left
    [('two', False), ('. ', True)]
    """
    left_pieces, right_pieces = _pieces(left), _pieces(right)
    truncated = max(len(left_pieces), len(right_pieces)) > MAX_PIECES
    del left_pieces[MAX_PIECES:], right_pieces[MAX_PIECES:]
    hunks: list[Hunk] = []
    skipped = 0
    blocks = list(_blocks(left_pieces, right_pieces))
    for number, (shared, start, end, other_start, other_end) in enumerate(blocks):
        if not shared:
            sides = _differing(
                "".join(left_pieces[start:end]), "".join(right_pieces[other_start:other_end])
            )
            hunks.append(Hunk(*sides, skipped))
            skipped = 0
            continue
        # Equal texts are one block: its head is shown, so that there is something to see.
        first = CONTEXT if number > 0 or len(blocks) == 1 else 0
        last = CONTEXT if number + 1 < len(blocks) else 0
        pieces = left_pieces[start:end]
        if len(pieces) <= first + last:
            hunks.append(_shared(pieces, 0))
            continue
        if first:
            hunks.append(_shared(pieces[:first], 0))
        skipped = len(pieces) - first - last
        if last:
            hunks.append(_shared(pieces[-last:], skipped))
            skipped = 0
    return Comparison(hunks, skipped, truncated)


def _blocks(left: list[str], right: list[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Whether a stretch is shared, and where it is on both sides; all of both, in order."""
    at, other = 0, 0
    end = (len(left), len(left), len(right), len(right))
    for start, stop, other_start, other_stop in [*_native.differences(left, right), end]:
        if at < start:
            yield True, at, start, other, other_start
        if start < stop or other_start < other_stop:
            yield False, start, stop, other_start, other_stop
        at, other = stop, other_stop


def _pieces(text: str) -> list[str]:
    return [piece for piece in _PIECE.findall(text) if piece]


def _shared(pieces: Sequence[str], skipped: int) -> Hunk:
    segments = [("".join(pieces), True)]
    return Hunk(segments, segments, skipped)


def _differing(left: str, right: str) -> tuple[list[Segment], list[Segment]]:
    left_words, right_words = _WORD.findall(left), _WORD.findall(right)
    if max(len(left_words), len(right_words)) > MAX_WORDS:
        return [(left, False)], [(right, False)]
    sides: tuple[list[Segment], list[Segment]] = ([], [])
    for shared, start, end, other_start, other_end in _blocks(left_words, right_words):
        if start < end:
            sides[0].append(("".join(left_words[start:end]), shared))
        if other_start < other_end:
            sides[1].append(("".join(right_words[other_start:other_end]), shared))
    return sides
