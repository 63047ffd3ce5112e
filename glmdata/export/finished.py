"""What an interrupted run has already written whole: one record a unit, kept until all is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from glmdata.stage.atomic import write_sealed
from glmdata.stage.counters import Counters
from glmdata.stage.manifest import read_object


class Written(NamedTuple):
    """What became of a piece."""

    files: list[dict[str, Any]]
    """Entries of the manifest."""
    tokens: int


class Finished:
    """The units of a run, of which an earlier one may have written some.

    A unit is the files of one piece. Its record follows its files, so that what is recorded is
    whole and durable.

    Parameters
    ----------
    folder
        The stage folder, where the files go.
    work
        Its .work folder, where the records are; it belongs to one config and one input.
    progress
        Counts sequences and bytes of finished units.
    """

    def __init__(self, folder: Path, work: Path, progress: Counters) -> None:
        self._folder = folder
        self._work = work
        self._progress = progress
        self.units = 0
        self.reused = 0

    def unit(self, write: Callable[[], Written]) -> Written:
        """The next unit: what an earlier run wrote of it, else what `write` does."""
        record = self._work / f"unit-{self.units:06}.json"
        self.units += 1
        if (known := self._known(record)) is not None:
            self.reused += 1
        written = known or write()
        if known is None:
            write_sealed(record, written._asdict())
        n_bytes = sum(entry["bytes"] for entry in written.files)
        self._progress.add(written.files[0]["rows"], n_bytes)
        return written

    @property
    def facts(self) -> dict[str, int]:
        """For run.json."""
        return {"units": self.units, "units_reused": self.reused}

    def _known(self, record: Path) -> Written | None:
        if not record.exists():
            return None
        written = Written(**read_object(record))
        for entry in written.files:
            file = self._folder / entry["path"]
            if not file.exists() or file.stat().st_size != entry["bytes"]:
                return None
        return written
