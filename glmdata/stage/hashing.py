"""Hashes of files, read a block at a time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from glmdata.stage.atomic import storage_errors

_BLOCK = 1 << 20


def file_sha256(path: Path) -> str:
    """sha256 of a file, lower-case hex.

    Raises
    ------
    StorageError
        It cannot be read.
    """
    digest = hashlib.sha256()
    with storage_errors("read", path), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
