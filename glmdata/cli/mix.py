"""`glmdata mix`: flags to config, one call, a table."""

from __future__ import annotations

from typing import Any

import click

from glmdata import _native, mix
from glmdata.cli import exit_codes
from glmdata.cli.mix_summary import print_mix_summary, print_mix_table
from glmdata.cli.options import GroupedCommand, GroupedOption, config_flags, given_flags
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.config.limits import RunLimits
from glmdata.config.model import options_of
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.mix import MixConfig


@click.command(
    "mix",
    cls=GroupedCommand,
    epilog="Every flag is also a key in [mix] of glmdata.toml and a variable GLMDATA_MIX_<KEY>. "
    "Exit codes: 0 done, 2 usage, 4 storage, 5 resources, 70 internal.",
)
@click.option(
    "--store",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="the token store; unset: shard in the workspace",
)
@config_flags(MixConfig, RunLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--dry-run", is_flag=True, help="print what is wanted of each source; write nothing")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    store: str | None,
    workspace: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Plan training rows: how much of which source, and which row holds what.

    Reads the lengths of documents in a token store and writes a plan, a few bytes a document. No
    token is copied: one store serves any number of mixtures and row lengths.
    """
    space = find_workspace(workspace)
    models = (MixConfig, RunLimits)
    names = [name for model in models for name in options_of(model)]
    given = gather("mix", models, space, given_flags(flags, names))
    config, limits = given.build(MixConfig), given.build(RunLimits)
    progress = _native.Progress()
    with watched(progress):
        if dry_run:
            rows = mix.preview(
                store,
                workspace=space.folder,
                threads=limits.threads,
                memory=limits.memory,
                progress=progress,
                **config.values(),
            )
        else:
            report = mix.run(
                store,
                limits.output,
                workspace=space.folder,
                threads=limits.threads,
                memory=limits.memory,
                fresh=fresh,
                progress=progress,
                **config.values(),
            )
    if dry_run:
        if as_json:
            say_json(rows)
        else:
            print_mix_table(rows)
        return exit_codes.DONE
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_mix_summary(report)
    return exit_codes.DONE
