"""Numbers that look random and are a function of a key: SplitMix64, and xxh3-64 of 24 bytes."""

from __future__ import annotations

from typing import TypeVar

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15

Item = TypeVar("Item")


def mix(z: int) -> int:
    """The finaliser of SplitMix64."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


class Keyed:
    """The stream of SplitMix64 from a state."""

    def __init__(self, state: int) -> None:
        self.state = state

    @classmethod
    def of(cls, seed: int, purpose: int) -> Keyed:
        """The stream of a seed for one of several purposes."""
        return cls(mix(seed ^ mix(purpose)))

    def at(self, n: int) -> int:
        """The `n`-th number from here."""
        return mix((self.state + (n + 1) * STEP) & MASK)

    def next(self) -> int:
        """The next number."""
        self.state = (self.state + STEP) & MASK
        return mix(self.state)

    def below(self, n: int) -> int:
        """A number below `n`."""
        return self.next() * n >> 64

    def unit(self) -> float:
        """A number from 0 to below 1."""
        return (self.next() >> 11) / 2**53

    def shuffle(self, items: list[Item]) -> None:
        """Fisher and Yates, from the end."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]


_SECRET = bytes.fromhex("b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f")
"""The first half of the default secret's first 64 bytes (xxHash 0.8)."""


def order_of(doc: bytes, seed: int) -> int:
    """xxh3-64, seed 0, of a document's key (16 bytes) and the seed (8, little-endian)."""
    data = doc + seed.to_bytes(8, "little")
    total = len(data) * 0x9E3779B185EBCA87
    total += _fold(data[:16], _SECRET[:16]) + _fold(data[-16:], _SECRET[16:])
    total &= MASK
    total ^= total >> 37
    total = total * 0x165667919E3779F9 & MASK
    return total ^ (total >> 32)


def _fold(data: bytes, secret: bytes) -> int:
    low, high = (
        int.from_bytes(data[at : at + 8], "little") ^ int.from_bytes(secret[at : at + 8], "little")
        for at in (0, 8)
    )
    product = low * high
    return (product & MASK) ^ (product >> 64)
