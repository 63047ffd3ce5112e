"""Phrases of pages that say nothing, and places where characters were lost, in the plainest way."""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path

from glmdata.reference.offence import inside_word, quoted

LEXICON = Path(__file__).parents[1] / "filter/lexicons/garbage.txt"
SPAM = ("contact", "topic", "offer", "push")
NAME_NEAR = 12
NAME_LEAST = 5
LOST = re.compile("Ã[?\u0080-\u00bf]|Â[?\u0080-\u00bf]|â€|â\\?\\?|â[\u0080-\u009f]")
LONG_WORD = 40
ODD_PAIRS = {
    "the": "the be to of and that have with",
    "be": "be and have",
    "to": "to of with",
    "of": "be to of and have with",
    "and": "and",
    "that": "and",
    "have": "be of and have",
    "with": "be to of have with",
}


@cache
def terms() -> dict[str, str]:
    """Term -> kind."""
    found: dict[str, str] = {}
    for line in LEXICON.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, _, list_ = line.partition(": ")
            for term in list_.split(", "):
                found.setdefault(term, kind)
    return found


def has_name(behind: str) -> bool:
    """Whether a name with digits or `@` begins near."""
    start = re.search("[A-Za-z0-9@]", behind[:NAME_NEAR])
    if not start:
        return False
    name = ""
    for character in re.match("[A-Za-z0-9@_+.() -]*", behind[start.start() :]).group():  # type: ignore[union-attr]
        if character == " " and not re.search("[0-9]", name):
            break
        name += character
    return len(name) >= NAME_LEAST and (len(re.findall("[0-9]", name)) >= 2 or "@" in name)


def is_encoded(word: str) -> bool:
    """Whether a long word is Base64 or hexadecimal."""
    digits = len(re.findall("[0-9]", word))
    long = len(re.findall("[A-Za-z0-9]", word)) >= LONG_WORD
    plain = long and re.fullmatch("[A-Za-z0-9+/=]*", word)
    return bool(plain) and 20 * digits >= len(word) >= 12 * word.count("/")


def garbage(text: str, prose: list[tuple[int, int]]) -> dict[str, float]:
    """What the list and lost places come to; `prose` are the places of lines of prose."""
    longest_first = sorted(terms(), key=lambda term: -len(term.encode()))
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE | re.ASCII)
    counts = dict.fromkeys(("broken", "notice_characters", "spam", "shop", "cloze", "odd"), 0)
    counts["broken"] = len(re.findall("\ufffd+", text)) + len(LOST.findall(text))
    seen: set[tuple[str, str]] = set()
    for match in pattern.finditer(text):
        term = match.group().lower()
        kind = terms()[term]
        if kind == "broken":
            counts["broken"] += 1
            continue
        start, end = match.span()
        hidden = inside_word(text, start, end) or quoted(text, start, end, prose)
        if kind == "allow" or hidden or (kind == "contact" and not has_name(text[end:])):
            continue
        if kind == "notice":
            counts["notice_characters"] += sum(not c.isspace() for c in match.group())
            seen.add((kind, term))
        elif kind in SPAM:
            counts["spam"] += 1
            seen.add((kind, term))
        elif kind in counts:
            counts[kind] += 1
    words = text.split()
    counts["odd"] += sum(b in ODD_PAIRS.get(a, "").split() for a, b in itertools.pairwise(words))
    return {
        **counts,
        "notices": sum(kind == "notice" for kind, _ in seen),
        "spam_terms": sum(kind in SPAM for kind, _ in seen),
        "spam_kinds": len({kind for kind, _ in seen if kind in SPAM}),
        "spam_topics": sum(kind == "topic" for kind, _ in seen),
        "encoded": sum(len(word) for word in words if is_encoded(word)),
    }
