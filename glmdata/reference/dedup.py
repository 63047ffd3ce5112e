"""Deduplication with every pair compared: no sketch, no bands, sets of tuples of strings.

What a run finds can differ from this in one way only: a pair that shares no band is not compared.
With bands of one row (128x1) that happens with probability (1 - J)^128, never.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from glmdata.reference.clean import prefer_clean
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
from glmdata.reference.keep import Document, date_of, ranks
from glmdata.reference.normalise import normalise
from glmdata.reference.script_fold import fold_script
from glmdata.reference.shingles import Shingle, shingles
from glmdata.reference.url import url_form

MIN_SHINGLES = 20
"""Texts of fewer distinct shingles are compared only with `fuzzy_short`."""

LEDGER_FLOOR = 0.5
"""Pairs of a lower similarity are forgotten."""


@dataclass(frozen=True)
class Options:
    """The options of a run that matter here, named and spelled as there."""

    threshold: float = 0.8
    shingle: str = "mixed"
    script_fold: bool = False
    fuzzy_short: bool = False
    variants: str = "keep"
    cluster: str = "representative"
    scope: str = "global"
    keep: str = "longest"
    source_priority: Sequence[str] = ()
    containment: float | None = None
    url_dedup: bool = False
    date_field: str = "date,timestamp,published"

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


Winners = Mapping[int, int]
"""The document that stands for each one's group of equals, by position."""


def is_code(document: Document, options: Options) -> bool:
    """Source code keeps its operators unless another shingling was asked for."""
    return bool(document.get("source") == "code" and options.shingle == "mixed")


def compared_text(document: Document, options: Options) -> str:
    """The text that is compared: of prose, both Chinese scripts as one if that was asked for."""
    text = str(document["text"])
    code = options.shingle == "code" or is_code(document, options)
    return fold_script(text) if options.script_fold and not code else text


def shingle_set(document: Document, options: Options) -> frozenset[Shingle]:
    """The shingles a document is compared by; empty if it is too short."""
    mode = "code" if is_code(document, options) else options.shingle
    found = frozenset(shingles(compared_text(document, options), mode))
    return found if options.fuzzy_short or len(found) >= MIN_SHINGLES else frozenset()


def scope_of(document: Document, options: Options) -> Hashable:
    """Documents of different scopes are not compared."""
    return None if options.scope == "global" else document.get(options.scope, "")


def all_pairs(documents: Sequence[Document], options: Options, winner: Winners) -> list[Pair]:
    """Every pair of J >= 0.5 among the documents that stand for their groups, measured.

    A text that is prose in one source and code in another is compared as prose.
    """
    prose = {winner[i] for i in winner if not is_code(documents[i], options)}
    among = sorted(set(winner.values()))
    sets = {}
    for i in among:
        source = {"source": "prose"} if i in prose else {}
        sets[i] = shingle_set({**documents[i], **source}, options)
    pairs = []
    for a, b in combinations(among, 2):
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
    order = ranks(
        documents,
        options.keep,
        options.source_priority,
        lambda document: options.shingle == "code" or is_code(document, options),
        (lambda text: normalise(fold_script(text))) if options.script_fold else normalise,
        options.date_field,
    )
    scopes = [scope_of(document, options) for document in documents]
    raw = [document["text"] for document in documents]
    normal = [
        text if options.shingle == "code" or is_code(document, options) else normalise(text)
        for document in documents
        for text in [compared_text(document, options)]
    ]
    replaced: dict[int, int] = {}
    if options.url_dedup:
        forms = [url_form(document.get("url") or "") for document in documents]
        addressed = [i for i, form in enumerate(forms) if form is not None]
        first = exact_stage(addressed, list(zip(scopes, forms, strict=True)), order)
        replaced = {i: other for i, other in first.items() if other != i}
    left = [i for i in range(len(documents)) if i not in replaced]
    by_raw = exact_stage(left, list(zip(scopes, raw, strict=True)), order)
    survivors = sorted(set(by_raw.values()))
    by_normal = exact_stage(survivors, list(zip(scopes, normal, strict=True)), order)
    winner = {i: by_normal[by_raw[i]] for i in left}
    rule = {
        i: "exact-raw" if by_raw[i] != i else "exact-normalised" if winner[i] != i else None
        for i in left
    }
    if pairs is None:
        pairs = all_pairs(documents, options, winner)
    # Nothing leaves for a document whose address another one has.
    between = [pair for pair in pairs if pair.a not in replaced and pair.b not in replaced]
    policy = options.policy
    remove = remove_components if policy.components else remove_for_kept
    by_pairs = remove(between, order, policy)
    if options.keep == "longest" and not policy.components:
        best = list(options.source_priority)
        sources = [document.get("source") for document in documents]
        priority = [best.index(s) if s in best else len(best) for s in sources]
        dates = [date_of(document, options.date_field) for document in documents]
        by_pairs = prefer_clean(by_pairs, between, order, policy, priority, dates)
    removed = inherit(by_pairs, winner, rule)
    for document, other in replaced.items():
        further = removed.get(other)
        kept = further.kept if further else other
        removed[document] = Removal("url", kept, None, other if further else None)
    cluster = clusters(removed, between, order, options.threshold)
    return Outcome(removed, cluster, list(pairs))
