"""What a reader said of decisions, a line each; the last line of a document counts."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from glmdata.stage.atomic import storage_errors

LABELS_FILE = "labels.jsonl"
KEEP, REMOVE = "keep", "remove"


class Labels:
    """The labels of a workspace, in memory and in the file.

    Raises
    ------
    CorruptDataError, StorageError
        The file cannot be read.
    """

    def __init__(self, workspace: Path) -> None:
        self.path = workspace / LABELS_FILE
        self._lock = threading.Lock()
        self._known: dict[str, str | None] = {}
        if self.path.exists():
            with storage_errors("read", self.path):
                lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
            for line in lines:
                # A line that a kill cut short says nothing; whoever fits thresholds is told of it.
                row = _row(line)
                if row is not None:
                    self._known[str(row["doc"])] = row.get("label")

    def of(self, doc: str) -> str | None:
        """`keep`, `remove`, or None where nobody has said anything."""
        return self._known.get(doc)

    def __len__(self) -> int:
        return sum(label is not None for label in self._known.values())

    def add(self, row: dict[str, Any]) -> None:
        """Append a line with `doc`, `label` (None takes an earlier one back) and more."""
        line = json.dumps(row, ensure_ascii=True) + "\n"
        with self._lock, storage_errors("write", self.path):
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o644)
            try:
                # A line that a kill cut short must not swallow this one.
                if (size := os.fstat(file).st_size) and os.pread(file, 1, size - 1) != b"\n":
                    line = f"\n{line}"
                os.write(file, line.encode())
                os.fsync(file)
            finally:
                os.close(file)
            self._known[str(row["doc"])] = row["label"]


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "doc" in row else None
