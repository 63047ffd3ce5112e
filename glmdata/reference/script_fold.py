"""Traditional Chinese characters as simplified ones, one by one, by the table of OpenCC.

Needs the package opencc, which the `dev` extra brings.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def fold_character(character: str) -> str:
    """The simplified form of a character; itself if it has none.

    >>> fold_character("臺"), fold_character("台"), fold_character("a")
    ('台', '台', 'a')
    """
    folded = character
    # A few lead to a character that is folded itself.
    for _ in range(2):
        once = str(_converter().convert(folded))
        folded = once if len(once) == 1 else folded
    return folded


def fold_script(text: str) -> str:
    """A text in simplified characters; compatibility ideographs count as what they stand for.

    >>> fold_script("無罪釋放")
    '无罪释放'
    """
    alone = (unicodedata.normalize("NFC", character) for character in text)
    return "".join(fold_character(character) for part in alone for character in part)
