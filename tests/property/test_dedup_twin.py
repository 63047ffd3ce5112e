"""Whole runs on small corpora against the twin that compares every pair.

With bands of one row every pair that shares anything is compared, so the run must decide exactly as
the twin. With the default bands a run may miss pairs; what it then decides must follow from its own
ledger, and every removal must be true.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glmdata.reference import decide as twin_decide
from glmdata.reference.decide import SHORT, Pair
from glmdata.reference.dedup import Options, Outcome, decide, shingle_set
from glmdata.reference.jaccard import jaccard
from tests.property.stages import Stage, run
from tests.property.texts import Document, corpus, units

ALL_PAIRS = {"bands": "128x1"}
"""A pair of J = 0.5 is missed with probability 2^-128."""

OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "threshold": st.sampled_from([0.5, 0.65, 0.8, 0.8, 0.9, 1.0]),
        "shingle": st.sampled_from(["mixed", "mixed", "word:3", "char:8", "code"]),
        "script_fold": st.booleans(),
        "fuzzy_short": st.booleans(),
        "variants": st.sampled_from(["remove", "keep"]),
        "cluster": st.sampled_from(["representative", "representative", "components"]),
        "scope": st.sampled_from(["global", "lang", "source"]),
        "keep": st.sampled_from(["longest", "first", "newest:date", "best:score"]),
        "source_priority": st.sampled_from([[], ["wiki"], ["book", "code", "web"], ["nobody"]]),
        "containment": st.sampled_from([None, 0.7, 0.95]),
    },
)
# Only large numbers are drawn evenly; small ones come back again and again.
CORPORA = st.integers(2**40, 2**64).map(lambda seed: (seed, 20 + seed % 41))


def some(n: int) -> settings:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(derandomize=True, deadline=None, max_examples=n, suppress_health_check=quiet)


def with_relations(outcome: Outcome, stage: Stage) -> list[Pair]:
    """The twin's pairs with what the run says differs in them: that the twin does not judge."""
    said = {(pair.a, pair.b): pair for pair in stage.pairs}
    judged = ("relation", "same_opening", "extra_a", "extra_b")
    return [
        replace(pair, **{name: getattr(said[pair.a, pair.b], name) for name in judged})
        for pair in outcome.pairs
    ]


def check_measures(stage: Stage, outcome: Outcome) -> None:
    """The ledger holds all pairs of J >= 0.5, measured alike."""
    measured = {(p.a, p.b): (p.shingles_a, p.shingles_b, p.shared) for p in outcome.pairs}
    assert {(p.a, p.b): (p.shingles_a, p.shingles_b, p.shared) for p in stage.pairs} == measured


def check_decisions(stage: Stage, outcome: Outcome) -> None:
    """The same removals, for the same kept documents, by the same rules; the same clusters."""
    expected = {i: (removal.rule, removal.kept) for i, removal in outcome.removed.items()}
    assert stage.removed == expected
    assert stage.cluster == outcome.cluster
    assert stage.via == {i: r.via for i, r in outcome.removed.items() if r.via is not None}


def check_removals(stage: Stage, documents: list[Document], options: Options) -> None:
    """Every removal is for a kept document that it equals, resembles or is contained in."""
    for i, (rule, kept) in stage.removed.items():
        assert kept in stage.kept
        if i in stage.via:
            # The value is that of the last link: what tells the twin from the kept document.
            assert stage.via[i] not in stage.kept
            assert stage.decisions[i]["value"] == stage.decisions[stage.via[i]]["value"]
            continue
        ours, theirs = (shingle_set(documents[place], options) for place in (i, kept))
        if rule == "fuzzy":
            value = jaccard(ours, theirs)
            assert stage.decisions[i]["value"] == pytest.approx(value, abs=1e-12)
            assert value >= options.threshold == stage.decisions[i]["threshold"]
        elif rule == "contained":
            assert options.containment is not None
            least = (options.containment + 1) / 2 if len(ours) < SHORT else options.containment
            assert len(ours & theirs) / len(ours) >= least == stage.decisions[i]["threshold"]


@some(60)
@given(CORPORA, OPTIONS)
def test_with_all_pairs_compared_a_run_is_its_twin(
    tmp_path: Path, drawn: tuple[int, int], options: dict[str, Any]
) -> None:
    documents = corpus(*drawn)
    stage = run(tmp_path / "run", documents, **options, **ALL_PAIRS)
    twin = Options(**options)
    outcome = decide(documents, twin)
    check_measures(stage, outcome)
    check_decisions(stage, decide(documents, twin, with_relations(outcome, stage)))
    if twin.cluster == "representative":
        check_removals(stage, documents, twin)


@some(40)
@given(CORPORA, OPTIONS)
def test_with_bands_a_run_follows_from_its_ledger(
    tmp_path: Path, drawn: tuple[int, int], options: dict[str, Any]
) -> None:
    documents = corpus(*drawn)
    stage = run(tmp_path / "run", documents, **options)
    twin = Options(**options)
    check_decisions(stage, decide(documents, twin, stage.pairs))
    if twin.cluster == "representative":
        check_removals(stage, documents, twin)
    every = {(pair.a, pair.b, pair.shared) for pair in decide(documents, twin).pairs}
    assert {(pair.a, pair.b, pair.shared) for pair in stage.pairs} <= every


BARS = ["Share on Facebook", "© 2024 The Harbour", "责任编辑：李某", "返回顶部", "Skip to content"]
"""Lines that a page has around its text."""


def with_bars(documents: list[Document], seed: int) -> list[Document]:
    """Some of the documents with lines that say nothing."""
    rng = random.Random(seed)

    def dressed(document: Document) -> Document:
        if document["source"] == "code" or rng.random() < 0.5:
            return document
        bars = rng.sample(BARS, rng.randint(1, 3))
        return {**document, "text": "\n".join([document["text"], *bars])}

    return [dressed(document) for document in documents]


@some(40)
@given(CORPORA, OPTIONS)
def test_clean_copies_take_the_places_that_the_twin_gives_them(
    tmp_path: Path, drawn: tuple[int, int], options: dict[str, Any]
) -> None:
    documents = with_bars(corpus(*drawn), drawn[0])
    stage = run(tmp_path / "run", documents, **{**options, "keep": "longest"}, **ALL_PAIRS)
    twin = Options(**{**options, "keep": "longest"})
    check_decisions(stage, decide(documents, twin, stage.pairs))
    if twin.cluster == "representative":
        check_removals(stage, documents, twin)


def test_the_corpora_are_not_trivial(tmp_path: Path) -> None:
    """What the tests above draw holds every rule, chains, variants of scope and pairs to reject."""
    rules: Counter[str] = Counter()
    chains = pairs = 0
    for seed in range(12):
        documents = corpus(seed, 60)
        outcome = decide(documents, Options(containment=0.95))
        rules.update(removal.rule for removal in outcome.removed.values())
        components = decide(documents, Options(cluster="components"))
        chains += len(components.removed) - len(decide(documents, Options()).removed)
        pairs += sum(pair.jaccard < 0.8 for pair in outcome.pairs)
    assert min(rules[r] for r in ("exact-raw", "exact-normalised", "fuzzy", "contained")) > 5
    assert chains > 0
    assert pairs > 20


@pytest.mark.parametrize("script", ["en", "zh", "mixed", "thai"])
def test_a_chain_keeps_its_far_end(tmp_path: Path, script: str) -> None:
    """A~B, B~C, but not A~C: with A before B before C, B leaves for A, and C stays."""
    rng = random.Random(3)
    a = units(rng, script, 300)
    step = 3 if script == "thai" else 4
    b = edited_at(rng, a, script, range(20, 20 + 30 * step, 30))
    c = edited_at(rng, b, script, range(155, 155 + 30 * step, 30))
    documents = [{"id": n, "text": "".join(t)} for n, t in zip("abc", (a, b, c), strict=True)]
    options = Options(keep="first")
    sets = [shingle_set(document, options) for document in documents]
    near, far = jaccard(sets[0], sets[1]), jaccard(sets[0], sets[2])
    threshold = (near + far) / 2
    assert far < threshold < min(near, jaccard(sets[1], sets[2]))
    common = {"threshold": threshold, "keep": "first", "variants": "remove", **ALL_PAIRS}
    stage = run(tmp_path / "one", documents, **common)
    assert stage.removed == {1: ("fuzzy", 0)}
    stage = run(tmp_path / "two", documents, **common, cluster="components")
    assert stage.removed == {1: ("fuzzy", 0), 2: ("fuzzy", 0)}


def edited_at(rng: random.Random, parts: list[str], script: str, places: Any) -> list[str]:
    copy = list(parts)
    for place in places:
        copy[place] = units(rng, script, 1)[0]
    return copy


def scaled(document: Document, options: Options) -> frozenset[Any]:
    return frozenset(itertools.islice(shingle_set(document, options), 30))


@pytest.mark.parametrize(
    ("target", "mutant"),
    [
        ("glmdata.reference.dedup.shingle_set", scaled),
        ("glmdata.reference.dedup.MIN_SHINGLES", 100),
        ("glmdata.reference.dedup.remove_for_kept", twin_decide.remove_components),
        ("glmdata.reference.dedup.ranks", lambda documents, *_: list(range(len(documents)))),
    ],
    ids=["sets", "short texts", "chains", "order"],
)
def test_a_planted_mutation_of_a_run_is_seen(
    tmp_path: Path, target: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = corpus(5, 60)
    options: dict[str, Any] = {"variants": "remove", "threshold": 0.8}
    stage = run(tmp_path / "run", documents, **options, **ALL_PAIRS)
    outcome = decide(documents, Options(**options))
    check_measures(stage, outcome)
    check_decisions(stage, outcome)
    monkeypatch.setattr(target, mutant)
    outcome = decide(documents, Options(**options))
    with pytest.raises(AssertionError):
        check_measures_and_decisions(stage, outcome)


def check_measures_and_decisions(stage: Stage, outcome: Outcome) -> None:
    check_measures(stage, outcome)
    check_decisions(stage, outcome)
