"""Who stays: a document is removed only for one that is kept.

Walk the documents in keep order. One is removed if a verified pair leads to an earlier document
that was kept, else it is kept: the lexicographically first independent set (as in Blelloch,
Fineman, Shun, arXiv 1202.3205). Of a chain A~B~C in which A and C differ, A and C stay.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

SHORT = 400
"""Texts of fewer shingles need half of the missing share to be contained."""


@dataclass(frozen=True)
class Pair:
    """Two documents by position, and what was measured on their shingle sets."""

    a: int
    b: int
    shingles_a: int
    shingles_b: int
    shared: int
    relation: str = "same"
    """`same`, `variant` (differs in what it says) or `related` (not looked at closer)."""
    same_opening: bool = True
    """What the smaller text opens with stands in the larger one too."""
    extra_a: int = 0
    extra_b: int = 0
    """Bytes of boilerplate that `a` has and `b` has not, and the other way round."""

    @property
    def jaccard(self) -> float:
        """|A and B| / |A or B|."""
        return self.shared / (self.shingles_a + self.shingles_b - self.shared)

    @property
    def containment(self) -> float:
        """|A and B| / min(|A|, |B|)."""
        return self.share_of(min(self.shingles_a, self.shingles_b))

    def share_of(self, shingles: int) -> float:
        """|A and B| / |X|, where X is the one of so many shingles."""
        return self.shared / shingles


@dataclass(frozen=True)
class Removal:
    """Why a document left: the rule, the kept document, J and containment with it if measured."""

    rule: str
    kept: int
    measured: tuple[float, float] | None
    via: int | None = None
    """The document that `rule` is about, where that one went for `kept` itself."""


@dataclass(frozen=True)
class Policy:
    """The options that decide."""

    threshold: float = 0.8
    containment: float | None = None
    keep_variants: bool = True
    components: bool = False


def exact_stage(
    among: Iterable[int], keys: Sequence[Hashable], ranks: Sequence[int]
) -> dict[int, int]:
    """For each of these documents the first of them, in keep order, with its key."""
    first: dict[Hashable, int] = {}
    for document in sorted(among, key=ranks.__getitem__):
        first.setdefault(keys[document], document)
    return {document: first[keys[document]] for document in among}


def rule_of(pair: Pair, policy: Policy, leaving: int | None) -> str | None:
    """The rule by which one of two documents would leave for the other, if any.

    `leaving` is how many shingles it has; None: it may not leave for what holds a part of it only.
    """
    if pair.relation == "variant" and policy.keep_variants:
        return None
    if pair.relation != "related" and pair.jaccard >= policy.threshold:
        return "fuzzy"
    least = policy.containment
    if least is None or leaving is None:
        return None
    if leaving < SHORT:
        least = (least + 1) / 2  # one sentence is much of a short text
    return "contained" if pair.same_opening and pair.share_of(leaving) >= least else None


def remove_for_kept(
    pairs: Iterable[Pair], ranks: Sequence[int], policy: Policy
) -> dict[int, Removal]:
    """Removals such that each one's pair leads to a kept document, the nearest of those.

    Where two are equally near it is the one that comes first.
    """
    earlier: dict[int, list[tuple[int, Pair]]] = {}
    for pair in pairs:
        first, later = sorted((pair.a, pair.b), key=ranks.__getitem__)
        earlier.setdefault(later, []).append((first, pair))
    removed: dict[int, Removal] = {}
    for document in sorted(earlier, key=ranks.__getitem__):
        choices = []
        for kept, pair in earlier[document]:
            own = pair.shingles_b if document == pair.b else pair.shingles_a
            rule = rule_of(pair, policy, own)
            if rule is not None and kept not in removed:
                measured = (pair.jaccard, pair.share_of(own))
                choices.append((-pair.jaccard, ranks[kept], Removal(rule, kept, measured)))
        if choices:
            removed[document] = min(choices, key=lambda choice: choice[:2])[2]
    return removed


def remove_components(
    pairs: Sequence[Pair], ranks: Sequence[int], policy: Policy
) -> dict[int, Removal]:
    """All of a connected component but its first leave, whether or not they resemble it."""
    edges = [(pair.a, pair.b) for pair in pairs if rule_of(pair, policy, None)]
    first = first_of_component(edges, ranks)
    measured = {frozenset((p.a, p.b)): (p.jaccard, p.containment) for p in pairs}
    return {
        document: Removal("fuzzy", kept, measured.get(frozenset((document, kept))))
        for document, kept in enumerate(first)
        if kept != document
    }


def first_of_component(edges: Iterable[tuple[int, int]], ranks: Sequence[int]) -> list[int]:
    """For every document the one of lowest rank that edges lead to, itself if there is none."""
    neighbours: dict[int, list[int]] = {}
    for a, b in edges:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    first: dict[int, int] = {}
    for start in sorted(range(len(ranks)), key=ranks.__getitem__):
        waiting = [start]
        while waiting:
            document = waiting.pop()
            if document not in first:
                first[document] = start
                waiting += neighbours.get(document, ())
    return [first[document] for document in range(len(ranks))]


def inherit(
    removed: Mapping[int, Removal], winner: Mapping[int, int], rule: Mapping[int, str | None]
) -> dict[int, Removal]:
    """Add the exact copies, whose winner may itself have left for a third document.

    Parameters
    ----------
    winner
        The document that stands for each in the end; itself where `rule` is None.
    rule
        How a document equals its winner.
    """
    every = dict(removed)
    for document, name in rule.items():
        if name is not None:
            further = removed.get(winner[document])
            if further is None:
                every[document] = Removal(name, winner[document], (1.0, 1.0))
            else:
                twin = winner[document]
                every[document] = Removal(name, further.kept, further.measured, twin)
    return every


def clusters(
    removed: Mapping[int, Removal], pairs: Iterable[Pair], ranks: Sequence[int], threshold: float
) -> list[int]:
    """For every document the first one of its cluster: duplicates, and kept variants."""
    edges = [(document, removal.kept) for document, removal in removed.items()]
    edges += [
        (pair.a, pair.b)
        for pair in pairs
        if pair.relation == "variant"
        and pair.jaccard >= threshold
        and pair.a not in removed
        and pair.b not in removed
    ]
    return first_of_component(edges, ranks)
