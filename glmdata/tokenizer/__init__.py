"""A byte-level BPE tokenizer that people can train and trust.

>>> from glmdata import Tokenizer
>>> tokenizer = Tokenizer.load("cl100k_base")
>>> tokenizer.encode("你好, world")
[57668, 53901, 11, 1917]

`train` and `train_from_iterator` learn a vocabulary; `glmdata.shard.run` turns files into ids with
it. The modules `verify`, `repair`, `audit` and `export` each have a function of their name. Whoever
only encodes imports this package too: options and pyarrow are loaded when training is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glmdata.tokenizer.specials import GLM4_SPECIAL_TOKENS, Specials, glm4_specials
from glmdata.tokenizer.tokenizer import Batch, Tokenizer

if TYPE_CHECKING:
    from glmdata.tokenizer.config import CountConfig, TokenizerConfig
    from glmdata.tokenizer.inventory import count
    from glmdata.tokenizer.report import CountReport, TokenizerReport
    from glmdata.tokenizer.run import train, train_from_iterator

__all__ = [
    "GLM4_SPECIAL_TOKENS",
    "Batch",
    "CountConfig",
    "CountReport",
    "Specials",
    "Tokenizer",
    "TokenizerConfig",
    "TokenizerReport",
    "count",
    "glm4_specials",
    "train",
    "train_from_iterator",
]

_LAZY = {
    "CountConfig": "config",
    "CountReport": "report",
    "TokenizerConfig": "config",
    "TokenizerReport": "report",
    "count": "inventory",
    "train": "run",
    "train_from_iterator": "run",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
