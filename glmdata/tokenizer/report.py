"""The result of a training: report.json, with names for the figures people ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from glmdata.errors import CorruptDataError
from glmdata.stage.gates import FailedGate, stage_bad_inputs
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object, read_report
from glmdata.stage.shown import Shown

Report = TypeVar("Report", bound="CountReport")

_COUNTED = ("documents", "text_bytes", "by_language", "quarantine")


@dataclass(frozen=True, repr=False)
class CountReport(Shown):
    """How many documents were counted, in which languages.

    `data` is report.json as it stands, equal for equal runs; `run` is run.json; `config` the
    options it was made with. `already_complete` tells that nothing had to be done.
    """

    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    config: Mapping[str, Any]
    already_complete: bool = False

    _PARTS: ClassVar[tuple[str, ...]] = (*_COUNTED, "pre_tokens")

    @classmethod
    def read(
        cls: type[Report],
        folder: Path,
        config: Mapping[str, Any],
        *,
        already_complete: bool = False,
    ) -> Report:
        """The report of a complete stage folder that was made with `config`.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_report(folder)
        run = folder / RUN_FILE
        missing = [key for key in cls._PARTS if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        # A copied stage may come without run.json: it is no part of the result.
        record = read_object(run) if run.exists() else {}
        return cls(folder, data, record, config, already_complete)

    def failed_gates(self) -> list[FailedGate]:
        """The limits of this stage's config that it broke; its output is complete all the same."""
        return stage_bad_inputs(self.data, self.config, self.output)


class TokenizerReport(CountReport):
    """How large the vocabulary is and what it was learned from."""

    _PARTS: ClassVar[tuple[str, ...]] = (*_COUNTED, "ranks", "steps", "vetoes")

    @property
    def ranks(self) -> int:
        """Mergeable ranks; special tokens come behind them."""
        return int(self.data["ranks"])

    @property
    def ranks_asked(self) -> int:
        """What `vocab_size` was."""
        return int(self.data["ranks_asked"])

    @property
    def glm4_id_compatible(self) -> bool:
        """Whether the special tokens have GLM-4's ids."""
        return bool(self.data["glm4_id_compatible"])

    def failed_gates(self) -> list[FailedGate]:
        """The limits of this stage's config that it broke; its output is complete all the same."""
        failed = super().failed_gates()
        if self.config["require_size"] and self.ranks < self.ranks_asked:
            message = (
                f"too few tokens: expected {self.ranks_asked:,} ranks (--require-size), found "
                f"{self.ranks:,}; more text or a lower --min-documents gives more"
            )
            failed.append(FailedGate("require_size", message))
        return failed
