"""The result of writing a token store: report.json, with names for what people ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.stage.gates import FailedGate, stage_bad_inputs
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object, read_report
from glmdata.stage.shown import Shown


@dataclass(frozen=True, repr=False)
class ShardReport(Shown):
    """How much was written; `data` is report.json, equal for equal runs, `run` is run.json."""

    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    config: Mapping[str, Any]
    already_complete: bool = False

    @classmethod
    def read(
        cls, folder: Path, config: Mapping[str, Any], *, already_complete: bool = False
    ) -> ShardReport:
        """The report of a complete stage folder that was made with `config`.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_report(folder)
        missing = [key for key in ("documents", "tokens", "by_source") if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        run = folder / RUN_FILE
        return cls(
            output=folder,
            data=data,
            run=read_object(run) if run.exists() else {},
            config=config,
            already_complete=already_complete,
        )

    def failed_gates(self) -> list[FailedGate]:
        """The limits of this stage's config that it broke; its output is complete all the same."""
        return stage_bad_inputs(self.data, self.config, self.output)
