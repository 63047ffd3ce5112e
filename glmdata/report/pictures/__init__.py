"""The pictures of a report: each from files that stages wrote, none from a text.

One that cannot be drawn says why in its place.
"""

from __future__ import annotations

from glmdata.report.collect import Corpus
from glmdata.report.pictures.copies import copies
from glmdata.report.pictures.flow import flow
from glmdata.report.pictures.mixture import mixture
from glmdata.report.pictures.signals import signals
from glmdata.stage.picture import Picture

__all__ = ["pictures"]


def pictures(corpus: Corpus) -> dict[str, list[Picture]]:
    """Pictures by the part of the page that shows them: where, rules, mixture."""
    return {
        "where": flow(corpus),
        "rules": [*copies(corpus), *signals(corpus)],
        "mixture": mixture(corpus),
    }
