"""The options of training a tokenizer: the only place of their names, defaults and help.

A field is also the key in `[tokenizer]` of glmdata.toml, the flag of `glmdata train-tokenizer`, the
keyword of `glmdata.tokenizer.train` and the attribute the compiled module reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from glmdata.config import documents
from glmdata.config.fields import option
from glmdata.tokenizer.specials import GLM4_RANKS, OWN_NAMES, are_own

_WEIGHT = r"[A-Za-z-]+=[0-9]+(?:\.[0-9]+)?"


@dataclass(frozen=True, init=False)
class CountConfig(documents.ReadConfig):
    """What is counted, and how. Inventories add up if they were counted the same way."""

    digits: Literal["three", "single"] = option(
        "three",
        help="three: up to three digits make a piece; single: each digit alone",
        expected="three or single",
        group="input",
        metavar="HOW",
    )
    document_cap: int = option(
        256,
        help="how often one document may count a pre-token; 0: no limit",
        expected="a whole number from 0",
        group="guards",
        metavar="N",
        ge=0,
        le=2**32 - 1,
    )


@dataclass(frozen=True, init=False)
class TokenizerConfig(CountConfig):
    """What is counted and learned. Equal configs over equal inputs give equal bytes."""

    base: Literal["glm4", "cl100k-keep", "none"] = option(
        "glm4",
        help="glm4: cl100k_base without Han and numbers; cl100k-keep: all of it; none: bytes",
        expected="glm4, cl100k-keep or none",
        group="learning",
        metavar="NAME",
    )
    vocab_size: int = option(
        GLM4_RANKS,
        help="ranks in the end; special tokens come behind them",
        expected="a whole number from 257 to 1000000",
        group="learning",
        metavar="N",
        ge=257,
        le=1_000_000,
    )
    numbers: bool = option(
        True,
        help="make all numbers of two and three digits tokens (not with --digits single)",
        expected="true or false",
        group="learning",
        metavar="",
    )
    cover: str | None = option(
        None,
        help="file of characters that become tokens whatever the text says",
        expected="a path",
        group="learning",
        metavar="FILE",
    )
    policy: Literal["quota", "weighted", "parity", "union"] = option(
        "quota",
        help="quota: each language its share; weighted: all together; parity: the worst "
        "compressed first; union: two vocabularies, merged",
        expected="quota, weighted, parity or union",
        group="learning",
        metavar="NAME",
    )
    chinese_share: float = option(
        0.52,
        help="share of the learned tokens that Chinese documents choose (quota, union)",
        expected="a share from 0 to 1",
        group="learning",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    code_share: float = option(
        0.04,
        help="share of the learned tokens that code chooses (quota)",
        expected="a share from 0 to 1",
        group="learning",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    language_least: int = option(
        400,
        help="tokens that every other language chooses for itself (quota)",
        expected="a whole number from 0",
        group="learning",
        metavar="N",
        ge=0,
    )
    weight: list[str] = option(
        [],
        help="a language and what its counts are multiplied by (weighted); may repeat",
        expected="a list of language=number, such as zh=2.5",
        group="learning",
        metavar="LANG=N",
        each=_WEIGHT,
    )
    min_count: int = option(
        2,
        help="stop when the best pair occurs less often",
        expected="a whole number from 1",
        group="learning",
        metavar="N",
        ge=1,
    )
    min_documents: int | None = option(
        None,
        help="fewest documents behind a token; unset: 0.05 % of its language, at least 8",
        expected="a whole number from 0",
        group="guards",
        metavar="N",
        ge=0,
        le=2**32 - 1,
    )
    min_sources: int = option(
        3,
        help="fewest sources behind a token of three or more characters with Han, if there are as "
        "many; up to 10 are told apart",
        expected="a whole number from 0",
        group="guards",
        metavar="N",
        ge=0,
        le=10,
    )
    whole_characters: bool = option(
        True,
        help="no token joins a part of a character with what is outside of it",
        expected="true or false",
        group="guards",
        metavar="",
    )
    max_han: int = option(
        4,
        help="most characters of a token with Han; 0: no limit",
        expected="a whole number from 0",
        group="guards",
        metavar="N",
        ge=0,
    )
    max_token_bytes: int = option(
        128,
        help="most bytes of a token; 0: no limit",
        expected="a whole number from 0",
        group="guards",
        metavar="N",
        ge=0,
    )
    lexicon: str | None = option(
        None,
        help="file of words, one a line, that no learned token may contain",
        expected="a path",
        group="guards",
        metavar="FILE",
    )
    special: list[str] = option(
        [],
        help="a special token of your own, behind GLM-4's 14; may repeat",
        expected=OWN_NAMES,
        group="output",
        metavar="TOKEN",
        check=are_own,
    )
    pad_to_size: bool = option(
        False,
        help="if fewer tokens are learned, keep the ids of special tokens where they would be",
        expected="true or false",
        group="output",
        metavar="",
    )
    require_size: bool = option(
        False,
        help="exit 1 when fewer tokens are learned than asked for",
        expected="true or false",
        group="gates",
        metavar="",
    )

    @property
    def weights(self) -> dict[str, float]:
        """`weight` by language."""
        pairs = (item.rsplit("=", 1) for item in self.weight)
        return {language: float(number) for language, number in pairs}
