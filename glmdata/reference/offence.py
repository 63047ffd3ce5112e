"""Offensive terms of a text: the lexicons, read and asked in the plainest way."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "filter/lexicons"
SEVERE = 3
DEALS = ("gambling", "fraud")
DEALS_LEAST = 3
DEALS_SEVERE = 2
OPENING = "\"'“‘「『《"
CLOSING = "\"'”’」』》"


@cache
def terms() -> dict[str, int]:
    """Term -> weight, 0 for an expression that is allowed; the first list that has it counts."""
    return {term: weight for term, (weight, _) in entries().items()}


@cache
def deals() -> set[str]:
    """Terms of offers."""
    return {term for term, (_, category) in entries().items() if category in DEALS}


@cache
def entries() -> dict[str, tuple[int, str]]:
    """Term -> weight and category."""
    found: dict[str, tuple[int, str]] = {}
    for name in ("offensive-zh.txt", "offensive-en.txt"):
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            head, colon, list_ = line.partition(": ")
            if line.startswith("#") or not colon:
                continue
            weight, _, category = head.rpartition(" ")
            for term in list_.split(", "):
                found.setdefault(term, (int(weight or 0), category))
    return found


def inside_word(text: str, start: int, end: int) -> bool:
    """Whether a letter or digit of ASCII goes on before or behind."""
    pairs = (text[max(start - 1, 0) : start], text[start]), (text[end : end + 1], text[end - 1])
    return any(all(c.isascii() and c.isalnum() for c in pair) for pair in pairs)


def quoted(text: str, start: int, end: int, prose: list[tuple[int, int]]) -> bool:
    """Outside of lines of prose, between backticks, or alone between quotation marks."""
    line = next((first for first, behind in prose if first <= start and end <= behind), None)
    if line is None:
        return True
    marks = text[max(start - 1, line) : start], text[end : end + 1]
    alone = marks[0] in OPENING and marks[1] in CLOSING and all(marks)
    return alone or text[line:start].count("`") % 2 == 1


def offence(text: str, prose: list[tuple[int, int]]) -> tuple[int, int, int]:
    """Weight of all hits, different terms, hits of severe terms; `prose`: places of its lines."""
    longest_first = sorted(terms(), key=lambda term: -len(term.encode()))
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE | re.ASCII)
    sums = {False: [0, 0], True: [0, 0]}
    seen: set[str] = set()
    for match in pattern.finditer(text):
        term = match.group().lower()
        start, end = match.span()
        hidden = inside_word(text, start, end) or quoted(text, start, end, prose)
        if terms()[term] == 0 or hidden:
            continue
        sums[term in deals()][0] += terms()[term]
        sums[term in deals()][1] += terms()[term] >= SEVERE
        seen.add(term)
    offers = seen & deals()
    if len(offers) < DEALS_LEAST or sums[True][1] < DEALS_SEVERE:
        return sums[False][0], len(seen - offers), sums[False][1]
    return sums[False][0] + sums[True][0], len(seen), sums[False][1] + sums[True][1]
