"""Offensive terms of a text: the lexicons, read and asked in the plainest way."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "filter/lexicons"
SEVERE = 3


@cache
def terms() -> dict[str, int]:
    """Term -> weight, 0 for an expression that is allowed; the first list that has it counts."""
    found: dict[str, int] = {}
    for name in ("offensive-zh.txt", "offensive-en.txt"):
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            head, colon, list_ = line.partition(": ")
            if line.startswith("#") or not colon:
                continue
            weight = 0 if head == "allow" else int(head.split()[0])
            for term in list_.split(", "):
                found.setdefault(term, weight)
    return found


def offence(text: str) -> tuple[int, int, int]:
    """Weight of all hits, different terms, hits of severe terms."""
    longest_first = sorted(terms(), key=lambda term: -len(term.encode()))
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE | re.ASCII)
    weight = severe = 0
    seen = set()
    for match in pattern.finditer(text):
        term = match.group().lower()
        edges = text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1]
        inner = term[0], term[-1]
        inside_word = any(
            outer.isascii() and outer.isalnum() and mine.isascii() and mine.isalnum()
            for outer, mine in zip(edges, inner, strict=True)
        )
        if terms()[term] == 0 or inside_word:
            continue
        weight += terms()[term]
        severe += terms()[term] >= SEVERE
        seen.add(term)
    return weight, len(seen), severe
