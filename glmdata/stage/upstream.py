"""What a verb reads when no input is named: the furthest complete stage before it.

By a fixed table, never by time; a stage that is there but not complete is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from glmdata.config.workspace import Workspace
from glmdata.errors import ConfigError
from glmdata.stage.folder import StageFolder
from glmdata.stage.inputs import Source, source_of
from glmdata.stage.listing import vouched
from glmdata.stage.manifest import read_manifest


def upstream(space: Workspace, stages: Sequence[str]) -> tuple[Source, list[Mapping[str, Any]]]:
    """The kept documents of a stage in the workspace, and what a manifest says of the parent.

    Parameters
    ----------
    space
        Where stages are.
    stages
        Their names, the furthest first.

    Raises
    ------
    ConfigError
        None of them is complete, or the first that is kept decisions only.
    """
    for name in stages:
        stage = space.stage(name)
        manifest = StageFolder(stage, name).complete() if read_manifest(stage) else None
        if manifest is None:
            continue
        if not any(entry["path"].startswith("part-") for entry in manifest.files):
            raise ConfigError(
                f"{stage}: expected kept documents, found decisions only",
                hint=f"run `glmdata {name}` with --write all, or name the texts with --input",
            )
        # The glob leaves out decisions/ and removed/, which are no documents.
        parent = {"stage": name, "config_sha256": manifest.config_sha256}
        listing = vouched(stage, [e for e in manifest.files if e["path"].startswith("part-")])
        return replace(source_of(str(stage / "part-*")), listing=listing), [parent]
    places = " or ".join(str(space.stage(name)) for name in stages)
    raise ConfigError(
        f"nothing to read: expected --input or a complete stage in {places}",
        hint="try `glmdata dedup --input crawl/` first",
    )
