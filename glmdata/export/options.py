"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class MaterializeOptions(TypedDict, total=False):
    """The fields of `MaterializeConfig`."""

    seed: int | None
    """Seed of the order of rows; unset: the plan's."""
    shard_size: int | str
    """A file of rows ends before it has more bytes."""


class ExportOptions(TypedDict, total=False):
    """The fields of `ExportConfig`."""

    seed: int | None
    """Seed of the order of rows; unset: the plan's."""
    shard_size: int | str
    """A file of rows ends before it has more bytes."""
    format: Literal["megatron", "nanotron", "olmo"]
    """Megatron (.bin, .idx), nanotron (.ds) or olmo (.npy)."""
