"""The order of rows: every row once, the same for numbers and arrays, and even over all seeds."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glmdata.rows.order import Order, row_at


@given(st.integers(1, 3_000), st.integers(-(2**70), 2**70), st.integers(0, 5))
def test_every_row_comes_once(n: int, seed: int, epoch: int) -> None:
    order = Order(n, seed, epoch)
    rows = [order[place] for place in range(n)]
    assert sorted(rows) == list(range(n))
    assert order.many(range(n)).tolist() == rows
    assert len(order) == n


def test_every_row_comes_once_for_all_small_n() -> None:
    for n in range(400):
        assert sorted(Order(n, seed=n).many(range(n)).tolist()) == list(range(n))


def test_huge_plans_have_an_order_too() -> None:
    # 10T tokens in rows of 8192: 1.2e9 rows; also more than fits half of a word.
    for n in (1_220_703_125, 2**40 + 1, 2**62 - 1):
        order = Order(n, seed=1)
        places = [0, 1, 2, n // 2, n - 2, n - 1]
        rows = [order[place] for place in places]
        assert len(set(rows)) == len(rows)
        assert all(0 <= row < n for row in rows)
        assert order.many(places).tolist() == rows


def test_all_orders_of_few_rows_are_as_frequent() -> None:
    seeds = 12_000
    for n in (2, 3, 4):
        count = Counter(tuple(Order(n, seed).many(range(n)).tolist()) for seed in range(seeds))
        assert set(count) == set(permutations(range(n)))
        expected = seeds / len(count)
        chi_square = sum((found - expected) ** 2 / expected for found in count.values())
        # Of 23 degrees of freedom at most; 50 is exceeded once in a thousand.
        assert chi_square < 50, (n, chi_square)


def test_places_are_independent_of_rows() -> None:
    # Where each tenth of the rows lands, over seeds: a table of 10 x 10 that must be even.
    n, seeds = 1_000, 200
    table = np.zeros((10, 10))
    steps = np.zeros(10)
    for seed in range(seeds):
        rows = Order(n, seed).many(range(n))
        np.add.at(table, (np.arange(n) * 10 // n, rows * 10 // n), 1)
        # Neighbours must not stay neighbours either: the way from one row to the next is even.
        np.add.at(steps, np.diff(rows, append=rows[0]) % n * 10 // n, 1)
    expected = n * seeds / 100
    assert ((table - expected) ** 2 / expected).sum() < 150  # 81 degrees of freedom
    expected = n * seeds / 10
    assert ((steps - expected) ** 2 / expected).sum() < 40  # 9 degrees of freedom


def test_epochs_and_seeds_differ_and_places_are_checked() -> None:
    first = Order(100, 1).many(range(100)).tolist()
    assert first == Order(100, 1).many(range(100)).tolist()
    assert first != Order(100, 1, 1).many(range(100)).tolist()
    assert first != Order(100, 2).many(range(100)).tolist()
    assert [row_at(position, 100, 1) for position in range(100)] == first
    assert row_at(203, 100, 1) == Order(100, 1, 2)[3]
    for place in (-1, 100):
        with pytest.raises(IndexError, match="expected 0 to 99"):
            Order(100, 1)[place]


def test_the_order_is_written_down() -> None:
    # Resuming an old run with a new version needs the very same order.
    assert Order(10, 2406).many(range(10)).tolist() == [3, 2, 6, 8, 1, 9, 7, 0, 4, 5]
    assert Order(10**6, 2406).many([0, 1, 2, 999_999]).tolist() == [805785, 774786, 553402, 406741]
