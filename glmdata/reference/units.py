"""Units of text in normal form: what shingles are windows over.

One Han character, kana or bopomofo is a unit; so is one word of a script written with spaces; in
Thai, Lao, Khmer and Myanmar a letter with the marks behind it is. A mark continues the unit before
it, and is skipped behind a separator. Everything else separates.
"""

from __future__ import annotations

import enum
import unicodedata
from functools import cache
from typing import NamedTuple


class Kind(enum.Enum):
    """The part a code point plays."""

    SEPARATOR = "separator"
    HAN = "han"
    WORD = "word"
    LETTER = "letter"
    MARK = "mark"


class Unit(NamedTuple):
    """A unit and what kind of code point it began with: HAN, WORD or LETTER."""

    text: str
    kind: Kind


HAN = (
    (0x3005, 0x3007),  # 々 〆 〇
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3031, 0x3035),  # kana repeat marks
    (0x3038, 0x303C),
    (0x3041, 0x3096),  # hiragana
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),  # katakana
    (0x30FC, 0x30FF),
    (0x3105, 0x312F),  # bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0x1AFF0, 0x1B16F),  # rare kana
    (0x20000, 0x2FA1F),  # extensions B to F
    (0x30000, 0x33479),  # extensions G and H and what follows them
)
"""Code points that are units of their own if their category is a letter or a number."""

LETTER = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0xA9E0, 0xA9FF),  # Myanmar extended B
    (0xAA60, 0xAA7F),  # Myanmar extended A
)
"""Scripts without spaces whose letters carry marks; again letters and numbers only."""


@cache
def kind_of(character: str) -> Kind:
    """The kind of a code point, by its general category and the ranges above."""
    major = unicodedata.category(character)[0]
    if major == "M":
        return Kind.MARK
    if major not in "LN":
        return Kind.SEPARATOR
    code = ord(character)
    if any(low <= code <= high for low, high in HAN):
        return Kind.HAN
    if any(low <= code <= high for low, high in LETTER):
        return Kind.LETTER
    return Kind.WORD


def units(text: str) -> list[Unit]:
    """The units of a text that is in normal form.

    Examples
    --------
    >>> [unit.text for unit in units("用gpt4做题, e-mail")]
    ['用', 'gpt4', '做', '题', 'e', 'mail']
    """
    found: list[Unit] = []
    open_unit = False
    for character in text:
        kind = kind_of(character)
        if kind is Kind.SEPARATOR:
            open_unit = False
        elif open_unit and (kind is Kind.MARK or kind is found[-1].kind is Kind.WORD):
            found[-1] = Unit(found[-1].text + character, found[-1].kind)
        elif kind is not Kind.MARK:
            found.append(Unit(character, kind))
            open_unit = True
    return found
