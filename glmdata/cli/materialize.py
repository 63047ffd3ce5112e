"""`glmdata materialize`: flags to config, one call, a table."""

from __future__ import annotations

from typing import Any

import click

from glmdata.cli.exported import place_flags, write
from glmdata.cli.options import GroupedCommand, config_flags
from glmdata.export import MATERIALIZE, MaterializeConfig, materialize

_EPILOG = "Exit codes: 0 done, 2 usage, 4 storage, 70 internal."


@click.command("materialize", cls=GroupedCommand, epilog=_EPILOG)
@place_flags(MATERIALIZE, "folder of `glmdata mix`; unset: mix in the workspace")
@config_flags(MaterializeConfig)
def command(as_json: bool, **flags: Any) -> None:
    """Write the rows of a plan as Arrow, in the order that the loader gives them.

    The columns are the loader's: input_ids, labels, position_ids, doc_ids, cu_seqlens, loss_weight.
    """
    write(materialize, MaterializeConfig, flags, as_json)
