"""The characters that Hugging Face writes for bytes: printable Latin-1 as it is, the rest moved."""

from __future__ import annotations

from collections.abc import Iterable

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
