"""`glmdata export`: flags to config, one call, a table."""

from __future__ import annotations

from typing import Any

import click

from glmdata.cli.exported import place_flags, write
from glmdata.cli.options import GroupedCommand, config_flags
from glmdata.export import EXPORT, ExportConfig, export

_EPILOG = "Exit codes: 0 done, 2 usage, 4 storage, 70 internal."


@click.command("export", cls=GroupedCommand, epilog=_EPILOG)
@place_flags(
    EXPORT, "folder of `glmdata mix` or `glmdata shard`; unset: mix in the workspace, else shard"
)
@config_flags(ExportConfig)
def command(as_json: bool, **flags: Any) -> None:
    """Write ids in the format of another trainer.

    Of a token store every document with its separator is a sequence; of a plan every row, in the
    order of the loader, padding included.
    """
    write(export, ExportConfig, flags, as_json)
