"""A whole recipe in one call: the stages in their order, each from what the one before left.

>>> import glmdata
>>> outcome = glmdata.engine.run("quickstart", input=["crawl/"])
>>> [step.stage for step in outcome.steps]
['dedup', 'tokenizer']

This is the only place that knows the order of stages; no stage imports another one.
"""

from __future__ import annotations

from glmdata.engine.recipe import PipelineConfig, Recipe, named_recipes, read_recipe
from glmdata.engine.run import Outcome, Pipeline, StepReport, open_pipeline, readers, run, stops
from glmdata.engine.steps import FIRST, ORDER

__all__ = [
    "FIRST",
    "ORDER",
    "Outcome",
    "Pipeline",
    "PipelineConfig",
    "Recipe",
    "StepReport",
    "named_recipes",
    "open_pipeline",
    "read_recipe",
    "readers",
    "run",
    "stops",
]
