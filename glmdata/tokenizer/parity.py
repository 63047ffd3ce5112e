"""Texts on which an export must give the same ids before it is kept.

They are made from the vocabulary itself, so that they reach its own tokens: each of a sample alone
and beside others, with the characters at which readers differ in between.
"""

from __future__ import annotations

import random

from glmdata.tokenizer.tokenizer import Tokenizer

SAMPLE = 3_000
_SEED = 1

_FIXED = (
    "",
    "Hello, world! It's 2026; they'LL have 1234567 reasons.",
    "你好，世界。东海的龙王在龙宫里，，、“引号”（括号）",
    "  leading\n\n\r\n \t trailing  \n",
    "def f(x):\n    return x ** 2  # 平方\n",
    "ａｂｃ１２３　全角",
    "naïve Ελληνικά русский עברית العربية हिन्दी ไทย 한국어 ひらがな",
    "👩🏽‍💻🇨🇳 e\u0301\u0301 \u200d\ufeff",
    "<|endoftext|>[gMASK]<sop><|user|>",
    "字" * 1000,
)
_BETWEEN = ("", " ", "\n", "'s", "1", "，", "的", "\r\n", "\u3000", "!")


def parity_texts(tokenizer: Tokenizer) -> list[str]:
    """The texts for one vocabulary, the same each time."""
    generator = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    tokens = [token.decode("utf-8", "ignore") for token in tokenizer.token_bytes()]
    words = [token for token in tokens if token]
    chosen = generator.sample(words, min(SAMPLE, len(words)))
    joined = [
        first + generator.choice(_BETWEEN) + second
        for first, second in zip(chosen, reversed(chosen), strict=True)
    ]
    return [*_FIXED, *chosen, *joined]
