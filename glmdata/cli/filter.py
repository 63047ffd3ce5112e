"""`glmdata filter`: flags to config, one call, a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from glmdata import _native, filter
from glmdata.cli import exit_codes
from glmdata.cli.filter_summary import print_filter_plan, print_filter_summary
from glmdata.cli.options import (
    GroupedCommand,
    GroupedOption,
    config_flags,
    given_flags,
    input_flags,
)
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.config.limits import RunLimits
from glmdata.config.model import options_of
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.filter import FilterConfig
from glmdata.stage.upstream import open_source, upstream

_EXIT_BY_GATE = {"max_source_loss": exit_codes.GATE_FAILED, "max_bad": exit_codes.TOO_MANY_BAD}


@click.command(
    "filter",
    cls=GroupedCommand,
    epilog="Every flag is also a key in [filter] of glmdata.toml and a variable "
    "GLMDATA_FILTER_<KEY>. Exit codes: 0 done, 1 a gate failed, 2 usage, 3 too many bad inputs "
    "(the output is complete), 4 storage, 5 memory, 70 internal.",
)
@input_flags("file, folder, quoted glob, or -; may repeat; unset: dedup in the workspace")
@config_flags(FilterConfig, RunLimits)
@click.option(
    "--rescore-from",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="use the scores of this finished filter stage; nothing is measured",
)
@click.option(
    "--judged-by",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="with --rescore-from: a stage over the same inputs; what it removed is passed over",
)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--dry-run", is_flag=True, help="print rules and expected disk; write nothing")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    inputs: tuple[str, ...],
    rescore_from: str | None,
    judged_by: str | None,
    workspace: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Remove documents by rules over what was measured of them.

    Every document gets one row of numbers in scores/; rules are asked over that table, so another
    threshold needs no second measuring (--rescore-from). Each removal is written down with its
    rule, the value and the threshold.
    """
    space = find_workspace(workspace)
    models = (FilterConfig, RunLimits)
    names = [name for model in models for name in options_of(model)]
    given = gather("filter", models, space, given_flags(flags, names))
    config, limits = given.build(FilterConfig), given.build(RunLimits)
    if rescore_from is not None and (inputs or dry_run):
        spelled = "--input" if inputs else "--dry-run"
        raise ConfigError(f"{spelled}: expected without --rescore-from, found both")
    if dry_run:
        source, _ = open_source(list(inputs)) if inputs else upstream(space, ("dedup",))
        output = limits.output or str(space.stage("filter"))
        plan = filter.plan(source, output, config)
        if as_json:
            say_json(asdict(plan))
        else:
            print_filter_plan(plan)
        return exit_codes.DONE
    progress = _native.Progress()
    # With stored scores, options of reading are the stage's own unless they are given here.
    asked = given_flags(flags, options_of(FilterConfig)) if rescore_from else config.values()
    with watched(progress):
        report = filter.run(
            list(inputs) or None,
            limits.output,
            workspace=space.folder,
            threads=limits.threads,
            memory=limits.memory,
            fresh=fresh,
            rescore_from=rescore_from,
            judged_by=judged_by,
            progress=progress,
            **asked,
        )
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_filter_summary(report)
    failures = report.failed_gates()
    for failure in failures:
        say(f"warning: {failure.message}", err=True)
    return max((_EXIT_BY_GATE[failure.gate] for failure in failures), default=exit_codes.DONE)
