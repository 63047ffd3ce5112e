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

from glmdata import _native
from glmdata.dedup.config import DedupConfig
from glmdata.dedup.edits import Edit, apply_edits, read_edits
from glmdata.dedup.explain import Explanation, explain
from glmdata.dedup.plan import Plan, plan
from glmdata.dedup.report import DedupReport
from glmdata.dedup.run import rethreshold, run

__all__ = [
    "DedupConfig",
    "DedupReport",
    "Edit",
    "Explanation",
    "Plan",
    "apply_edits",
    "explain",
    "plan",
    "read_edits",
    "rethreshold",
    "run",
    "shingles",
]


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
