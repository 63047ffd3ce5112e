"""What a vocabulary is learned from when no input is named, and the lists that go with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors
from glmdata.stage.folder import StageFolder
from glmdata.stage.inputs import Source

UPSTREAM = ("filter", "dedup")
"""The stages whose documents are read when no input is named, the furthest first."""

INVENTORY = "inventory"
"""The stage that `glmdata tokenizer count` writes."""


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
