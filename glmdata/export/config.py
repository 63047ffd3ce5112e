"""The options of writing ids for others: the only place of their names, defaults and help."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from glmdata.config.fields import option
from glmdata.config.sizes import Size


class MaterializeConfig(BaseModel):
    """Which order rows are written in, and how large files become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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


class ExportConfig(MaterializeConfig):
    """The same for formats of other trainers."""

    format: Literal["megatron", "nanotron", "olmo"] = option(
        "megatron",
        help="megatron (.bin, .idx), nanotron (.ds) or olmo (.npy)",
        expected="megatron, nanotron or olmo",
        group="output",
        metavar="NAME",
    )
