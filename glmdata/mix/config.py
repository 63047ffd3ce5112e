"""The options of mixing: the only place of their names, defaults and help.

A field is also the key in `[mix]` of glmdata.toml, the flag of `glmdata mix`, the keyword of
`glmdata.mix.run` and the attribute the compiled module reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from glmdata.config.fields import option
from glmdata.config.model import Config
from glmdata.config.sizes import Count

LONGEST_ROW = 1 << 20
"""Rows are at most this long: GLM-4's longest context is one million tokens."""


def numbers_of(pairs: list[str]) -> dict[str, float]:
    """The numbers of `name=number` by name.

    Raises
    ------
    ValueError
        What stands behind the last `=` is no number.
    """
    split = (pair.rpartition("=") for pair in pairs)
    return {name: float(number) for name, _, number in split}


def _pairs(given: object) -> object:
    """`[mix.weight]` with `book = 2` is read like `weight = ["book=2"]`."""
    if isinstance(given, Mapping):
        return [f"{name}={number}" for name, number in given.items()]
    return given


def _are_weights(pairs: list[str]) -> bool:
    return all(name and 0 <= n < float("inf") for name, n in numbers_of(pairs).items())


def _are_shares(pairs: list[str]) -> bool:
    return _are_weights(pairs) and sum(numbers_of(pairs).values()) <= 1


Numbers = Annotated[list[str], _pairs]
"""A field of `name=number` that may be a table too."""


@dataclass(frozen=True, init=False)
class MixConfig(Config):
    """What is taken, and how it becomes rows. Equal configs over equal stores give equal bytes."""

    target_tokens: Count | None = option(
        None,
        help="tokens of the mixture, as 1.5T, 300B; unset: what weights make of the store",
        expected="a number of tokens such as 300B",
        group="amount",
        metavar="N",
        ge=1,
    )
    weight: Numbers = option(
        [],
        help="source or source/lang and its weight; may repeat; others have 1",
        expected="a list of source=number or source/lang=number, numbers from 0",
        group="amount",
        metavar="SOURCE=W",
        check=_are_weights,
    )
    weight_unit: Literal["passes", "shares"] = option(
        "passes",
        help="what weights are: passes over a source, or shares of the mixture",
        expected="passes or shares",
        group="amount",
        metavar="UNIT",
    )
    recipe: Literal["none", "glm4"] = option(
        "none",
        help="glm4: books and encyclopedias weigh more, unless --weight names them",
        expected="none or glm4",
        group="amount",
        metavar="NAME",
    )
    temperature: float = option(
        1.0,
        help="above 1: small languages (--balance) get more, by their size to the power of 1/T",
        expected="a number from 1",
        group="amount",
        metavar="T",
        ge=1,
    )
    unimax: bool = option(
        False,
        help="all languages (--balance) get the same, but for what --max-epochs forbids",
        expected="true or false",
        group="amount",
        metavar="",
    )
    balance: Literal["lang", "source"] = option(
        "lang",
        help="what --temperature and --unimax are about: lang or source",
        expected="lang or source",
        group="amount",
        metavar="WHAT",
    )
    floor: Numbers = option(
        [],
        help="language and the least share of the mixture it gets; may repeat",
        expected="a list of lang=share, shares from 0 that sum to at most 1",
        group="amount",
        metavar="LANG=SHARE",
        check=_are_shares,
    )
    max_epochs: int = option(
        4,
        help="a document is taken at most so often, all reasons together",
        expected="a whole number from 1 to 1000",
        group="amount",
        metavar="N",
        ge=1,
        le=1000,
    )
    clusters: str | None = option(
        None,
        help="clusters.arrow of dedup: a document that stands for many weighs more",
        expected="a path",
        group="amount",
        metavar="FILE",
    )
    row_length: int = option(
        8192,
        help="tokens of a training row, of the longest one with buckets",
        expected=f"a whole number from 32 to {LONGEST_ROW}",
        group="rows",
        metavar="N",
        ge=32,
        le=LONGEST_ROW,
    )
    packing: Literal["best-fit", "concat", "buckets"] = option(
        "best-fit",
        help="best-fit: no document that fits is cut; concat: cut where a row ends; buckets: rows "
        "of --shortest-row, twice that, ... --row-length",
        expected="best-fit, concat or buckets",
        group="rows",
        metavar="HOW",
    )
    shortest_row: int = option(
        4096,
        help="tokens of the shortest row with buckets",
        expected="a whole number from 32, the row length divided by a power of two",
        group="rows",
        metavar="N",
        ge=32,
    )
    infill_rate: float = option(
        0.0,
        help="share of documents trained by GLM's blank infilling",
        expected="a share from 0 to 1",
        group="rows",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    infill_mask: float = option(
        0.3,
        help="share of those with short spans, [MASK]; those that are neither have their end "
        "behind [gMASK]",
        expected="a share from 0 to 1",
        group="rows",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    infill_sentence: float = option(
        0.0,
        help="share of those with whole sentences hidden, [sMASK]",
        expected="a share from 0 to 1, with infill_mask at most 1",
        group="rows",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    fim_rate: float = option(
        0.0,
        help="share of documents of --fim-source whose middle is moved to the end",
        expected="a share from 0 to 1",
        group="rows",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    fim_spm: float = option(
        0.5,
        help="share of those that begin with the suffix",
        expected="a share from 0 to 1",
        group="rows",
        metavar="SHARE",
        ge=0,
        le=1,
    )
    fim_source: list[str] = option(
        ["code"],
        help="sources of program text; may repeat",
        expected="a list of sources",
        group="rows",
        metavar="SOURCE",
    )
    fim_tokens: list[str] = option(
        [],
        help="tokens before prefix, suffix and middle, by name or id; unset: the usual ones",
        expected="three names or ids: prefix, suffix, middle",
        group="rows",
        metavar="NAME",
        check=lambda names: len(names) in (0, 3),
    )
    seed: int = option(
        0,
        help="another number, another choice and order",
        expected="a whole number from 0",
        group="rows",
        metavar="N",
        ge=0,
        le=2**64 - 1,
    )

    def _misfit(self) -> str | None:
        return "infill_sentence" if self.infill_mask + self.infill_sentence > 1 + 1e-9 else None
