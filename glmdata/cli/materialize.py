"""`glmdata materialize`: flags to config, one call, a table."""

from __future__ import annotations

from typing import Any

import click

from glmdata import export
from glmdata.cli.exported import print_export
from glmdata.cli.options import GroupedCommand, GroupedOption, config_flags, given_flags
from glmdata.config.sources import validated


@click.command(
    "materialize",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 2 usage, 4 storage, 70 internal.",
)
@click.option(
    "--input",
    "input",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="folder of `glmdata mix`; unset: mix in the workspace",
)
@click.option(
    "--store",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="token store of the plan; unset: where the plan says",
)
@config_flags(export.MaterializeConfig)
@click.option("--output", metavar="DIR", help="stage folder; unset: materialize in the workspace")
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the summary")
def command(
    input: str | None,
    store: str | None,
    output: str | None,
    workspace: str | None,
    fresh: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Write the rows of a plan as Arrow, in the order that the loader gives them.

    The columns are the loader's: input_ids, labels, position_ids, doc_ids, cu_seqlens, loss_weight.
    """
    options = given_flags(flags, export.MaterializeConfig.model_fields)
    origins = {key: "--" + key.replace("_", "-") for key in options}
    config = validated(export.MaterializeConfig, options, origins)
    report = export.materialize(
        input, output, store=store, workspace=workspace, fresh=fresh, **config.model_dump()
    )
    print_export(report, as_json)
