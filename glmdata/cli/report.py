"""`glmdata report`: the page and the cards of a workspace."""

from __future__ import annotations

import click

from glmdata import report
from glmdata.cli import exit_codes
from glmdata.cli.output import say


@click.command("report")
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--output", metavar="DIR", help="folder to write to; unset: report in the workspace")
def command(workspace: str | None, output: str | None) -> int:
    """Write what the workspace holds as a page to read, print and pass on.

    report.html has totals, six things to doubt first, and documents to read: the closest
    calls, removals by chance, kept ones by chance. README.md is a Hugging Face dataset card,
    croissant.json a description for dataset search.
    """
    say(str(report.write(workspace, output)))
    return exit_codes.DONE
