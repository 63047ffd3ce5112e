"""How much of a text is placeholders: phrases, fields that were not filled."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

LEXICON = Path(__file__).parents[1] / "filter/lexicons/placeholder.txt"
C4 = (
    "lorem ipsum",
    "javascript",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
FIELD_BYTES = 80
CONVERSION = 4


@cache
def phrases() -> dict[str, str | None]:
    """Phrase or opening mark -> closing mark, None for a phrase."""
    found: dict[str, str | None] = {}
    for line in LEXICON.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            opening, field, closing = line.partition("… ")
            found[opening] = closing if field else None
    return found


def placeholder_characters(text: str) -> int:
    """Characters of a text in placeholders; the longest phrase at a place, no overlaps.

    C4's phrases are looked for as well: one of them that begins earlier hides a placeholder.
    """
    longest_first = sorted({*phrases(), *C4}, key=lambda phrase: -len(phrase.encode()))
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE | re.ASCII)
    covered = beyond = 0
    for match in pattern.finditer(text):
        phrase = match.group().lower()
        closing = phrases().get(phrase, "")
        if closing == "" or match.start() < beyond:
            continue
        end = match.end()
        if phrase.startswith("%"):
            covered += CONVERSION
            continue
        if closing is not None:
            near = text[end:].split("\n")[0].encode()[:FIELD_BYTES]
            at = near.find(closing.encode())
            if at < 0:
                continue
            end += len(near[:at].decode()) + len(closing)
        covered += end - match.start()
        beyond = end
    return covered
