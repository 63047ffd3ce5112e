"""Limits that a complete stage may have broken: its output stands, its exit code tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIN_BAD = 10
"""So many quarantined records are forgiven whatever their share is."""


@dataclass(frozen=True)
class FailedGate:
    """A limit that a complete stage broke."""

    gate: str
    """The option that set it, such as `max_bad`."""
    message: str


def bad_inputs(
    bad: int, records: int, max_bad: float, where: Path | None = None
) -> list[FailedGate]:
    """The gate `max_bad`, if more was set aside than it allows.

    Parameters
    ----------
    bad
        Records and files that were quarantined.
    records
        Records that came in, those included.
    max_bad
        The share that is allowed.
    where
        The folder that lists them.
    """
    share = bad / max(records, bad, 1)
    if bad <= MIN_BAD or share <= max_bad:
        return []
    listed = f" in {where}" if where else ""
    message = (
        f"too many bad inputs: expected at most {max_bad:.3%} (--max-bad), found {share:.3%}, "
        f"{bad:,} records or files{listed}"
    )
    return [FailedGate("max_bad", message)]


def stage_bad_inputs(
    report: Mapping[str, Any], config: Mapping[str, Any], folder: Path
) -> list[FailedGate]:
    """The same from a stage's report.json."""
    counts = report["documents"]
    # A file that could not be read at all is an event without a document; it counts as one.
    bad = max(counts["quarantined"], sum(report["quarantine"].values()))
    return bad_inputs(bad, counts["in"], config["max_bad"], folder / "quarantine")


def source_losses(report: Mapping[str, Any]) -> dict[str, float]:
    """The share of its documents that each source lost to removal, largest first."""
    losses = {
        source: counts["removed"] / counts["in"]
        for source, counts in report["by_source"].items()
        if counts["in"]
    }
    return dict(sorted(losses.items(), key=lambda item: (-item[1], item[0])))


def heavy_losses(report: Mapping[str, Any], config: Mapping[str, Any]) -> list[FailedGate]:
    """The gate `max_source_loss`, once for each source that broke it."""
    limit = config["max_source_loss"]
    return [
        FailedGate(
            "max_source_loss",
            f"source {source!r} lost {loss:.1%}: expected at most {limit:.1%} (--max-source-loss)",
        )
        for source, loss in source_losses(report).items()
        if limit is not None and loss > limit
    ]
