"""Remove exact and near duplicates, each for a kept document that can be shown.

>>> import glmdata
>>> report = glmdata.dedup.run("crawl/")
>>> report.documents_kept, report.removed["fuzzy"]
(2345, 120)

`run` writes a stage folder and returns its report, `rethreshold` decides again without
comparing texts, `explain` tells why one document stayed or went, `shingles` shows what is compared,
`read_edits` and `apply_edits` replay what was cut out of kept documents.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glmdata import _native
from glmdata.dedup.config import DedupConfig
from glmdata.dedup.plan import Plan, plan
from glmdata.dedup.report import DedupReport
from glmdata.dedup.run import rethreshold, run

if TYPE_CHECKING:
    from glmdata.dedup.edits import Edit, apply_edits, read_edits
    from glmdata.dedup.explanation import Explanation, explain

__all__ = [
    "DedupConfig",
    "DedupReport",
    "Edit",
    "Explanation",
    "Plan",
    "apply_edits",
    "explain",
    "minhash",
    "plan",
    "read_edits",
    "rethreshold",
    "run",
    "shingles",
]

_LAZY = {
    "Edit": "edits",
    "Explanation": "explanation",
    "apply_edits": "edits",
    "explain": "explanation",
    "read_edits": "edits",
}
"""What a run does not need -> the module it is in, none of which may be called like a function."""


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def minhash(text: str, mode: str = "mixed", num_perm: int = 128) -> list[int]:
    """The values of a text's sketch under `scheme="datasketch"`, to query or feed its indexes.

    They equal those of `datasketch.MinHash(num_perm, seed=1)` of datasketch 2.0 (its scheme
    affine32) fed with the UTF-8 of `shingles(text, mode)`: `num_perm` integers of 32 bits.

    Parameters
    ----------
    text
        Any text; it is normalised first.
    mode
        As in `shingles`.
    num_perm
        A power of two from 16 to 1024.

    Raises
    ------
    ConfigError
        An unknown mode, or a `num_perm` that is no such number.
    """
    return _native.minhash(text, mode, num_perm)


def shingles(text: str, mode: str = "mixed") -> list[str]:
    """The pieces of a text that are compared, in order of first appearance.

    Parameters
    ----------
    text
        Any text; it is normalised first (NFKC, case folded, white space collapsed).
    mode
        `mixed` (a window of Han characters and words), `word:N`, `char:N` or `code`.

    Raises
    ------
    ConfigError
        An unknown mode.
    """
    return _native.shingles(text, mode)
