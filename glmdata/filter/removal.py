"""Why the filter removed a document."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glmdata.stage.rows import find_rows, shards


@dataclass(frozen=True)
class Removal:
    """The rule that was true of it first, and what that compared."""

    rule: str
    value: float | None
    threshold: float | None
    benchmark: str | None = None
    """The benchmark item for which it went."""
    place: tuple[int, int] | None = None
    """The bytes that hold the item."""


def removal(doc: bytes, stage: Path) -> Removal | None:
    """What a filter stage says of the document with this key; None if it did not remove it.

    Raises
    ------
    CorruptDataError
        A file of the stage cannot be read.
    """
    for row in find_rows(shards(stage, "removed"), {"doc": doc}):
        spans = row.get("spans")
        place = (int(spans[0]), int(spans[1])) if spans else None
        return Removal(row["rule"], row["value"], row["threshold"], row.get("benchmark"), place)
    return None
