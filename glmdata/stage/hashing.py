"""Hashes of files, read a block at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.stage.atomic import storage_errors

_BLOCK = 1 << 20


def refuse_changed(
    folder: Path, files: Iterable[Mapping[str, Any]], stage: str | None = None
) -> None:
    """Hash files of a complete stage and compare them with their entries in its manifest.

    Parameters
    ----------
    folder, files
        The folder of the stage, and the entries.
    stage
        Its name, for the message.

    Raises
    ------
    CorruptDataError
        One is not what the stage wrote.
    StorageError
        One cannot be read.
    """
    who = f"the {stage} stage" if stage else "that stage"
    again = f"run `glmdata {stage}` again" if stage else "make that stage anew"
    for entry in files:
        if file_sha256(folder / entry["path"]) != entry["sha256"]:
            raise CorruptDataError(
                f"{folder / entry['path']}: damaged: its content is not what {who} wrote",
                hint=f"{again} with --fresh",
            )


def file_sha256(path: Path) -> str:
    """sha256 of a file, lower-case hex.

    Raises
    ------
    StorageError
        It cannot be read.
    CorruptDataError
        It is no file: nobody may ever write to a FIFO.
    """
    digest = hashlib.sha256()
    if path.exists() and not path.is_file():
        raise CorruptDataError(f"{path}: expected a file, found something else")
    with storage_errors("read", path), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
