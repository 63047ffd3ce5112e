"""Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup, arXiv 1704.04370), the same integers.

A sketch has k slots, k a power of two. In round t every element gets a fresh hash; its top bits
name a slot, its low 48 bits are a rank. A slot keeps the smallest rank of the first round that
reached it. Rounds 0 to k-1 throw elements into slots; rounds k to 2k-1 are for slot t-k alone,
which fills what chance left empty. Two sketches agree in a slot with probability J.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

MASK = 2**64 - 1
EMPTY = MASK
"""A slot that nothing reached: only in sketches of the empty set."""

STEP = 0xD6E8_FEB8_6659_FD93
"""Added to a hash once a round."""

RANK_BITS = 48


def mix64(x: int) -> int:
    """Mix 64 bits: the finaliser of MurmurHash3 (Appleby, 2011), a bijection."""
    x ^= x >> 33
    x = x * 0xFF51_AFD7_ED55_8CCD & MASK
    x ^= x >> 33
    x = x * 0xC4CE_B9FE_1A85_EC53 & MASK
    return x ^ x >> 33


def sketch(hashes: Collection[int], num_perm: int) -> list[int]:
    """The sketch of a set of well-mixed 64-bit hashes.

    Parameters
    ----------
    hashes
        The set; order and repeats change nothing.
    num_perm
        Slots, a power of two.
    """
    slot_bits = num_perm.bit_length() - 1
    slots = [EMPTY] * num_perm
    for t in range(2 * num_perm if hashes else 0):
        for element in hashes:
            # The first round takes the hash as it is: most long texts need no other.
            mixed = element if t == 0 else mix64(element + t * STEP & MASK)
            slot = mixed >> 64 - slot_bits if t < num_perm else t - num_perm
            rank = mixed & (1 << RANK_BITS) - 1
            # The round goes on top, so that an earlier one always wins.
            slots[slot] = min(slots[slot], t << RANK_BITS | rank)
        if EMPTY not in slots:
            break
    return slots


def estimate(a: Sequence[int], b: Sequence[int]) -> float:
    """Share of equal slots: an unbiased estimate of the Jaccard similarity of the sets."""
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
