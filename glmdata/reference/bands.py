"""Banding: two documents are compared when all rows of some band of their sketches agree.

With independent slots that happens with probability 1 - (1 - J^rows)^bands (Leskovec, Rajaraman,
Ullman, Mining of Massive Datasets, section 3.4.2).
"""

from __future__ import annotations

from collections.abc import Sequence

DETECTION_AT_THRESHOLD = 0.94
"""The least probability with which a pair at the threshold must be compared."""

WIDEST_THRESHOLD = 0.8
"""Thresholds above take the banding of this one, so that one ledger can answer for them all."""


def detection(bands: int, rows: int, jaccard: float) -> float:
    """Probability that a pair of this similarity is compared."""
    return float(1 - (1 - jaccard**rows) ** bands)


def choose(num_perm: int, threshold: float) -> tuple[int, int]:
    """(bands, rows): the most rows, a power of two, that still detect a pair at the threshold."""
    rows = num_perm
    while rows > 1:
        bands = num_perm // rows
        if detection(bands, rows, min(threshold, WIDEST_THRESHOLD)) >= DETECTION_AT_THRESHOLD:
            return bands, rows
        rows //= 2
    return num_perm, 1


def bands_of(sketch: Sequence[int], bands: int, rows: int) -> list[tuple[int, ...]]:
    """The bands of a sketch as tuples; what the compiled half hashes to one key each."""
    return [tuple(sketch[band * rows : (band + 1) * rows]) for band in range(bands)]


def shares_a_band(a: Sequence[int], b: Sequence[int], bands: int, rows: int) -> bool:
    """Whether two sketches are to be compared."""
    pairs = zip(bands_of(a, bands, rows), bands_of(b, bands, rows), strict=True)
    return any(x == y for x, y in pairs)
