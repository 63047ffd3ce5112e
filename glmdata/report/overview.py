"""A workspace at a glance: which stages it holds, and which of them are stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError, GlmdataError
from glmdata.report.collect import ORDER
from glmdata.stage.folder import WORK_FOLDER
from glmdata.stage.hashing import file_sha256
from glmdata.stage.listing import describe_change, list_inputs
from glmdata.stage.manifest import MANIFEST_FILE, RUN_FILE, Manifest, read_manifest, read_object

COMPLETE, INTERRUPTED, DAMAGED = "complete", "interrupted", "damaged"


@dataclass(frozen=True)
class Glance:
    """A stage folder of a workspace, as far as its manifest and run.json tell."""

    folder: Path
    stage: str
    state: str
    """complete, interrupted or damaged."""
    fault: str | None
    """What is damaged, or how its inputs differ from what it has read; None: neither."""
    counts: Mapping[str, Any]
    files: int
    bytes: int
    started: str | None
    """When the run began, as ISO 8601 in UTC."""
    seconds: float | None


def overview(workspace: Path) -> list[Glance]:
    """The stage folders of a workspace: the stages of a recipe in their order, then all others.

    No document is read. A stage is stale if what it has read is another thing now: the files of
    the crawl by their size and time, the files of a stage before it by their hash in the manifest.

    Raises
    ------
    ConfigError
        The workspace holds no stage.
    """
    folders = sorted(path for path in workspace.glob("*") if path.is_dir())
    held = {folder: _manifest(folder) for folder in folders}
    hashes = {
        folder: {*(e["sha256"] for e in manifest.files), file_sha256(folder / MANIFEST_FILE)}
        for folder, manifest in held.items()
        if isinstance(manifest, Manifest)
    }

    def others(folder: Path) -> set[str]:
        # A filter that removes nothing writes the bytes that it has read.
        return set().union(*(known for path, known in hashes.items() if path != folder))

    found = [_glance(path, held[path], workspace, others(path)) for path in folders]
    stages = [glance for glance in found if glance is not None]
    if not stages:
        raise ConfigError(
            f"{workspace}: expected a stage, found none",
            hint="try `glmdata run glm4 --input crawl/` or `glmdata dedup --input crawl/` first",
        )
    places = {name: place for place, name in enumerate(ORDER)}
    return sorted(stages, key=lambda glance: places.get(glance.folder.name, len(ORDER)))


def _manifest(folder: Path) -> Manifest | str | None:
    """Of a complete stage; what is damaged; None where there is no manifest."""
    try:
        return read_manifest(folder)
    except GlmdataError as error:
        return str(error)


def _glance(
    folder: Path, manifest: Manifest | str | None, workspace: Path, hashes: set[str]
) -> Glance | None:
    if manifest is None:
        if not (folder / WORK_FOLDER).is_dir():
            return None
        return Glance(folder, folder.name, INTERRUPTED, None, {}, 0, 0, None, None)
    if isinstance(manifest, str):
        return Glance(folder, folder.name, DAMAGED, manifest, {}, 0, 0, None, None)
    run: Mapping[str, Any] = {}
    faults = manifest.faults(folder)
    if (folder / RUN_FILE).exists():
        try:
            run = read_object(folder / RUN_FILE)
        except GlmdataError as error:
            faults.append(str(error))
    change = faults[0] if faults else _change(manifest, run, workspace, hashes)
    return Glance(
        folder,
        manifest.stage,
        DAMAGED if faults else COMPLETE,
        change,
        manifest.counts,
        len(manifest.files),
        sum(entry["bytes"] for entry in manifest.files),
        run.get("started"),
        run.get("seconds"),
    )


def _change(
    manifest: Manifest, run: Mapping[str, Any], workspace: Path, hashes: set[str]
) -> str | None:
    """How the inputs of a stage differ from what it has read; None: not at all, or unknown."""
    paths: Sequence[str] = run.get("inputs") or []
    inside = workspace.resolve()
    outer = [path for path in paths if inside not in Path(path).resolve().parents]
    hashed = [entry for entry in manifest.inputs if "sha256" in entry]
    # Of a stage outside of this workspace nothing is known here.
    if len(outer) < len(paths) or run.get("stage"):
        gone = [entry for entry in hashed if entry["sha256"] not in hashes]
        if gone:
            return f"{gone[0]['root']}/{gone[0]['relative']} has changed"
    plain = [entry for entry in manifest.inputs if "sha256" not in entry]
    if not plain or not outer:
        return None
    try:
        now = [entry for entry in list_inputs(outer) if "sha256" not in entry]
    except GlmdataError as error:
        return str(error)
    return None if _facts(now) == _facts(plain) else describe_change(plain, now)


def _facts(listing: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    # Times in manifests are strings.
    keys = ("root", "relative", "bytes", "modified_ns")
    return [tuple(str(entry.get(key)) for key in keys) for entry in listing]
