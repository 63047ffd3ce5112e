"""The sketch: the integers of its twin, a function of the set, unbiased, tighter than MinHash."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.errors import ConfigError
from glmdata.reference import sketch as twin
from glmdata.reference.sketch import estimate, sketch
from tests.property.synthetic import NUM_PERM, PAIRS, SHAPES, Shape, equal_slots

HASHES = st.lists(st.integers(0, 2**64 - 1), max_size=60)
NAMED = pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.union}-{s.jaccard}")


def check_twin(hashes: list[int], num_perm: int) -> None:
    assert _native.sketch(hashes, num_perm) == sketch(hashes, num_perm)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(HASHES, st.sampled_from([16, 64, 128]))
def test_sketches_are_the_twins(hashes: list[int], num_perm: int) -> None:
    check_twin(hashes, num_perm)


@pytest.mark.parametrize("size", [1, 2, 127, 128, 129, 500, 3_000])
@pytest.mark.parametrize("num_perm", [16, 128, 1024])
def test_sketches_of_many_sizes_are_the_twins(size: int, num_perm: int) -> None:
    """One element alone reaches the rounds that fill slots one by one."""
    rng = random.Random(size)
    if num_perm == 1024 and size > 1:
        size = min(size, 128)
    check_twin([rng.getrandbits(64) for _ in range(size)], num_perm)


@pytest.mark.parametrize(
    ("name", "value"),
    [("STEP", twin.STEP + 2), ("RANK_BITS", 47), ("mix64", lambda x: x * twin.STEP & twin.MASK)],
)
def test_a_planted_mutation_of_the_sketch_is_seen(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1)
    hashes = [rng.getrandbits(64) for _ in range(40)]
    check_twin(hashes, 128)
    monkeypatch.setattr(twin, name, value)
    with pytest.raises(AssertionError):
        check_twin(hashes, 128)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(HASHES, st.randoms(use_true_random=False))
def test_order_and_repeats_change_nothing(hashes: list[int], rng: random.Random) -> None:
    again = hashes + rng.choices(hashes, k=len(hashes)) if hashes else []
    rng.shuffle(again)
    assert _native.sketch(again, 128) == _native.sketch(hashes, 128)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(HASHES, st.integers(0, 60))
def test_the_sketch_of_a_union_comes_from_its_parts(hashes: list[int], cut: int) -> None:
    """Slot by slot the smaller wins, so text may come in chunks; up to where both are filled."""
    left, right = _native.sketch(hashes[:cut], 128), _native.sketch(hashes[cut:], 128)
    assert [min(pair) for pair in zip(left, right, strict=True)] == _native.sketch(hashes, 128)


def test_sketches_of_nothing_are_empty_and_odd_sizes_refused() -> None:
    assert set(_native.sketch([], 128)) == {twin.EMPTY}
    for wrong in (0, 8, 100, 2048):
        with pytest.raises(ConfigError, match="num_perm"):
            _native.sketch([1], wrong)


@NAMED
def test_the_estimate_is_unbiased(shape: Shape) -> None:
    estimates = equal_slots(shape).mean(axis=1)
    standard_error = estimates.std(ddof=1) / PAIRS**0.5
    assert abs(estimates.mean() - shape.jaccard) < 3 * standard_error


@NAMED
def test_the_estimate_varies_no_more_than_minhash(shape: Shape) -> None:
    variance = equal_slots(shape).mean(axis=1).var(ddof=1)
    assert variance <= 1.1 * shape.jaccard * (1 - shape.jaccard) / NUM_PERM


@NAMED
def test_every_slot_agrees_as_often(shape: Shape) -> None:
    """No slot may be worse than others: bands are made of neighbours."""
    share = equal_slots(shape).mean(axis=0)
    standard_error = (shape.jaccard * (1 - shape.jaccard) / PAIRS) ** 0.5
    # The largest of 128 normal deviates stays below 4.5 with probability 0.999.
    assert np.abs(share - shape.jaccard).max() < 4.5 * standard_error


def test_estimates_are_shares_of_equal_slots() -> None:
    assert estimate([1, 2, 3, 4], [1, 2, 5, 4]) == 0.75
