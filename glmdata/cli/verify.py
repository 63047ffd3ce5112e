"""`glmdata verify`: hash every file of a stage folder again, and add its counts up."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from glmdata.cli import exit_codes
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.stage.counters import Counters
from glmdata.verify import PHASE, Verdict, verify


@click.command("verify")
@click.argument("folder", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(folder: str, as_json: bool) -> int:
    """Read every file of a stage folder again and compare it with manifest.json.

    Names files that are missing, changed or not listed, and counts that do not add up. Exit codes:
    0 all is as it was written, 1 it is not, 2 no complete stage, 4 the manifest is damaged.
    """
    progress = Counters(PHASE)
    with watched(progress):
        verdict = verify(Path(folder), progress)
    if as_json:
        content = {**asdict(verdict), "folder": folder, "passed": verdict.passed}
        say_json(content)
    else:
        _print(verdict)
    return exit_codes.DONE if verdict.passed else exit_codes.GATE_FAILED


def _print(verdict: Verdict) -> None:
    for word in ("missing", "changed", "extra", "sums"):
        for what in getattr(verdict, word):
            say(f"{word:12}{visible(what, one_line=True)}")
    read = f"{verdict.files:,} files, {show_size(verdict.bytes)}"
    state = "all as written" if verdict.passed else "not as written"
    say(f"{'verified':12}{verdict.stage} stage, {read}, {state}")
