"""Loss weights of LongAlign (arXiv 2401.18058): every document counts the same, long or short."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from glmdata.rows.modes import NO_LOSS


def balanced_weights(
    labels: npt.NDArray[Any], doc_ids: npt.NDArray[Any], loss_weight: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """What to multiply the loss of each label by, in a plan of length buckets.

    The sum over a batch, divided by its rows, is then the mean over rows of `loss_weight` times
    the mean over documents of the mean over the document's labels. A label belongs to the document
    of the place that predicts it, the one before.

    Parameters
    ----------
    labels, doc_ids
        [B, L], as a batch has them.
    loss_weight
        [B]

    Returns
    -------
    float32 [B, L]: 0 where a label bears no loss, and at the first place, which nothing predicts.

    Examples
    --------
    >>> import numpy as np
    >>> labels, doc_ids = np.array([[5, 6, 7, 8, -100]]), np.array([[0, 0, 0, 1, -1]])
    >>> balanced_weights(labels, doc_ids, np.array([3.0]))
    array([[0., 1., 1., 1., 0.]], dtype=float32)
    """
    weights = np.zeros(labels.shape, np.float32)
    for row, (targets, documents) in enumerate(zip(labels[:, 1:], doc_ids[:, :-1], strict=True)):
        bears = (targets != NO_LOSS) & (documents >= 0)
        counts = np.bincount(documents[bears])
        if len(counts):
            share = loss_weight[row] / np.count_nonzero(counts)
            weights[row, 1:][bears] = share / counts[documents[bears]]
    return weights
