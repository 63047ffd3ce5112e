"""The normal form that normalised keys and units are computed on.

What nobody sees is left out first (`Default_Ignorable_Code_Point`, as in `toNFKC_Casefold`, section
3.13 of the Unicode Standard), but for joiners beside letters of scripts that need them and within
pictures. Then NFKC (Unicode Standard Annex #15), then full default case folding (`toCasefold`, of
the same section: `str.casefold`), then every run of white space as one U+0020, ends trimmed.
Punctuation stays. NFKC is not applied a second time after folding.
"""

from __future__ import annotations

import itertools
import unicodedata

WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The 25 code points with the property White_Space (PropList.txt; the same since Unicode 6.3).

Not `str.isspace`, which also takes the separators U+001C to U+001F.
"""


IGNORABLE = (
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
"""Default_Ignorable_Code_Point (DerivedCoreProperties.txt, Unicode 16)."""

JOINING = (
    (0x0600, 0x08FF),
    (0x0900, 0x0DFF),
    (0x0F00, 0x109F),
    (0x1700, 0x18AF),
    (0x1900, 0x1CFF),
    (0xA800, 0xABFF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC),
    (0x10A00, 0x10FFF),
    (0x11000, 0x11FFF),
    (0x1E900, 0x1E95F),
)
"""Blocks of scripts whose words U+200C and U+200D are part of."""

PICTURES = ((0xA9, 0xAE), (0x2010, 0x205E), (0x20E3, 0x20E3), (0x2100, 0x2BFF), (0x1F000, 0x1FAFF))
"""Symbols that U+200D makes one picture of."""

NON_JOINER, JOINER = "\u200c", "\u200d"


def _within(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)


def is_ignorable(character: str) -> bool:
    """Whether nobody sees a character."""
    return _within(IGNORABLE, character)


def seen(text: str) -> str:
    """A text without what nobody sees.

    A run of ignorable characters keeps its joiners if a letter of a joining script stands beside
    it, or if U+200D is among them and pictures stand on both sides.
    """
    runs = [
        (ignorable, "".join(run))
        for ignorable, run in itertools.groupby(text, key=lambda c: _within(IGNORABLE, c))
    ]
    out = []
    for i, (ignorable, run) in enumerate(runs):
        if not ignorable:
            out.append(run)
            continue
        before = runs[i - 1][1][-1] if i > 0 else ""
        after = runs[i + 1][1][0] if i + 1 < len(runs) else ""
        joiners = "".join(c for c in run if c in (NON_JOINER, JOINER))
        beside = any(_within(JOINING, c) for c in before + after)
        pictures = len(before + after) == 2 and all(_within(PICTURES, c) for c in before + after)
        if beside or (pictures and JOINER in joiners):
            out.append(joiners)
    return "".join(out)


def collapse_white_space(text: str) -> str:
    """Every run of white space as one space, none at the ends."""
    spaced = "".join(" " if character in WHITE_SPACE else character for character in text)
    return " ".join(word for word in spaced.split(" ") if word)


def normalise(text: str) -> str:
    """The normal form of a text.

    Examples
    --------
    >>> normalise(" ＧＬＭ－４　很  Good ")
    'glm-4 很 good'
    >>> normalise("so\u00adft hy\u200bphen")
    'soft hyphen'
    """
    return collapse_white_space(unicodedata.normalize("NFKC", seen(text)).casefold())
