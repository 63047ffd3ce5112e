"""Sizes in bytes as people write them: `512MiB`, `8GB`, `1.5GiB`, `4096`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def parse_size(value: object) -> object:
    """Bytes of a size; what is neither a string nor a number is left for pydantic to refuse.

    >>> parse_size("64MiB")
    67108864

    Raises
    ------
    ValueError
        The string is no number with an optional unit.
    """
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value)
    if match is None or match[2].lower() not in _UNITS:
        raise ValueError("no size")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def show_size(n_bytes: int) -> str:
    """A size for people, in powers of 1024.

    >>> show_size(67108864), show_size(1536)
    ('64 MiB', '1.5 KiB')
    """
    amount = float(n_bytes)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.4g} {unit}"
        amount /= 1024
    return f"{amount:.4g} TiB"


Size = Annotated[int, BeforeValidator(parse_size)]
"""A field that accepts `512MiB` and holds bytes."""
