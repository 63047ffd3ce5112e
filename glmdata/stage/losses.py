"""What a stage could not read, as its report tells: records, files and bytes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
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

LOOKED_AT = 100_000
"""Events that are looked at for an example of each reason."""

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


def record_reasons(report: Mapping[str, Any]) -> dict[str, int]:
    """Quarantined records by reason, most first; of those in lost files nothing more is known."""
    counts = dict(report["quarantine"])
    held = 0
    for group in report.get("lost_files", []):
        counts[group["reason"]] = counts.get(group["reason"], 0) - group["files"]
        held += group["documents"]
    found = {**counts, "in lost files": held}
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {reason: count for reason, count in ordered if count > 0}


def example_lines(stage: Path, reasons: Iterable[str]) -> Iterator[str]:
    """For each reason what was wrong with its first record, and where that is."""
    wanted = set(reasons)
    events = islice(_events(stage), LOOKED_AT)
    for event in events:
        if not wanted:
            return
        if event.get("kind") in wanted and event.get("row") is not None:
            wanted.remove(event["kind"])
            place = f"{event.get('relative')}, row {event['row']}"
            yield f"{event['kind']}: {event.get('detail')}, such as {place}"


def _events(stage: Path) -> Iterator[Mapping[str, Any]]:
    """The events of a quarantine; an example is not worth an error of its own."""
    for path in sorted((stage / "quarantine").glob("part-*.jsonl")):
        with contextlib.suppress(OSError, ValueError), path.open(encoding="utf-8") as lines:
            yield from (event for line in lines if isinstance(event := json.loads(line), dict))
