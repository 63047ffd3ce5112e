"""The options of writing ids for others: the only place of their names, defaults and help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from glmdata.config.fields import option
from glmdata.config.model import Config
from glmdata.config.sizes import Size


@dataclass(frozen=True, init=False)
class MaterializeConfig(Config):
    """Which order rows are written in, and how large files become."""

    seed: int | None = option(
        None,
        help="seed of the order of rows; unset: the plan's",
        expected="a whole number",
        group="output",
        metavar="N",
    )
    shard_size: Size = option(
        "1GiB",
        help="a file of rows ends before it has more bytes",
        expected="a size such as 1GiB",
        group="output",
        metavar="SIZE",
        ge=1,
    )


@dataclass(frozen=True, init=False)
class ExportConfig(MaterializeConfig):
    """The same for formats of other trainers."""

    format: Literal["megatron", "nanotron", "olmo"] = option(
        "megatron",
        help="megatron (.bin, .idx), nanotron (.ds) or olmo (.npy)",
        expected="megatron, nanotron or olmo",
        group="output",
        metavar="NAME",
    )
