"""Whether a few sequences in a text are mojibake and no example of it."""

from __future__ import annotations

import re

from glmdata.reference.units import Kind, kind_of

LEAST, OTHERS, ALONE = 3, 4, 5
TALK = re.compile(
    "mojibake|encod|charset|utf-8|utf8|unicode|latin-1|latin1|iso-8859|iso8859|windows-125|cp125"
    "|codepage|乱码|编码",
    re.IGNORECASE | re.ASCII,
)
"""Who writes one of these speaks about encodings."""

PLAUSIBLE = re.compile("[\x80-\u017f\u200b-\u203a\u20ac\u2122\ufeff]")
PICTURE = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")
MARK = re.compile("[\u2010-\u203a]")
STANDS_ALONE = re.compile("[\u2010-\u2015\u2022\u2026\xa0\ufeff]")
SHOWN = ('""', "''", "\u201c\u201d", "\u2018\u2019", "«»", "()", "[]", "\uff08\uff09", "「」", "//")
"""What stands around an example."""

Sequence = tuple[int, int, str]
"""Place of the first character of a sequence, how many it has, and what they stand for."""


def runs(found: list[Sequence]) -> list[list[Sequence]]:
    """Sequences without anything between them, together."""
    all_runs: list[list[Sequence]] = []
    for sequence in found:
        if all_runs and sum(all_runs[-1][-1][:2]) == sequence[0]:
            all_runs[-1].append(sequence)
        else:
            all_runs.append([sequence])
    return all_runs


def in_fence(text: str, place: int) -> bool:
    """Whether a place lies in a fenced block."""
    lines = text[:place].split("\n")
    return sum(line.lstrip(" ").startswith("```") for line in lines) % 2 == 1


def are_certain(text: str, found: list[Sequence], others: int) -> bool:
    """Whether all sequences are what somebody read wrongly; `others` are no ASCII and in none."""
    if sum(length for _, length, _ in found) < OTHERS * others:
        return False
    if not all(PLAUSIBLE.match(decoded) or PICTURE.match(decoded) for _, _, decoded in found):
        return False
    evidence = alone = unmistakable = 0
    for run in runs(found):
        start, end = run[0][0], sum(run[-1][:2])
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        shown = (before or " ") + (after or " ") in SHOWN or "`" in before + after
        if shown or in_fence(text, start):
            return False
        # Read wrongly twice, one character is two sequences or more.
        joined = len(run) > 1 or bool(before and before in ".,!?;:")
        joined |= any(kind_of(character) is not Kind.SEPARATOR for character in before + after)
        certain = joined or any("\x80" <= c <= "\x9f" for c in text[start:end])
        for _, length, decoded in run:
            if certain or STANDS_ALONE.match(decoded) or PICTURE.match(decoded):
                evidence += 1
                unmistakable += length >= 3 or bool(MARK.match(decoded))
            else:
                alone += 1
    enough = evidence >= LEAST or unmistakable > 0
    return enough and ALONE * alone <= evidence and not TALK.search(text)
