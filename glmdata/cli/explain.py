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
from glmdata.stage.manifest import read_manifest


@click.command("explain")
@click.argument("identifier", metavar="ID")
@click.option(
    "--stage",
    metavar="DIR",
    help="dedup or filter stage; unset: dedup in the workspace, or filter where there is no dedup",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON with both texts whole")
def command(identifier: str, stage: str | None, as_json: bool) -> None:
    """Tell why a document was kept or removed, with both texts side by side.

    What the filter beside it did to a document that deduplication kept is told too: removed, moved
    to another source, masked or repaired. ID is a
    document id or its key of 32 hex digits. Shared parts are plain, parts that differ are
    coloured, or marked [-like this-] and {+like this+} without colour.
    """
    folder = Path(stage) if stage else _stage_of_workspace()
    later = folder.parent / "filter"
    explanation = explain(identifier, folder, later=[later])
    alone = explanation.stage == "filter"
    place = folder if alone else later
    asked = alone or explanation.kept
    fate = filter.fate_of(bytes.fromhex(explanation.doc), place) if asked else None
    passage = filter.passage_of(fate, explanation.text)
    if as_json:
        found = {
            **asdict(explanation),
            "filter": None if fate is None else asdict(fate),
            "passage": None if passage is None else asdict(passage),
        }
        say_json(found)
    else:
        print_explanation(explanation, fate, passage)


def _stage_of_workspace() -> Path:
    space = find_workspace()
    deduplicated, filtered = space.stage("dedup"), space.stage("filter")
    alone = read_manifest(deduplicated) is None and read_manifest(filtered) is not None
    return filtered if alone else deduplicated
