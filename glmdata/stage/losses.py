"""What a stage could not read, as its report tells: records, files and bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LOSSES = ("files", "bytes", "quarantine", "lost_files")
"""Keys of a report.json that tell what could not be read."""

NO_LOSSES: Mapping[str, Any] = {
    "files": {"in": 0, "lost": 0},
    "bytes": {"in": 0, "lost": 0},
    "quarantine": {},
    "lost_files": [],
}
"""Of a stage that reads nothing but scores: whoever measured told what was lost."""

SHOWN = 5
"""Reasons for lost files that a summary lists."""


def lost_records(events: Iterable[Mapping[str, Any]]) -> int:
    """Records that were set aside, and those that lost files say they held."""
    # One event may speak of several records that follow each other.
    return sum(event["rows"] or int(event["row"] is not None) for event in events)


def loss_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each reason why files were lost, most files first.

    Parameters
    ----------
    report
        A report.json; one of an earlier version, without these facts, gives nothing.
    """
    lost = report.get("lost_files", [])
    for group in lost[:SHOWN]:
        n = group["files"]
        held = f", {group['documents']:,} documents" if group["documents"] else ""
        files = "1 file" if n == 1 else f"{n:,} files"
        yield f"{files}{held}: {group['detail']} ({group['reason']}), such as {group['example']}"
    if len(lost) > SHOWN:
        yield f"{len(lost) - SHOWN} more reasons, in report.json"
