"""`glmdata tokenizer count`: flags to config, one call, a table."""

from __future__ import annotations

from typing import Any

import click

from glmdata import _native, tokenizer
from glmdata.cli import exit_codes
from glmdata.cli.options import (
    GroupedCommand,
    config_flags,
    given_flags,
    input_flags,
)
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.vocabulary import print_counts
from glmdata.config.given import validated
from glmdata.config.limits import RunLimits
from glmdata.config.model import options_of
from glmdata.config.workspace import find_workspace
from glmdata.tokenizer.config import CountConfig


@click.command(
    "count",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 2 usage, 3 too many bad inputs (the output is complete), "
    "4 storage, 5 resources, 70 internal.",
)
@input_flags("file, folder, quoted glob, or -; may repeat; unset: dedup in the workspace")
@config_flags(CountConfig, RunLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    inputs: tuple[str, ...],
    workspace: str | None,
    fresh: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Count pre-tokens, an Arrow file a language.

    `glmdata train-tokenizer --inventory DIR` learns from them. Inventories of different documents
    add up: count each part of a crawl once, wherever it lies.
    """
    limits = validated(RunLimits, given_flags(flags, options_of(RunLimits)))
    progress = _native.Progress()
    with watched(progress):
        report = tokenizer.count(
            list(inputs) or None,
            limits.output,
            workspace=find_workspace(workspace).folder,
            threads=limits.threads,
            memory=limits.memory,
            fresh=fresh,
            progress=progress,
            **given_flags(flags, options_of(CountConfig)),
        )
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_counts(report)
    failures = report.failed_gates()
    for failure in failures:
        say(f"warning: {failure.message}", err=True)
    return exit_codes.TOO_MANY_BAD if failures else exit_codes.DONE
