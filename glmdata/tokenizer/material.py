"""What a vocabulary is learned from when no input is named, and the lists that go with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata.config.workspace import Workspace
from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors
from glmdata.stage.folder import StageFolder
from glmdata.stage.inputs import Source, source_of
from glmdata.stage.manifest import read_manifest

UPSTREAM = "dedup"
"""The stage whose documents are read when no input is named."""

INVENTORY = "inventory"
"""The stage that `glmdata tokenizer count` writes."""


def upstream(space: Workspace) -> tuple[Source, list[Mapping[str, Any]]]:
    """The kept documents of the workspace's deduplication, and what the manifest says of it.

    Raises
    ------
    ConfigError
        There is none that is complete, or it kept decisions only.
    """
    stage = space.stage(UPSTREAM)
    manifest = StageFolder(stage, UPSTREAM).complete() if read_manifest(stage) else None
    if manifest is None:
        raise ConfigError(
            f"nothing to read: expected --input or a complete stage in {stage}",
            hint="try `glmdata dedup --input crawl/` first",
        )
    if not any(entry["path"].startswith("part-") for entry in manifest.files):
        raise ConfigError(
            f"{stage}: expected kept documents, found decisions only",
            hint="run `glmdata dedup` with --write all, or name the texts with --input",
        )
    # The glob leaves out decisions/ and removed/, which are no documents.
    parent = {"stage": UPSTREAM, "config_sha256": manifest.config_sha256}
    return source_of(str(stage / "part-*")), [parent]


def inventories_of(
    folders: Sequence[str | os.PathLike[str]],
) -> tuple[Source, list[Mapping[str, Any]]]:
    """The files of inventory stages, and what their manifests say.

    Raises
    ------
    ConfigError
        A folder is no complete inventory stage.
    """
    paths: list[str] = []
    parents: list[Mapping[str, Any]] = []
    for name in folders:
        folder = StageFolder(Path(name), INVENTORY)
        folder.refuse_foreign()
        manifest = folder.complete()
        if manifest is None:
            raise ConfigError(
                f"{name}: expected a complete inventory stage",
                hint="try `glmdata tokenizer count --input crawl/` first",
            )
        counted = [entry["path"] for entry in manifest.files if entry["path"].endswith(".arrow")]
        paths += [str(Path(name) / path) for path in counted]
        parents.append({"stage": INVENTORY, "config_sha256": manifest.config_sha256})
    return Source(paths=tuple(paths)), parents


def words_of(path: str | None) -> list[str]:
    """The lines of a file, sorted, each once; none without a file."""
    return sorted({line.strip() for line in _text(path).splitlines()} - {""})


def characters_of(path: str | None) -> list[str]:
    """The characters of a file but white space, in its order, each once."""
    return list(dict.fromkeys("".join(_text(path).split())))


def _text(path: str | None) -> str:
    if path is None:
        return ""
    with storage_errors("read", Path(path)):
        data = Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: expected UTF-8, found byte 0x{data[error.start]:02x} at {error.start}"
        ) from None
