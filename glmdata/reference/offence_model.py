"""How likely a passage is offensive: windows, terms and weights, in the plainest way."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from glmdata.reference.prose import lines_of
from glmdata.reference.signals import places_of_prose, split_lines

FILE = Path(__file__).parents[1] / "filter/lexicons/offence.weights"
HEAD = struct.Struct("<8sffi")
BITS = 21
FULL = 240
LONGEST = 480
MIX = 0x9E37_79B9_7F4A_7C15
SHIFT = 7
TURN = 29
WHOLE = 2**64 - 1
HAN = "\u4000-\u9fff"


@cache
def model() -> tuple[float, float, int, bytes, tuple[int, ...]]:
    """Scale, bias, threshold, bits of buckets that are cues, and the weight of every bucket."""
    data = FILE.read_bytes()
    _, scale, bias, threshold = HEAD.unpack(data[: HEAD.size])
    data = data[HEAD.size :]
    weights = struct.unpack(f"{1 << BITS}b", data[: 1 << BITS])
    return scale, bias, threshold, data[1 << BITS :], weights


def bucket(key: int) -> int:
    """The high bits of a product."""
    return (key * MIX & WHOLE) >> (64 - BITS)


def turned(key: int, bits: int) -> int:
    """Rotated to the left within 64 bits."""
    return (key << bits | key >> (64 - bits)) & WHOLE


def word_hash(word: str) -> int:
    """Of a word of ASCII letters and digits, in lower case."""
    found = 0
    for byte in word.lower().encode():
        found = turned(found, SHIFT) ^ byte
    return found


def han_hash(part: str) -> int:
    """Of one to three Han characters."""
    found = int.from_bytes(part[:2].encode(), "little")
    third = int.from_bytes(part[2:].encode(), "little")
    return turned(found, TURN) ^ third if third else found


def terms(line: str) -> Iterator[tuple[int, bool]]:
    """Bucket of every term, and whether it may be a cue: a pair of Han characters, or a word."""
    before: int | None = None
    for match in re.finditer(f"[{HAN}]+|[A-Za-z0-9]+", line):
        part = match.group()
        if not part.isascii():
            for start in range(len(part)):
                for end in range(start + 1, min(start + 3, len(part)) + 1):
                    yield bucket(han_hash(part[start:end])), end - start == 2
            before = None
            continue
        found = word_hash(part)
        yield bucket(found), True
        if before is not None:
            yield bucket(found ^ turned(before, TURN)), False
        before = found


def windows(text: str, prose: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Pieces of every window: lines of prose that are joined, or cut, by their bytes."""
    pieces: list[tuple[int, int]] = []
    size = 0
    if len(text.encode()) <= LONGEST:
        prose = [(0, len(text))]
    for start, behind in prose:
        while start < behind:
            cut, length = start, 0
            while cut < behind and length + len(text[cut].encode()) <= LONGEST:
                length += len(text[cut].encode())
                cut += 1
            pieces.append((start, cut))
            size += length
            start = cut
            if size >= FULL:
                yield pieces
                pieces, size = [], 0
    if pieces:
        yield pieces


def offence(text: str) -> tuple[dict[str, float], tuple[int, int] | None]:
    """Name and value of every signal of passages, and the characters of the worst one.

    The signals are the largest probability, and the share of offensive windows by bytes.
    """
    prose = places_of_prose(text, lines_of(split_lines(text)))
    scale, bias, threshold, cues, weights = model()
    most: int | None = None
    place: tuple[int, int] | None = None
    offensive = size = 0
    for pieces in windows(text, prose):
        length = sum(len(text[start:end].encode()) for start, end in pieces)
        size += length
        found = [term for start, end in pieces for term in terms(text[start:end])]
        if not any(may_be and cues[at >> 3] >> (at & 7) & 1 for at, may_be in found):
            continue
        total = sum(weights[at] for at in {at for at, _ in found})
        offensive += length if total >= threshold else 0
        if most is None or total > most:
            most, place = total, (pieces[0][0], pieces[-1][1])
    probability = 0.0 if most is None else 1 / (1 + math.exp(-(scale * most + bias)))
    share = offensive / size if size else 0.0
    return {"offence_max": probability, "offence_share": share}, place
