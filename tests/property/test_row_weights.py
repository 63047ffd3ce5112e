"""Loss weights beside the sentence that defines them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glmdata.rows import balanced_weights


@given(
    st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=4),
    st.integers(0, 3),
    st.floats(0.125, 8),
    st.integers(0, 2**32 - 1),
)
def test_the_sum_is_the_mean_over_documents_of_their_means(
    documents: list[list[bool]], padding: int, weight: float, seed: int
) -> None:
    # Whether what a place predicts bears loss, document by document.
    bears = [flag for document in documents for flag in document] + [False] * padding
    doc_ids = [n for n, document in enumerate(documents) for _ in document] + [-1] * padding
    labels = [-100, *(7 if flag else -100 for flag in bears[:-1])]
    losses = np.random.default_rng(seed).random(len(labels))
    found = balanced_weights(np.array([labels]), np.array([doc_ids]), np.array([weight]))
    assert found.dtype == np.float32
    means = []
    for number in range(len(documents)):
        own = [
            losses[at]
            for at in range(1, len(labels))
            if labels[at] != -100 and doc_ids[at - 1] == number
        ]
        if own:
            means.append(sum(own) / len(own))
    expected = weight * sum(means) / len(means) if means else 0.0
    assert (losses * found[0]).sum() == pytest.approx(expected, rel=1e-5)


def test_rows_of_a_batch_have_their_own_weight() -> None:
    labels, doc_ids = np.array([[1, 2, 3], [1, 2, 3]]), np.array([[0, 0, 0], [0, 0, 1]])
    found = balanced_weights(labels, doc_ids, np.array([1.0, 0.5]))
    assert found.tolist() == [[0, 0.5, 0.5], [0, 0.25, 0.25]]
