"""The result of a deduplication: report.json, with names for the figures people ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.stage.gates import FailedGate, heavy_losses, source_losses, stage_bad_inputs
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object, read_report
from glmdata.stage.shown import Shown

_PARTS = ("documents", "text_bytes", "removed_by_rule", "variants", "by_source", "quarantine")


@dataclass(frozen=True, repr=False)
class DedupReport(Shown):
    """What came in, what stayed and why the rest went.

    `data` is report.json as it stands, equal for equal runs; `run` is run.json: times, threads,
    memory; `config` the options it was made with. `already_complete` tells that nothing had to be
    done.
    """

    documents_in: int
    documents_kept: int
    removed: Mapping[str, int]
    """Removed documents by rule: exact-raw, exact-normalised, fuzzy, contained.

    With the options that ask for them also url, line, paragraph, substring and template.
    """
    quarantined: int
    variants: int
    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    config: Mapping[str, Any]
    already_complete: bool = False

    @classmethod
    def read(
        cls, folder: Path, config: Mapping[str, Any], *, already_complete: bool = False
    ) -> DedupReport:
        """The report of a complete stage folder that was made with `config`.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_report(folder)
        run = folder / RUN_FILE
        missing = [key for key in _PARTS if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        return cls(
            documents_in=data["documents"]["in"],
            documents_kept=data["documents"]["kept"],
            removed=data["removed_by_rule"],
            quarantined=data["documents"]["quarantined"],
            variants=data["variants"],
            output=folder,
            data=data,
            # A copied stage may come without run.json: it is no part of the result.
            run=read_object(run) if run.exists() else {},
            config=config,
            already_complete=already_complete,
        )

    @property
    def documents_removed(self) -> int:
        """Removed documents, all rules together."""
        return int(self.data["documents"]["removed"])

    def source_losses(self) -> dict[str, float]:
        """The share of its documents that each source lost to removal, largest first."""
        return source_losses(self.data)

    def failed_gates(self) -> list[FailedGate]:
        """The limits of this stage's config that it broke; its output is complete all the same."""
        bad = stage_bad_inputs(self.data, self.config, self.output)
        return [*bad, *heavy_losses(self.data, self.config)]
