"""Plan what a model sees: how much of which source, and which row holds which document.

>>> import glmdata
>>> report = glmdata.mix.run(target_tokens="2B", weight=["book=2"], row_length=8192)
>>> report.data["padding"]["share"]
0.0004

`run` reads the lengths of a token store, never its tokens, and writes a plan: a few bytes for each
slice of a document. The same store serves any number of plans.
"""

from __future__ import annotations

from glmdata.mix.config import MixConfig
from glmdata.mix.report import MixReport
from glmdata.mix.run import STAGE, preview, run
from glmdata.mix.weights import Row, Wanted, weigh

__all__ = ["STAGE", "MixConfig", "MixReport", "Row", "Wanted", "preview", "run", "weigh"]
