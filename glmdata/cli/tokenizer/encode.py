"""`glmdata tokenizer encode`: the same as `glmdata shard`, into a folder beside it."""

from __future__ import annotations

from typing import Any

import click

from glmdata.cli.options import GroupedCommand, GroupedOption, config_flags, input_flags
from glmdata.cli.shard import write_store
from glmdata.config.limits import StageLimits
from glmdata.config.workspace import find_workspace
from glmdata.shard import ShardConfig


@click.command(
    "encode",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 2 usage, 3 too many bad inputs (the output is complete), "
    "4 storage, 70 internal.",
)
@click.option(
    "--tokenizer",
    "vocabulary",
    cls=GroupedOption,
    group="input",
    metavar="DIR|FILE|NAME",
    help="the vocabulary; unset: tokenizer in the workspace",
)
@input_flags(
    "file, folder, quoted glob, or -; may repeat; unset: filter in the workspace, else dedup"
)
@config_flags(ShardConfig, StageLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    vocabulary: str | None,
    inputs: tuple[str, ...],
    workspace: str | None,
    fresh: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Turn texts anywhere into ids: what `glmdata shard` does, written to `encode`.

    For texts held out, another vocabulary, another crawl: the store of the workspace that
    `glmdata mix` reads stays as it is.
    """
    space = find_workspace(workspace)
    usual = space.stage("encode")
    return write_store(space, usual, vocabulary, inputs, flags, fresh, False, as_json)
