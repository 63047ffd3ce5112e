"""The result of writing ids for others: report.json and run.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object, read_report
from glmdata.stage.shown import Shown


@dataclass(frozen=True, repr=False)
class ExportReport(Shown):
    """How much was written; `data` is report.json, equal for equal runs, `run` is run.json."""

    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    already_complete: bool = False

    @classmethod
    def read(cls, folder: Path, *, already_complete: bool = False) -> ExportReport:
        """The report of a complete stage folder.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_report(folder)
        missing = [key for key in ("sequences", "tokens", "of") if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        run = folder / RUN_FILE
        return cls(folder, data, read_object(run) if run.exists() else {}, already_complete)
