"""Bytes and characters: how Hugging Face spells bytes, and where tokens begin in a text.

Hugging Face writes printable Latin-1 as it is and moves the other bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_MOVED = [byte for byte in range(256) if byte not in _PRINTABLE]
_CHARACTERS = {
    **{byte: chr(byte) for byte in _PRINTABLE},
    **{byte: chr(256 + at) for at, byte in enumerate(_MOVED)},
}
_BYTES = {character: byte for byte, character in _CHARACTERS.items()}


def characters_of(token: Iterable[int]) -> str:
    """Bytes as `tokenizer.json` spells them.

    >>> characters_of(b" a")
    'Ġa'
    """
    return "".join(_CHARACTERS[byte] for byte in token)


def bytes_of(spelled: str) -> bytes | None:
    """The way back; None for a word that is not spelled like this.

    >>> bytes_of('Ġa')
    b' a'
    """
    try:
        return bytes(_BYTES[character] for character in spelled)
    except KeyError:
        return None


def character_starts(text: str, starts: Sequence[int]) -> list[int]:
    """The character of each byte in `starts`; inside a character, the one that holds the byte.

    >>> character_starts("é你", [0, 1, 2])
    [0, 0, 1]
    """
    data = text.encode()
    characters = []
    current = -1
    for start, end in pairwise([*starts, len(data)]):
        begun = [byte & 0xC0 != 0x80 for byte in data[start:end]]
        characters.append(current + begun[0])
        current += sum(begun)
    return characters
