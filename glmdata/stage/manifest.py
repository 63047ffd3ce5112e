"""manifest.json: what a complete stage is made of. It is written last.

It holds nothing that may differ between two runs of one config over the same inputs (that is
run.json), so equal runs have equal manifests.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.atomic import SEAL, seal_of, storage_errors, write_sealed
from glmdata.stage.hashing import refuse_changed

MANIFEST_FILE = "manifest.json"
REPORT_FILE = "report.json"
RUN_FILE = "run.json"
FORMAT_VERSION = 2
"""A layout that readers must know of raises it: 2 has kept documents in `data`."""

DOCUMENTS_FOLDER = "data"
"""Kept documents, and nothing else: other tools read the whole folder."""

BY_SOURCE = ("shard", "export")
"""Stages with one folder a source, which may be called `data` and holds no documents."""

_FIELDS = {"stage": str, "config": dict, "config_sha256": str, "inputs": list, "files": list}
_HEX = re.compile(r"[0-9a-f]{64}")


class OlderFormatError(ConfigError):
    """A complete stage of an earlier format."""

    def __init__(self, folder: Path, stage: object, version: object) -> None:
        super().__init__(
            f"{folder}: a stage of format {version}; this version reads format {FORMAT_VERSION}",
            hint="make the stage anew with --fresh",
        )
        self.stage = stage


@dataclass(frozen=True)
class Manifest:
    """A complete stage. Paths in `files` are relative to its folder.

    `inputs` are {root, relative, bytes, modified_ns} in canonical order and `inputs_sha256` the
    hash of the listing that a rerun compares; `files` are {path, rows, bytes, sha256}.
    """

    stage: str
    config: Mapping[str, Any]
    config_sha256: str
    parents: Sequence[Mapping[str, Any]]
    inputs: Sequence[Mapping[str, Any]]
    inputs_sha256: str
    files: Sequence[Mapping[str, Any]]
    counts: Mapping[str, Any]
    versions: Mapping[str, str]
    seed: int | None = None

    @property
    def documents(self) -> list[Mapping[str, Any]]:
        """The files with kept documents."""
        if self.stage in BY_SOURCE:
            return []
        return [e for e in self.files if e["path"].startswith(f"{DOCUMENTS_FOLDER}/")]

    def write(self, folder: Path) -> None:
        """Declare the folder complete; beside documents lie the cards that describe them."""
        if self.documents:
            # Training code reads manifests and writes none: it must not load what cards need.
            from glmdata.stage.card import write_cards

            write_cards(folder, self.documents, read_object(folder / REPORT_FILE))
        content = {"format_version": FORMAT_VERSION, "stage": self.stage, "status": "complete"}
        write_sealed(folder / MANIFEST_FILE, {**content, **self.__dict__})

    def check_content(self, folder: Path, prefixes: tuple[str, ...]) -> None:
        """Hash the files whose paths begin so: what other stages decide by must be as written.

        Documents are checked where they are read, by the compiled module.

        Raises
        ------
        CorruptDataError
            One of them has another content; names it and the stage that wrote it.
        MissingFileError, StorageError
            One of them cannot be read.
        """
        wanted = (entry for entry in self.files if entry["path"].startswith(prefixes))
        refuse_changed(folder, wanted, self.stage)

    def faults(self, folder: Path) -> list[str]:
        """Files that are missing or of another size; contents are not read."""
        faults = []
        for entry in self.files:
            try:
                found = (folder / entry["path"]).stat().st_size
            except OSError:
                faults.append(f"{entry['path']}: missing")
                continue
            if found != entry["bytes"]:
                faults.append(f"{entry['path']}: expected {entry['bytes']} bytes, found {found}")
        return faults


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder, or None where there is none.

    Raises
    ------
    CorruptDataError
        There is a manifest.json, but not one this version can read.
    OlderFormatError
        An earlier version wrote it.
    """
    path = folder / MANIFEST_FILE
    with storage_errors("read", path):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        content = read_object(path)
    version = content.get("format_version")
    if isinstance(version, int) and 0 < version < FORMAT_VERSION and "config_sha256" in content:
        raise OlderFormatError(folder, content.get("stage"), version)
    if version != FORMAT_VERSION or content.get("status") != "complete":
        raise CorruptDataError(
            f"{path}: expected a complete stage of format {FORMAT_VERSION}, "
            f"found status {content.get('status')!r} of format {version!r}"
        )
    for name, kind in _FIELDS.items():
        if not isinstance(content.get(name), kind):
            raise CorruptDataError(f"{path}: damaged: `{name}` is missing or of another type")
    for entry in content["files"]:
        if not _is_file_entry(entry):
            raise CorruptDataError(f"{path}: damaged: not a file entry: {entry!r}")
    return Manifest(
        stage=content["stage"],
        config=content["config"],
        config_sha256=content["config_sha256"],
        parents=content.get("parents", []),
        inputs=content["inputs"],
        inputs_sha256=str(content.get("inputs_sha256", "")),
        files=content["files"],
        counts=content.get("counts", {}),
        versions=content.get("versions", {}),
        seed=content.get("seed"),
    )


def stage_manifest(folder: Path) -> Manifest | None:
    """The manifest if the folder is a stage of ours; None also for somebody else's manifest.json.

    Raises
    ------
    CorruptDataError
        It is ours, and its manifest is damaged or gone.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        if _holds_a_stage(folder):
            raise CorruptDataError(
                f"{path}: expected the manifest of the stage that the folder holds, found none",
                hint="make that stage anew with --fresh, or name its files one by one",
            )
        return None
    try:
        content = read_object(path)
        ours = {"stage", "status", "config_sha256"} <= set(content)
    except CorruptDataError:
        ours = False
    return read_manifest(folder) if ours or _holds_a_stage(folder) else None


def _holds_a_stage(folder: Path) -> bool:
    """Whether a folder holds what every complete stage has beside its manifest."""
    both = (folder / RUN_FILE).is_file() and (folder / REPORT_FILE).is_file()
    return both and not (folder / ".work/start.json").exists()


def file_entry(folder: Path, name: str, rows: int | None = None) -> dict[str, Any]:
    """What a manifest says of a file in its folder."""
    with storage_errors("read", folder / name):
        data = (folder / name).read_bytes()
    return {"path": name, "rows": rows, "bytes": len(data), "sha256": sha256(data).hexdigest()}


def read_object(path: Path, *, sealed: bool = False) -> dict[str, Any]:
    """A JSON object that glmdata wrote, without its seal; `sealed` if it must have one.

    Raises
    ------
    CorruptDataError
        It is no JSON object, or not what was sealed.
    """
    with storage_errors("read", path):
        data = path.read_bytes()
    try:
        content = json.loads(data)
        if not isinstance(content, dict):
            raise CorruptDataError(f"{path}: damaged: expected an object")
        seal = content.pop(SEAL, None)
        # Earlier versions wrote none; where there is one, it holds.
        whole = seal == seal_of(content) or (seal is None and not sealed)
    except ValueError as error:
        if isinstance(error, CorruptDataError):
            raise
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    except RecursionError:
        raise CorruptDataError(f"{path}: damaged: nested too deeply") from None
    if not whole:
        raise CorruptDataError(f"{path}: damaged: its content is not what was written")
    return content


def read_report(folder: Path) -> dict[str, Any]:
    """report.json of a stage, as the manifest knows it where there is one.

    Raises
    ------
    CorruptDataError
        It is no JSON object, or another one than the stage wrote.
    """
    path = folder / REPORT_FILE
    content = read_object(path)
    manifest = read_manifest(folder)
    listed = manifest.files if manifest is not None else ()
    for entry in (entry for entry in listed if entry["path"] == REPORT_FILE):
        if entry["sha256"] != file_entry(folder, REPORT_FILE)["sha256"]:
            raise CorruptDataError(f"{path}: damaged: its content is not what was written")
    return content


def _is_file_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and isinstance(entry.get("bytes"), int)
        and _HEX.fullmatch(str(entry.get("sha256"))) is not None
        and _is_inside(entry["path"])
    )


def _is_inside(path: str) -> bool:
    """Whether a path can be one of a file in the folder: lone surrogates and NUL cannot."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return "\0" not in path and not Path(path).is_absolute() and ".." not in Path(path).parts
