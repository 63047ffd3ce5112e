r"""Byte-level BPE as its definition reads: pieces, merging, training, rule C1.

Pieces follow the pattern of cl100k_base branch by branch, with the standard library alone:

    (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3}
    | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S) | \s+
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

WHITE = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(point) for point in range(0x2000, 0x200B)
}
"""White_Space of Unicode. `str.isspace` has four control characters more."""

CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


def _kind(character: str) -> str:
    """L letter, N number, S white space, O other."""
    if character in WHITE:
        return "S"
    major = unicodedata.category(character)[0]
    return major if major in "LN" else "O"


def _run(text: str, start: int, kind: str) -> int:
    """The end of the run of one kind that starts at `start`."""
    end = start
    while end < len(text) and _kind(text[end]) == kind:
        end += 1
    return end


def _piece_end(text: str, start: int, digits: int) -> int:
    first = text[start]
    folded = text[start : start + 3].lower().replace("\u017f", "s")
    for contraction in CONTRACTIONS:
        if folded.startswith(contraction):
            return start + len(contraction)
    kind = _kind(first)
    letters = start if kind == "L" or kind == "N" or first in "\r\n" else start + 1
    if kind != "N" and (end := _run(text, letters, "L")) > letters:
        return end
    if kind == "N":
        return min(_run(text, start, "N"), start + digits)
    others = start + 1 if first == " " else start
    if (end := _run(text, others, "O")) > others:
        while end < len(text) and text[end] in "\r\n":
            end += 1
        return end
    end = _run(text, start, "S")
    line_ends = [at for at in range(start, end) if text[at] in "\r\n"]
    if line_ends:
        return line_ends[-1] + 1
    return end if end == len(text) or end == start + 1 else end - 1


def pieces(text: str, digits: int = 3) -> Iterator[str]:
    """The pre-tokens of `text`, at most `digits` digits each."""
    start = 0
    while start < len(text):
        end = _piece_end(text, start, digits)
        yield text[start:end]
        start = end


def merge(piece: bytes, ranks: Mapping[bytes, int], below: int | None = None) -> list[bytes]:
    """Merge the neighbours that make the token of lowest rank, leftmost first, until none do."""
    parts = [piece[at : at + 1] for at in range(len(piece))]
    while True:
        best: tuple[int, int] | None = None
        for at in range(len(parts) - 1):
            rank = ranks.get(parts[at] + parts[at + 1])
            usable = rank is not None and (below is None or rank < below)
            if rank is not None and usable and (best is None or rank < best[0]):
                best = (rank, at)
        if best is None:
            return parts
        at = best[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]


def encode(text: str, ranks: Mapping[bytes, int], digits: int = 3) -> list[int]:
    """Ids of `text`, as tiktoken with `disallowed_special=()`."""
    ids: list[int] = []
    for piece in pieces(text, digits):
        whole = piece.encode()
        parts = [whole] if whole in ranks else merge(whole, ranks)
        ids.extend(ranks[part] for part in parts)
    return ids


def violations(ranks: Mapping[bytes, int]) -> list[bytes]:
    """Tokens that break rule C1: lower ranks do not merge their bytes into exactly two parts."""
    return [
        token
        for token, rank in ranks.items()
        if len(token) > 1 and len(merge(token, ranks, below=rank)) != 2
    ]


def train(words: Mapping[bytes, int], merges: int, least: int = 1) -> list[tuple[bytes, bytes]]:
    """The first merges from bytes: highest count, then smaller left bytes, then smaller right."""
    segmented = [([word[at : at + 1] for at in range(len(word))], n) for word, n in words.items()]
    learned: list[tuple[bytes, bytes]] = []
    while len(learned) < merges:
        counts: Counter[tuple[bytes, bytes]] = Counter()
        for parts, count in segmented:
            for pair in pairwise(parts):
                counts[pair] += count
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        if counts[best] < least:
            break
        for parts, _ in segmented:
            at = 0
            while at < len(parts) - 1:
                if (parts[at], parts[at + 1]) == best:
                    parts[at : at + 2] = [parts[at] + parts[at + 1]]
                at += 1
        learned.append(best)
    return learned
