"""Deduplication with every pair compared: no sketch, no bands, sets of tuples of strings.

What a run finds can differ from this in one way only: a pair that shares no band is not compared.
With bands of one row (128x1) that happens with probability (1 - J)^128, never.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

from glmdata.reference.decide import (
    Pair,
    Policy,
    Removal,
    clusters,
    exact_stage,
    inherit,
    remove_components,
    remove_for_kept,
)
from glmdata.reference.keep import Document, ranks
from glmdata.reference.normalise import normalise
from glmdata.reference.shingles import Shingle, shingles

MIN_SHINGLES = 20
"""Texts of fewer distinct shingles are compared only with `fuzzy_short`."""

LEDGER_FLOOR = 0.5
"""Pairs of a lower similarity are forgotten."""


@dataclass(frozen=True)
class Options:
    """The options of a run that matter here, named and spelled as there."""

    threshold: float = 0.8
    shingle: str = "mixed"
    fuzzy_short: bool = False
    variants: str = "keep"
    cluster: str = "representative"
    scope: str = "global"
    keep: str = "longest"
    source_priority: Sequence[str] = ()
    containment: float | None = None

    @property
    def policy(self) -> Policy:
        """The part that decides on measured pairs."""
        return Policy(
            threshold=self.threshold,
            containment=self.containment,
            keep_variants=self.variants == "keep",
            components=self.cluster == "components",
        )


@dataclass(frozen=True)
class Outcome:
    """What was decided about every document, by position."""

    removed: dict[int, Removal]
    cluster: list[int]
    """The first document of each one's cluster."""
    pairs: list[Pair]
    """All compared pairs of J >= 0.5."""


def is_code(document: Document, options: Options) -> bool:
    """Source code keeps its operators unless another shingling was asked for."""
    return bool(document.get("source") == "code" and options.shingle == "mixed")


def shingle_set(document: Document, options: Options) -> frozenset[Shingle]:
    """The shingles a document is compared by; empty if it is too short."""
    mode = "code" if is_code(document, options) else options.shingle
    found = frozenset(shingles(document["text"], mode))
    return found if options.fuzzy_short or len(found) >= MIN_SHINGLES else frozenset()


def scope_of(document: Document, options: Options) -> Hashable:
    """Documents of different scopes are not compared."""
    return None if options.scope == "global" else document.get(options.scope, "")


def all_pairs(documents: Sequence[Document], options: Options, among: Sequence[int]) -> list[Pair]:
    """Every pair of J >= 0.5 among the documents at these positions, measured."""
    sets = {i: shingle_set(documents[i], options) for i in among}
    pairs = []
    for a, b in combinations(sorted(among), 2):
        if scope_of(documents[a], options) != scope_of(documents[b], options):
            continue
        shared = len(sets[a] & sets[b])
        pair = Pair(a, b, len(sets[a]), len(sets[b]), shared)
        if shared and pair.jaccard >= LEDGER_FLOOR:
            pairs.append(pair)
    return pairs


def decide(
    documents: Sequence[Document], options: Options, pairs: Sequence[Pair] | None = None
) -> Outcome:
    """Deduplicate.

    Parameters
    ----------
    documents
        In canonical input order.
    pairs
        Measured pairs to decide on, such as a run's ledger; None: all pairs are compared, and all
        count as the same text, never as variants.
    """
    order = ranks(documents, options.keep, options.source_priority)
    scopes = [scope_of(document, options) for document in documents]
    raw = [document["text"] for document in documents]
    normal = [
        text if is_code(document, options) else normalise(text)
        for document, text in zip(documents, raw, strict=True)
    ]
    by_raw = exact_stage(range(len(raw)), list(zip(scopes, raw, strict=True)), order)
    survivors = sorted(set(by_raw.values()))
    by_normal = exact_stage(survivors, list(zip(scopes, normal, strict=True)), order)
    winner = [by_normal[by_raw[i]] for i in range(len(documents))]
    rule: list[str | None] = [
        "exact-raw" if by_raw[i] != i else "exact-normalised" if winner[i] != i else None
        for i in range(len(documents))
    ]
    if pairs is None:
        pairs = all_pairs(documents, options, [i for i, why in enumerate(rule) if why is None])
    policy = options.policy
    remove = remove_components if policy.components else remove_for_kept
    removed = inherit(remove(pairs, order, policy), winner, rule)
    cluster = clusters(removed, pairs, order, options.threshold)
    return Outcome(removed, cluster, list(pairs))
