"""Our candidates and similarities beside those of datasketch 2.0 on the same shingles.

datasketch (https://github.com/ekzhu/datasketch, its default scheme affine32) hashes differently, so
no pair has to agree; shares over many independent pairs do. Its `MinHashLSH` runs with our bands.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import datasketch
import numpy as np
import pytest
from numpy.typing import NDArray

from glmdata import _native
from glmdata.reference.bands import detection, shares_a_band
from glmdata.reference.jaccard import jaccard
from glmdata.reference.shingles import shingles
from glmdata.reference.sketch import estimate
from tests.property.texts import edited, units

pytestmark = pytest.mark.differential

NUM_PERM, BANDS, ROWS = 128, 16, 8
PAIRS = 600
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """PAIRS independent pairs: their similarity, and what each side makes of them."""

    truth: Floats
    ours_found: Floats
    theirs_found: Floats
    ours_estimate: Floats
    theirs_estimate: Floats


@cache
def compared(script: str) -> Compared:
    """Near copies of J from about 0.4 to 1, of a few hundred shingles."""
    rng = random.Random(script)
    texts = []
    for _ in range(PAIRS):
        parts = units(rng, script, 300)
        near = edited(rng, parts, script, rng.randint(0, 16))
        texts.append(("".join(parts), "".join(near)))
    sets = [[{" ".join(s) for s in shingles(text, "mixed")} for text in pair] for pair in texts]
    ours = [
        [_native.sketch(_native.shingle_hashes(text, "mixed"), NUM_PERM) for text in pair]
        for pair in texts
    ]
    theirs = []
    lsh = datasketch.MinHashLSH(num_perm=NUM_PERM, params=(BANDS, ROWS))
    for number, pair in enumerate(sets):
        hashes = [datasketch.MinHash(num_perm=NUM_PERM, seed=1) for _ in pair]
        for one, shingle_set in zip(hashes, pair, strict=True):
            one.update_batch([shingle.encode() for shingle in shingle_set])
        lsh.insert(number, hashes[0])
        theirs.append(hashes)
    return Compared(
        truth=np.array([jaccard(*pair) for pair in sets]),
        ours_found=np.array([shares_a_band(*pair, BANDS, ROWS) for pair in ours], float),
        theirs_found=np.array([n in lsh.query(pair[1]) for n, pair in enumerate(theirs)], float),
        ours_estimate=np.array([estimate(*pair) for pair in ours]),
        theirs_estimate=np.array([pair[0].jaccard(pair[1]) for pair in theirs]),
    )


def expected(truth: Floats) -> Floats:
    return np.array([detection(BANDS, ROWS, value) for value in truth.tolist()])


def check_found(found: Floats, truth: Floats) -> None:
    """As many pairs are found as the formula expects of these similarities."""
    chance = expected(truth)
    standard_error = np.sqrt((chance * (1 - chance)).sum())
    assert abs(found.sum() - chance.sum()) < 3 * standard_error


def check_estimates(estimates: Floats, truth: Floats) -> None:
    """Estimates are right on average, and no further off than MinHash may be."""
    variance = truth * (1 - truth) / NUM_PERM
    assert abs((estimates - truth).sum()) < 3 * np.sqrt(variance.sum())
    assert ((estimates - truth) ** 2).sum() < 1.1 * variance.sum() * (1 + 3 * (2 / PAIRS) ** 0.5)


SCRIPTS = pytest.mark.parametrize("script", ["en", "zh", "mixed"])


def test_it_is_the_datasketch_that_is_meant() -> None:
    assert datasketch.__version__.split(".")[0] == "2"


@SCRIPTS
def test_pairs_are_of_all_similarities(script: str) -> None:
    truth = compared(script).truth
    for low, high in ((0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0)):
        assert ((low <= truth) & (truth < high)).sum() > 30


@SCRIPTS
def test_both_find_as_many_candidates_as_theory_says(script: str) -> None:
    pairs = compared(script)
    check_found(pairs.theirs_found, pairs.truth)
    check_found(pairs.ours_found, pairs.truth)


@SCRIPTS
def test_both_disagree_on_no_more_pairs_than_chance(script: str) -> None:
    """Two independent tries on the same pair differ with probability 2p(1 - p)."""
    pairs = compared(script)
    chance = expected(pairs.truth)
    differ = 2 * chance * (1 - chance)
    apart = (pairs.ours_found != pairs.theirs_found).sum()
    assert apart < differ.sum() + 3 * np.sqrt((differ * (1 - differ)).sum())


@SCRIPTS
def test_both_estimate_the_exact_similarity(script: str) -> None:
    pairs = compared(script)
    check_estimates(pairs.theirs_estimate, pairs.truth)
    check_estimates(pairs.ours_estimate, pairs.truth)


@SCRIPTS
def test_exact_similarities_are_those_of_hash_sets(script: str) -> None:
    """Sets of 64-bit hashes, which the run compares, against sets of strings."""
    rng = random.Random(script)
    for _ in range(50):
        parts = units(rng, script, 200)
        pair = "".join(parts), "".join(edited(rng, parts, script, rng.randint(0, 10)))
        hashed = [set(_native.shingle_hashes(text, "mixed")) for text in pair]
        assert jaccard(*hashed) == jaccard(*(set(_native.shingles(t, "mixed")) for t in pair))


def test_a_planted_mutation_of_the_candidates_is_seen() -> None:
    """Two bands lost, as an off-by-one in cutting would."""
    pairs = compared("zh")
    lost = pairs.ours_found * (np.arange(PAIRS) % 16 > 1)
    check_found(pairs.ours_found, pairs.truth)
    with pytest.raises(AssertionError):
        check_found(lost, pairs.truth)


def test_a_planted_mutation_of_the_sketch_is_seen() -> None:
    """Sketches over every other shingle by position: the fault that made rivals fast."""
    rng = random.Random(9)
    truth, sampled = [], []
    for _ in range(PAIRS):
        parts = units(rng, "zh", 300)
        pair = "".join(parts), "".join(units(rng, "zh", 1) + parts)
        hashes = [_native.shingle_hashes(text, "mixed") for text in pair]
        truth.append(jaccard(*map(set, hashes)))
        sampled.append(estimate(*(_native.sketch(every[::2], NUM_PERM) for every in hashes)))
    with pytest.raises(AssertionError):
        check_estimates(np.array(sampled), np.array(truth))
