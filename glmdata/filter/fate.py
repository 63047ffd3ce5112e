"""What a filter stage did to one document: removed, moved, or changed by masks and repairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from glmdata.stage.manifest import REPORT_FILE, read_object
from glmdata.stage.rows import find_rows, shards


@dataclass(frozen=True)
class Fate:
    """What became of it. A kept document may have another source and masks."""

    kept: bool
    rule: str | None = None
    """The rule that was true of it first, if it was removed."""
    condition: str | None = None
    """What that rule asks, in its own words."""
    value: float | None = None
    threshold: float | None = None
    benchmark: str | None = None
    """The benchmark item for which it went."""
    place: tuple[int, int] | None = None
    """The bytes that hold the item."""
    moved: tuple[str, str] | None = None
    """The source it had and the one it has now, if a rule moved it."""
    edits: Mapping[str, int] = field(default_factory=dict)
    """How often each rule changed its text: masks of personal data, repairs."""


def fate_of(doc: bytes, stage: Path) -> Fate | None:
    """What a filter stage says of the document with this key; None if it does not know it.

    A stage that wrote decisions only does not tell what it would have changed.

    Raises
    ------
    CorruptDataError
        A file of the stage cannot be read.
    """
    for row in find_rows(shards(stage, "removed"), {"doc": doc}):
        spans = row.get("spans")
        return Fate(
            kept=False,
            rule=row["rule"],
            condition=read_object(stage / REPORT_FILE).get("rules", {}).get(row["rule"]),
            value=row["value"],
            threshold=row["threshold"],
            benchmark=row.get("benchmark"),
            place=(int(spans[0]), int(spans[1])) if spans else None,
        )
    for row in find_rows(shards(stage), {"doc": doc}):
        edits = Counter(edit["rule"] for edit in find_rows(shards(stage, "edits"), {"doc": doc}))
        source = row.get("source")
        # Scores were measured before anything was moved.
        before = next(find_rows(shards(stage, "scores"), {"doc": doc}), {}).get("source")
        return Fate(
            kept=True,
            moved=(before, str(source)) if before not in (None, source) else None,
            edits=dict(sorted(edits.items())),
        )
    return None
