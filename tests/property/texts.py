"""Generated texts and corpora for the property tests: Chinese, English, both, Thai, code.

Only code points that the running Python's Unicode tables know are drawn, for the twins can speak of
no others (see `glmdata.reference`).
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]


def is_known(code: int) -> bool:
    """Whether a code point is assigned, to no surrogate, in this Python's tables."""
    return unicodedata.category(chr(code)) not in ("Cn", "Cs")


KNOWN = [code for code in range(sys.maxunicode + 1) if is_known(code)]


def _between(*spans: tuple[int, int]) -> str:
    return "".join(chr(c) for low, high in spans for c in range(low, high + 1) if is_known(c))


ALPHABETS = {
    "han": _between((0x4E00, 0x4E40), (0x3400, 0x3410), (0x20000, 0x20010), (0xF900, 0xF910))
    + "，。、；「」《》・々〇　",
    "kana": _between((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    "latin": "abcdefghijklmnopqrstuvwxyzABCDEFXYZ 0123456789  .,'-_\n\t"
    + _between((0xC0, 0x17F), (0x1E00, 0x1E20)),
    "wide": _between((0xFF01, 0xFF5E), (0xFFE0, 0xFFE6), (0x2460, 0x2490), (0x3300, 0x3320)),
    "thai": _between((0x0E00, 0x0EFF), (0x1000, 0x1060), (0x1780, 0x17DD)) + " ",
    "hangul": _between((0x1100, 0x1180), (0x11A8, 0x11C0), (0xAC00, 0xAC40)) + " ",
    "marks": "aeoQ中あกk "
    + _between((0x0300, 0x0345), (0x0591, 0x05A0), (0x3099, 0x309C), (0xFE00, 0xFE0F)),
    "emoji": _between((0x1F300, 0x1F320), (0x1F468, 0x1F470), (0x1F1E6, 0x1F1FF))
    + "\u200d\ufe0f\u2764 ab中",
    "code": "abcXYZ_0129 (){}[]<>=!+-*/%&|^~;:,.#\"'\\\n\t",
    "space": "ab中 \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"
    + "\u200b",
    "fold": "ßſİıǅΣςﬀﬁﬃẞΐΰᾼⅣℌ㎏㍿ǰՙև",
    "other": _between((0x0591, 0x06FF), (0x0900, 0x0980), (0x0B80, 0x0C00), (0x1200, 0x1210)) + " ",
}

PIECES = st.sampled_from(sorted(ALPHABETS)).flatmap(
    lambda name: st.text(st.sampled_from(sorted(set(ALPHABETS[name]))), max_size=24)
)

ANY_TEXT = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.text(st.sampled_from(KNOWN).map(chr), max_size=40),
)
"""Texts that change script within a word, and texts of anything assigned."""

_SYLLABLES = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti", "ve", "zu"]
_HAN = _between((0x4E00, 0x57FF))


def word(rng: random.Random) -> str:
    """An English-like word of 100,000."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(5))


def units(rng: random.Random, script: str, n: int) -> list[str]:
    """About n units to be joined: words with a space behind them, Han, Thai letters, code."""
    if script == "en":
        return [word(rng) + " " for _ in range(n)]
    if script == "zh":
        return [rng.choice(_HAN) for _ in range(n)]
    if script == "mixed":
        return [word(rng) + " " if rng.random() < 0.3 else rng.choice(_HAN) for _ in range(n)]
    if script == "thai":
        return [chr(rng.randrange(0xE01, 0xE2F)) + rng.choice(["", "\u0e31"]) for _ in range(n)]
    if script == "code":
        return [f"{word(rng)} {rng.choice('=+-*/<>')} " for _ in range(n)]
    raise ValueError(script)


SCRIPTS = ("en", "zh", "mixed", "thai", "code")


def edited(rng: random.Random, parts: list[str], script: str, n: int) -> list[str]:
    """A copy with n of its units replaced."""
    copy = list(parts)
    for place in rng.sample(range(len(copy)), min(n, len(copy))):
        copy[place] = units(rng, script, 1)[0]
    return copy


def corpus(seed: int, n: int) -> list[Document]:
    """n documents: originals, copies, near copies at many distances, chains, excerpts."""
    rng = random.Random(seed)
    made: list[tuple[str, list[str]]] = []
    documents: list[Document] = []

    def original() -> tuple[str, list[str]]:
        script = rng.choice(SCRIPTS)
        parts = units(rng, script, rng.choice([8, 30, 60, 120]))
        # Some say a passage twice: sets and lists of shingles then differ.
        return script, parts + parts[: len(parts) // 2] if rng.random() < 0.2 else parts

    def copy_of(change: Callable[[str, list[str]], list[str]]) -> tuple[str, list[str]]:
        script, parts = rng.choice(made)
        return script, change(script, parts)

    while len(documents) < n:
        choice = rng.random() if made else 1.0
        if choice < 0.10:
            script, parts = copy_of(lambda _, parts: list(parts))
        elif choice < 0.20:
            script, parts = copy_of(lambda _, parts: [" \n", *(p.upper() for p in parts), "\t"])
        elif choice < 0.55:
            script, parts = copy_of(lambda script, p: edited(rng, p, script, rng.randint(1, 3)))
        elif choice < 0.65:  # the near copies of near copies are chains
            script, parts = made[-1]
            parts = edited(rng, parts, script, 1)
        elif choice < 0.72:
            script, parts = copy_of(lambda _, p: p[: max(1, len(p) * rng.randint(5, 9) // 10)])
        elif choice < 0.79:
            script, parts = copy_of(lambda script, p: p + units(rng, script, rng.randint(1, 20)))
        else:
            script, parts = original()
        made.append((script, parts))
        number = len(documents)
        documents.append(
            {
                # Not in input order, so that ties by id and by place differ.
                "id": f"{rng.randrange(10**6):06}-{number}",
                "text": "".join(parts),
                "source": "code" if script == "code" else rng.choice(["web", "wiki", "book"]),
                "lang": rng.choice(["zh", "en"]),
                "date": rng.choice(["2020-01-01", "2021-12-31T23:59:59Z", "1969-07-20", "when"]),
                "score": rng.choice([0, -1.5, 3, "2.5", 1e9, None]),
            }
        )
    return documents
