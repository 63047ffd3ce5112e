"""The result of a training: report.json, with names for the figures people ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object

MIN_BAD = 10
"""So many quarantined records are forgiven whatever their share is."""

_PARTS = ("documents", "text_bytes", "ranks", "steps", "vetoes", "quarantine")


@dataclass(frozen=True)
class FailedGate:
    """A limit that a complete stage broke."""

    gate: str
    """The option that set it: max_bad or require_size."""
    message: str


@dataclass(frozen=True)
class TokenizerReport:
    """How large the vocabulary is and what it was learned from.

    `data` is report.json as it stands, equal for equal runs; `run` is run.json; `config` the
    options it was made with. `already_complete` tells that nothing had to be done.
    """

    ranks: int
    ranks_asked: int
    glm4_id_compatible: bool
    """Whether the special tokens have GLM-4's ids."""
    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    config: Mapping[str, Any]
    already_complete: bool = False

    @classmethod
    def read(
        cls, folder: Path, config: Mapping[str, Any], *, already_complete: bool = False
    ) -> TokenizerReport:
        """The report of a complete stage folder that was made with `config`.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_object(folder / REPORT_FILE)
        run = folder / RUN_FILE
        missing = [key for key in _PARTS if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        return cls(
            ranks=data["ranks"],
            ranks_asked=data["ranks_asked"],
            glm4_id_compatible=data["glm4_id_compatible"],
            output=folder,
            data=data,
            # A copied stage may come without run.json: it is no part of the result.
            run=read_object(run) if run.exists() else {},
            config=config,
            already_complete=already_complete,
        )

    def failed_gates(self) -> list[FailedGate]:
        """The limits of this stage's config that it broke; its output is complete all the same."""
        failed = []
        bad = sum(self.data["quarantine"].values())
        share = bad / max(self.data["documents"]["in"], bad, 1)
        max_bad = self.config["max_bad"]
        if bad > MIN_BAD and share > max_bad:
            failed.append(
                FailedGate(
                    "max_bad",
                    f"too many bad inputs: expected at most {max_bad:.3%} (--max-bad), found "
                    f"{share:.3%}, {bad:,} records or files in {self.output / 'quarantine'}",
                )
            )
        if self.config["require_size"] and self.ranks < self.ranks_asked:
            failed.append(
                FailedGate(
                    "require_size",
                    f"too few tokens: expected {self.ranks_asked:,} ranks (--require-size), found "
                    f"{self.ranks:,}; more text or a lower --min-documents gives more",
                )
            )
        return failed
