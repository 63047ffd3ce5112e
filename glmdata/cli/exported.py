"""What finished exports and materialized rows print."""

from __future__ import annotations

import json

import click

from glmdata.cli.progress import show_seconds
from glmdata.export import ExportReport


def print_export(report: ExportReport, as_json: bool) -> None:
    """Print a report to standard output, and to standard error that nothing was to be done."""
    if report.already_complete:
        click.echo(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        click.echo(json.dumps(report.data, indent=2, ensure_ascii=False))
        return
    data = report.data
    what = "documents of a token store" if data["of"] == "store" else "rows of a plan"
    click.echo(f"{'sequences':20}{data['sequences']:,} {what}")
    click.echo(f"{'tokens':20}{data['tokens']:,}, separators and padding included")
    if seconds := report.run.get("seconds"):
        speed = data["tokens"] / seconds / 1e6
        click.echo(f"{'time':20}{show_seconds(seconds)}, {speed:,.1f} M tokens/s")
    click.echo(f"{'where':20}{report.output}")
