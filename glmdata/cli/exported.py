"""What `glmdata materialize` and `glmdata export` share: flags, the call, what is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from glmdata.cli.options import GroupedOption, given_flags
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import show_seconds, watched
from glmdata.config.given import validated
from glmdata.config.model import options_of
from glmdata.export import PHASE, ExportReport, MaterializeConfig
from glmdata.stage.counters import Counters

Command = Callable[..., None]
_PLACES = ("input", "store", "output", "workspace", "fresh")


def place_flags(stage: str, read: str) -> Callable[[Command], Command]:
    """Give a command its flags for what is read and where it goes.

    Parameters
    ----------
    stage
        The name of the stage folder in the workspace.
    read
        What --input may be, for its help.
    """
    unset = f"stage folder; unset: {stage} in the workspace"
    where = "token store of a plan; unset: where the plan says"
    flags = (
        click.option("--input", cls=GroupedOption, group="input", metavar="DIR", help=read),
        click.option("--store", cls=GroupedOption, group="input", metavar="DIR", help=where),
        click.option("--output", metavar="DIR", help=unset),
        click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out"),
        click.option("--fresh", is_flag=True, help="remove what an earlier run wrote"),
        click.option("--json", "as_json", is_flag=True, help="print report.json"),
    )

    def decorate(function: Command) -> Command:
        for flag in reversed(flags):
            function = flag(function)
        return function

    return decorate


def write(
    work: Callable[..., ExportReport],
    model: type[MaterializeConfig],
    flags: dict[str, Any],
    as_json: bool,
) -> None:
    """Judge the flags, do the work, print its report."""
    places = {name: flags.pop(name) for name in _PLACES}
    options = given_flags(flags, options_of(model))
    origins = {key: "--" + key.replace("_", "-") for key in options}
    config = validated(model, options, origins)
    progress = Counters(PHASE)
    with watched(progress):
        report = work(**places, progress=progress, **config.values())
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_export(report)


def print_export(report: ExportReport) -> None:
    """Print a report to standard output."""
    data = report.data
    what = "documents of a token store" if data["of"] == "store" else "rows of a plan"
    say(f"{'sequences':20}{data['sequences']:,} {what}")
    say(f"{'tokens':20}{data['tokens']:,}, separators and padding included")
    if seconds := report.run.get("seconds"):
        speed = data["tokens"] / seconds / 1e6
        say(f"{'time':20}{show_seconds(seconds)}, {speed:,.1f} M tokens/s")
    say(f"{'where':20}{report.output}")
