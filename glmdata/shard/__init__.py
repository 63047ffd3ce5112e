"""Documents to ids on disk: the token store that training data is mixed from.

>>> import glmdata
>>> tokenizer = glmdata.Tokenizer.load("glmdata-out/tokenizer")
>>> report = glmdata.shard.run("crawl/", tokenizer=tokenizer)
>>> report.data["tokens"]
81201344

`run` writes a stage folder, one row a document and no separators: which rows a model sees is
planned by `glmdata.mix` on top of it, so one store serves every row length and every mixture.
"""

from __future__ import annotations

from glmdata.shard.config import ShardConfig
from glmdata.shard.plan import Plan, plan
from glmdata.shard.report import ShardReport
from glmdata.shard.run import STAGE, UPSTREAM, Encoder, run

__all__ = ["STAGE", "UPSTREAM", "Encoder", "Plan", "ShardConfig", "ShardReport", "plan", "run"]
