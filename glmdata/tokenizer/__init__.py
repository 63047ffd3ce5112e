"""A byte-level BPE tokenizer that people can train and trust.

>>> from glmdata import Tokenizer
>>> tokenizer = Tokenizer.load("cl100k_base")
>>> tokenizer.encode("你好, world")
[57668, 53901, 11, 1917]

Training code imports this package: pydantic and pyarrow are loaded by none of it but training.
"""

from __future__ import annotations

from glmdata.tokenizer.specials import GLM4_SPECIAL_TOKENS, Specials, glm4_specials
from glmdata.tokenizer.tokenizer import Batch, Tokenizer

__all__ = [
    "GLM4_SPECIAL_TOKENS",
    "Batch",
    "Specials",
    "Tokenizer",
    "glm4_specials",
]
