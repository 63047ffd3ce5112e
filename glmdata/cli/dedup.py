"""`glmdata dedup`: flags to config, one call, a table."""

from __future__ import annotations

import shlex
from typing import Any

import click

from glmdata import _native, dedup
from glmdata.cli import exit_codes
from glmdata.cli.options import (
    GroupedCommand,
    GroupedOption,
    config_flags,
    given_flags,
    input_flags,
)
from glmdata.cli.output import say, say_json
from glmdata.cli.plan import print_plan
from glmdata.cli.progress import watched
from glmdata.cli.summary import print_summary
from glmdata.config.limits import RunLimits
from glmdata.config.model import options_of
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.dedup import DedupConfig, DedupReport
from glmdata.errors import ConfigError

_EXIT_BY_GATE = {"max_source_loss": exit_codes.GATE_FAILED, "max_bad": exit_codes.TOO_MANY_BAD}


@click.command(
    "dedup",
    cls=GroupedCommand,
    epilog="Every flag is also a key in [dedup] of glmdata.toml and a variable "
    "GLMDATA_DEDUP_<KEY>. Exit codes: 0 done, 1 a gate failed, 2 usage, 3 too many bad inputs "
    "(the output is complete), 4 storage, 5 memory, 70 internal.",
)
@input_flags("file, folder, quoted glob, or - for standard input; may repeat")
@config_flags(DedupConfig, RunLimits)
@click.option(
    "--rethreshold",
    cls=GroupedOption,
    group="matching",
    metavar="T",
    help="decide a finished stage again at this threshold, without comparing texts",
)
@click.option(
    "--stage",
    cls=GroupedOption,
    group="input",
    metavar="DIR",
    help="the finished stage for --rethreshold; unset: dedup in the workspace",
)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--dry-run", is_flag=True, help="print expected memory and disk; write nothing")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    inputs: tuple[str, ...],
    rethreshold: str | None,
    stage: str | None,
    workspace: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Remove exact and near duplicates, each for a kept document.

    Reads JSON lines (.jsonl, also .gz and .zst), Parquet, Arrow and .txt, and writes kept
    documents, removals with their reasons, and a report. Run it again after an interruption and it
    goes on where it stopped.
    """
    space = find_workspace(workspace)
    models = (DedupConfig, RunLimits)
    names = [name for model in models for name in options_of(model)]
    given = gather("dedup", models, space, given_flags(flags, names))
    config, limits = given.build(DedupConfig), given.build(RunLimits)
    output = limits.output or str(space.stage("dedup"))
    progress = _native.Progress()
    if rethreshold is not None:
        changes = given_flags(flags, options_of(DedupConfig))
        _refuse_with_rethreshold({"--input": inputs, "--dry-run": dry_run, **changes})
        with watched(progress):
            report = dedup.rethreshold(
                stage or space.stage("dedup"),
                flags["output"],
                threads=limits.threads,
                memory=limits.memory,
                fresh=fresh,
                progress=progress,
                **{**changes, "threshold": rethreshold},
            )
        return _finish(report, as_json=as_json)
    if stage is not None:
        raise ConfigError("--stage: expected together with --rethreshold, found alone")
    if not inputs:
        raise ConfigError(
            "nothing to read: expected --input", hint="try `glmdata dedup --input crawl/`"
        )
    if dry_run:
        print_plan(dedup.plan(list(inputs), output, config), as_json=as_json)
        return exit_codes.DONE
    with watched(progress):
        report = dedup.run(
            list(inputs),
            output,
            threads=limits.threads,
            memory=limits.memory,
            fresh=fresh,
            progress=progress,
            **config.values(),
        )
    return _finish(report, as_json=as_json)


def _refuse_with_rethreshold(flags: dict[str, object]) -> None:
    for name in ("--input", "--dry-run", "threshold"):
        if flags.get(name):
            spelled = name if name.startswith("-") else f"--{name}"
            raise ConfigError(f"{spelled}: expected without --rethreshold, found both")


def _finish(report: DedupReport, *, as_json: bool) -> int:
    """Print the report and judge it by the gates of its own config."""
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        # From the report and not from removed/: pyarrow alone would cost a fifth of a second here.
        example = report.data.get("example_removed")
        where = f" --stage {shlex.quote(str(report.output))}"
        print_summary(report, f"glmdata explain {example}{where}" if example else None)
    failures = report.failed_gates()
    for failure in failures:
        say(f"warning: {failure.message}", err=True)
    return max((_EXIT_BY_GATE[failure.gate] for failure in failures), default=exit_codes.DONE)
