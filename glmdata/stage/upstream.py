"""What a verb reads when no input is named: the furthest complete stage before it.

By a fixed table, never by time; a stage that is there but not complete is passed over. A stage
that wrote decisions and no documents is read together with its own inputs, by verbs that can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from glmdata.config.workspace import Workspace
from glmdata.errors import ConfigError, InputError, NothingReadError
from glmdata.stage.folder import StageFolder
from glmdata.stage.inputs import Source, source_of
from glmdata.stage.listing import describe_change, list_inputs, listing_sha256, vouched
from glmdata.stage.manifest import (
    RUN_FILE,
    Manifest,
    read_manifest,
    read_object,
    stage_manifest,
)


def upstream(
    space: Workspace, stages: Sequence[str], *, judges: bool = False
) -> tuple[Source, list[Mapping[str, Any]]]:
    """The kept documents of a stage in the workspace, and what a manifest says of the parent.

    Parameters
    ----------
    space
        Where stages are.
    stages
        Their names, the furthest first.
    judges
        Whether the caller can apply decisions while it reads what the stage has read.

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
        return kept_of(stage, manifest, judges=judges), [parent_of(manifest)]
    places = " or ".join(str(space.stage(name)) for name in stages)
    raise ConfigError(
        f"nothing to read: expected --input or a complete stage in {places}",
        hint="try `glmdata dedup --input crawl/` first",
    )


def open_source(data: object, *, judges: bool = False) -> tuple[Source, list[Mapping[str, Any]]]:
    """As `source_of`; a folder that is a complete stage stands for its kept documents.

    What a manifest says of that stage as a parent comes back beside it.

    Parameters
    ----------
    data
        As for `source_of`.
    judges
        Whether the caller can apply decisions while it reads what the stage has read.

    Raises
    ------
    InputError, ConfigError
        As `source_of` and `kept_of`.
    """
    source = source_of(data)
    if source.spool is None and len(source.paths) == 1:
        folder = Path(source.paths[0])
        manifest = stage_manifest(folder)
        if manifest is not None:
            StageFolder(folder, manifest.stage).complete()
            return kept_of(folder, manifest, judges=judges), [parent_of(manifest)]
    return source, []


def parent_of(manifest: Manifest) -> Mapping[str, Any]:
    """What a manifest says of a stage that was read."""
    return {
        "stage": manifest.stage,
        "config_sha256": manifest.config_sha256,
        "inputs_sha256": manifest.inputs_sha256,
    }


def kept_of(stage: Path, manifest: Manifest, *, judges: bool = False) -> Source:
    """The kept documents of a complete stage.

    Raises
    ------
    ConfigError
        It wrote decisions only, and the caller cannot apply them or they cannot be applied.
    """
    if manifest.documents:
        # Named as a folder: the reader knows it for a stage and checks it against its manifest.
        source = source_of(str(stage))
        return replace(source, listing=vouched(stage, manifest.documents), stage=stage)
    if manifest.stage not in ("dedup", "filter"):
        raise ConfigError(
            f"{stage}: expected documents, found a {manifest.stage} stage, which holds none",
            hint="name a dedup or filter stage, or files of documents",
        )
    if manifest.counts.get("kept") == 0:
        came = manifest.counts.get("in", 0)
        raise NothingReadError(
            f"{stage}: nothing to do: the {manifest.stage} stage kept none of {came:,} documents",
            path=str(stage),
            hint=f"see `glmdata show {stage}` for the rules that removed them",
        )
    # What a filter decided is about kept documents of a stage before it, and is not applied twice.
    alone = manifest.stage == "dedup"
    changed = any(entry["path"].startswith("edits/") for entry in manifest.files)
    if not (judges and alone) or changed:
        raise ConfigError(
            f"{stage}: expected kept documents, found decisions only",
            hint=f"run `glmdata {manifest.stage}` with --write all, or name the texts with --input",
        )
    return judged(stage, manifest)


def judged(stage: Path, manifest: Manifest) -> Source:
    """What a complete stage has read, to be read again together with its decisions.

    Raises
    ------
    ConfigError
        That is not as it was.
    """
    run = stage / RUN_FILE
    paths = read_object(run)["inputs"] if run.exists() else []
    hint = f"run `glmdata {stage.name}` again, or with --write all"
    try:
        listing = list_inputs(paths)
    except InputError as error:
        raise ConfigError(f"{stage}: its inputs are gone: {error}", hint=hint) from None
    if not paths or listing_sha256(listing) != manifest.inputs_sha256:
        change = describe_change(manifest.inputs, listing)
        raise ConfigError(f"{stage}: its inputs changed since: {change}", hint=hint)
    deciding = ("decisions/", "documents.arrow")
    manifest.check_content(stage, deciding)
    decided = [entry for entry in manifest.files if entry["path"].startswith(deciding)]
    whole = [*listing, *vouched(stage, decided)]
    return Source(tuple(paths), listing=whole, stage=stage, judged=True)
