"""Attention that stays inside of documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def block_diagonal_mask(
    doc_ids: npt.NDArray[Any], two_way: npt.NDArray[Any] | None = None
) -> npt.NDArray[np.bool_]:
    """Which positions each position may attend to: itself and those before it in its document.

    For attention that takes no `cu_seqlens`; it is L times as large. Padding attends to padding,
    so that no row of the softmax is empty.

    Parameters
    ----------
    doc_ids
        [..., L], as `TokenRows` gives them.
    two_way
        The same: with blank infilling, places that those before them in the document may see too.

    Returns
    -------
    bool [..., L, L]: queries by keys, True where attention is allowed.

    Examples
    --------
    >>> import numpy as np
    >>> block_diagonal_mask(np.array([0, 0, 1])).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [0, 0, 1]])
    """
    same = doc_ids[..., :, None] == doc_ids[..., None, :]
    if two_way is None:
        return np.asarray(np.tril(same), dtype=bool)
    return np.asarray(np.tril(same) | (same & two_way[..., None, :].astype(bool)), dtype=bool)
