"""The normal form that normalised keys and units are computed on.

NFKC (Unicode Standard Annex #15), then full default case folding (`toCasefold`, section 3.13 of the
Unicode Standard: `str.casefold`), then every run of white space as one U+0020, ends trimmed.
Punctuation stays. NFKC is not applied a second time after folding.
"""

from __future__ import annotations

import unicodedata

WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The 25 code points with the property White_Space (PropList.txt; the same since Unicode 6.3).

Not `str.isspace`, which also takes the separators U+001C to U+001F.
"""


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
    """
    return collapse_white_space(unicodedata.normalize("NFKC", text).casefold())
