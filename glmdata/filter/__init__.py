"""Keep what is worth training on: score once, then decide by rules that can be changed.

>>> import glmdata
>>> report = glmdata.filter.run("crawl/", preset="glm4")
>>> report.removed["chinese-web/few_han"]
12

`run` writes a stage folder and returns its report; with `rescore_from` it decides again from the
scores of an earlier run, without measuring anything. `calibrate` fits thresholds to a corpus,
`train_classifier` teaches what rules have no words for.
`signals` shows the numbers of one text, `languages` what language texts are in, `worst_passage`
what in a text is most probably offensive.
"""

from __future__ import annotations

from glmdata import _native
from glmdata.filter.benchmark import benchmark_pack
from glmdata.filter.calibrate import Threshold, calibrate
from glmdata.filter.classifier import ClassifierConfig, Trained, train_classifier
from glmdata.filter.config import FilterConfig, ScoreConfig
from glmdata.filter.fate import Fate, fate_of
from glmdata.filter.labelled import Fitted, FittedRule, Point, calibrate_labelled
from glmdata.filter.language import languages
from glmdata.filter.passage import Passage, passage_of, worst_passage
from glmdata.filter.plan import Plan, plan
from glmdata.filter.report import FilterReport
from glmdata.filter.run import run

__all__ = [
    "ClassifierConfig",
    "Fate",
    "FilterConfig",
    "FilterReport",
    "Fitted",
    "FittedRule",
    "Passage",
    "Plan",
    "Point",
    "ScoreConfig",
    "Threshold",
    "Trained",
    "benchmark_pack",
    "calibrate",
    "calibrate_labelled",
    "fate_of",
    "languages",
    "passage_of",
    "plan",
    "run",
    "signals",
    "train_classifier",
    "worst_passage",
]


def signals(text: str) -> dict[str, float]:
    """Name and value of every signal of a text: what rules are made of.

    Parameters
    ----------
    text
        Any text, as it was crawled.

    Examples
    --------
    >>> signals("你好，world")["han_share"]
    0.6666666666666666
    """
    return dict(_native.signals(text))
