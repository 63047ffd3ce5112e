"""How alike two sets are."""

from __future__ import annotations

from collections.abc import Hashable, Set


def jaccard(a: Set[Hashable], b: Set[Hashable]) -> float:
    """|A and B| / |A or B|, 0 for two empty sets."""
    return len(a & b) / max(len(a | b), 1)


def containment(a: Set[Hashable], b: Set[Hashable]) -> float:
    """|A and B| / min(|A|, |B|), 0 if one is empty."""
    return len(a & b) / max(min(len(a), len(b)), 1)
