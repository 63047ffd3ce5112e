"""Sizes as people write them: bytes as `512MiB`, `8G`, `8GB`, `4096`; numbers as `1T`, `300B`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

_UNITS = {
    "": 1,
    "b": 1,
    "k": 2**10,
    "m": 2**20,
    "g": 2**30,
    "t": 2**40,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_LARGEST = 2**60
"""No disk and no memory is larger."""
_COUNTS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def parse_size(value: object) -> object:
    """Bytes of a size; what is neither a string nor a number is left to be judged as it is.

    A unit of one letter is binary, as in `sort -S 8G`.

    >>> parse_size("64MiB"), parse_size("64M"), parse_size("64MB")
    (67108864, 67108864, 64000000)

    Raises
    ------
    ValueError
        The string is no number with an optional unit.
    """
    return _parse(value, _UNITS)


def parse_count(value: object) -> object:
    """A number with k, M, B or T for thousands to millions of millions; else as `parse_size`.

    >>> parse_count("1.5T"), parse_count("300B"), parse_count("1000")
    (1500000000000, 300000000000, 1000)
    """
    return _parse(value, _COUNTS)


def _parse(value: object, units: Mapping[str, int]) -> object:
    if not isinstance(value, str):
        return _bounded(value) if isinstance(value, int) else value
    match = _SIZE.fullmatch(value)
    if match is None or match[2].lower() not in units:
        raise ValueError("no size")
    return _bounded(int(float(match[1]) * units[match[2].lower()]))


def _bounded(number: int) -> int:
    """Sums of sizes are taken too, so there is room above the largest."""
    if number > _LARGEST:
        raise ValueError("no size")
    return number


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


Size = Annotated[int, parse_size]
"""A field that accepts `512MiB` and holds bytes."""

Count = Annotated[int, parse_count]
"""A field that accepts `300B` and holds a number."""
