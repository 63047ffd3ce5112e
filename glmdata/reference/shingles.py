"""Shingles: windows over units, and the hashes the compiled half gives them.

A window starts at every unit and is the shortest run of units whose weights reach a target; starts
from which the target cannot be reached have none. A text too short for one window has one shingle,
all its units; a text without units has none.

    mixed    Han and word 8, kana and letter 5, target 40: 5 characters of Chinese, 5 English words
    word:N   N units of any kind
    char:N   N characters of units
    code     7 tokens of the raw text: runs of letters, digits and `_`, or one visible character
"""

from __future__ import annotations

import unicodedata

from glmdata.reference.normalise import WHITE_SPACE, normalise
from glmdata.reference.sketch import MASK, mix64
from glmdata.reference.units import Kind, units

Shingle = tuple[str, ...]

BASE = 0x9E37_79B9_7F4A_7C15
"""Of the polynomial over unit hashes modulo 2^64; odd."""


def shingles(text: str, mode: str = "mixed") -> list[Shingle]:
    """The shingles of a raw text in text order, repeats kept.

    Examples
    --------
    >>> shingles("Merges GLM-4 模型", "mixed")
    [('merges', 'glm', '4', '模', '型')]
    >>> shingles("a b c", "word:2")
    [('a', 'b'), ('b', 'c')]
    """
    name, _, count = mode.partition(":")
    if name == "code":
        return _windows([(token, 1) for token in code_tokens(text)], 7)
    found = units(normalise(text))
    if name == "mixed":
        return _windows([(unit.text, 5 if unit.kind is Kind.LETTER else 8) for unit in found], 40)
    if name == "word":
        return _windows([(unit.text, 1) for unit in found], int(count))
    if name == "char":
        return _windows([(character, 1) for unit in found for character in unit.text], int(count))
    raise ValueError(f"mode: expected mixed, word:N, char:N or code, found {mode!r}")


def _windows(weighted: list[tuple[str, int]], target: int) -> list[Shingle]:
    found: list[Shingle] = []
    for start in range(len(weighted)):
        total = 0
        for end in range(start, len(weighted)):
            total += weighted[end][1]
            if total >= target:
                found.append(tuple(unit for unit, _ in weighted[start : end + 1]))
                break
        else:
            break
    if weighted and not found:
        found.append(tuple(unit for unit, _ in weighted))
    return found


def code_tokens(text: str) -> list[str]:
    """Tokens of source code, as it stands.

    Examples
    --------
    >>> code_tokens("if x_1 != y:")
    ['if', 'x_1', '!', '=', 'y', ':']
    """
    tokens: list[str] = []
    open_word = False
    for character in text:
        if _is_of_a_word(character):
            if open_word:
                tokens[-1] += character
            else:
                tokens.append(character)
            open_word = True
            continue
        open_word = False
        if character not in WHITE_SPACE and unicodedata.category(character) != "Cc":
            tokens.append(character)
    return tokens


def _is_of_a_word(character: str) -> bool:
    category = unicodedata.category(character)
    return character == "_" or category[0] in "LNM"


def unit_hash(unit: str) -> int:
    """Hash of a unit of up to 15 bytes of UTF-8; longer ones have xxh3-64, which is not repeated.

    Raises
    ------
    ValueError
        The unit is longer.
    """
    data = unit.encode()
    if len(data) > 15:
        raise ValueError(f"unit: expected up to 15 bytes, found {len(data)}")
    low = int.from_bytes(data[:8], "little")
    high = int.from_bytes(data[8:], "little") | len(data) << 56
    folded = low ^ high * BASE & MASK
    mixed = (folded ^ folded >> 32) * STRONG & MASK
    return mixed ^ mixed >> 29


STRONG = 0xD6E8_FEB8_6659_FD93
"""Multiplier of `unit_hash`."""


def shingle_hash(shingle: Shingle) -> int:
    """Hash of a shingle: a polynomial over its units' hashes modulo 2^64, mixed once more."""
    polynomial = 0
    for unit in shingle:
        polynomial = (polynomial * BASE + unit_hash(unit)) & MASK
    return mix64(polynomial)
