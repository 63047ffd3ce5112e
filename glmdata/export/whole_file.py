"""A large file that appears whole or not at all, and knows its size and hash once it does."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from glmdata.stage.atomic import TEMPORARY_PREFIX, storage_errors, sync_folder


class WholeFile:
    """Written under a temporary name, renamed when the `with` block ends without an error.

    Parameters
    ----------
    folder
        The stage folder.
    name
        Of the file, relative to it; folders on the way are made.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.closed = False
        self._path = folder / name
        self._temporary = self._path.with_name(TEMPORARY_PREFIX + self._path.name)
        self._digest = hashlib.sha256()
        self._bytes = 0

    def __enter__(self) -> WholeFile:
        with storage_errors("write", self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("wb")
        return self

    def write(self, data: Any) -> int:
        """Append bytes, or what has a buffer; gives their number.

        Raises
        ------
        StorageError
            The file system refused.
        """
        view = memoryview(data).cast("B")
        with storage_errors("write", self._path):
            self._file.write(view)
        self._digest.update(view)
        self._bytes += len(view)
        return len(view)

    def flush(self) -> None:
        """For writers that ask for it; the file is made durable when it ends."""

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.closed = True
        with storage_errors("write", self._path):
            try:
                if kind is None:
                    self._file.flush()
                    os.fsync(self._file.fileno())
            finally:
                self._file.close()
                if kind is not None:
                    self._temporary.unlink(missing_ok=True)
            if kind is None:
                self._temporary.replace(self._path)
                sync_folder(self._path.parent)

    def entry(self, rows: int | None = None) -> dict[str, Any]:
        """What a manifest says of the file, after the `with` block."""
        facts = {"bytes": self._bytes, "sha256": self._digest.hexdigest()}
        return {"path": self.name, "rows": rows, **facts}
