"""Limits that a complete stage may have broken: its output stands, its exit code tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIN_BAD = 10
"""So many quarantined records are forgiven whatever their share is, unless none is allowed."""


@dataclass(frozen=True)
class FailedGate:
    """A limit that a complete stage broke."""

    gate: str
    """The option that set it, such as `max_bad`."""
    message: str


def bad_inputs(
    documents: tuple[int, int], losses: Mapping[str, Any], max_bad: float, where: Path | None = None
) -> list[FailedGate]:
    """The gate `max_bad`, if more was lost than it allows: of documents, of files or of bytes.

    Parameters
    ----------
    documents
        Records that were quarantined, and records that came in, those included.
    losses
        `files` and `bytes` of a report.json: what came in, what was lost.
    max_bad
        The share that is allowed, of each.
    where
        The folder that lists them.
    """
    bad, records = documents
    # Who allows none means none.
    forgiven = bad <= MIN_BAD and max_bad > 0
    shares = {f"{bad:,} of {records:,} documents": 0.0 if forgiven else bad / max(records, 1)}
    for what in ("files", "bytes"):
        # A stage of an earlier version told neither.
        lost, came = (losses.get(what, {}).get(way, 0) for way in ("lost", "in"))
        shares[f"{lost:,} of {came:,} {what}"] = lost / max(came, lost, 1)
    worst = max(shares, key=shares.__getitem__)
    if shares[worst] <= max_bad:
        return []
    listed = f"; {where} lists them" if where else ""
    message = (
        f"too many bad inputs: expected at most {max_bad:.3%} (--max-bad), found "
        f"{shares[worst]:.3%}, {worst}{listed}"
    )
    return [FailedGate("max_bad", message)]


def stage_bad_inputs(
    report: Mapping[str, Any], config: Mapping[str, Any], folder: Path
) -> list[FailedGate]:
    """The same from a stage's report.json."""
    counts = report["documents"]
    documents = counts["quarantined"], counts["in"]
    return bad_inputs(documents, report, config["max_bad"], folder / "quarantine")


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
