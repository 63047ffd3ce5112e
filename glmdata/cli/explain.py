"""`glmdata explain`: why a document was kept or removed, with both texts side by side."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from glmdata import filter
from glmdata.cli.output import say_json
from glmdata.cli.pair import print_explanation
from glmdata.config.workspace import find_workspace
from glmdata.dedup import explain


@click.command("explain")
@click.argument("identifier", metavar="ID")
@click.option("--stage", metavar="DIR", help="stage folder; unset: dedup in the workspace")
@click.option("--json", "as_json", is_flag=True, help="print JSON with both texts whole")
def command(identifier: str, stage: str | None, as_json: bool) -> None:
    """Tell why a document was kept or removed, with both texts side by side.

    A document that deduplication kept and the filter beside it removed is told as such. ID is a
    document id or its key of 32 hex digits. Shared parts are plain, parts that differ are
    coloured, or marked [-like this-] and {+like this+} without colour.
    """
    folder = Path(stage) if stage else find_workspace().stage("dedup")
    later = folder.parent / "filter"
    explanation = explain(identifier, folder, later=[later])
    gone = filter.removal(bytes.fromhex(explanation.doc), later) if explanation.kept else None
    if as_json:
        found = {**asdict(explanation), "filter": None if gone is None else asdict(gone)}
        say_json(found)
    else:
        print_explanation(explanation, gone)
