"""The dates that documents of a finished stage have, to tell why a newer copy stayed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from glmdata.stage.rows import column_batches, shards

NONE = -(2**63) + 1
"""Stands for a field that holds no date, and is the largest that is none."""


def dates_of(docs: Collection[bytes], folder: Path) -> dict[bytes, int]:
    """Seconds since 1970 of those of some documents, by key, that have a date.

    Raises
    ------
    CorruptDataError
        A file of the stage is damaged.
    """
    import pyarrow as pa
    from pyarrow import compute

    table = folder / "documents.arrow"
    if not table.exists():
        return {}
    places: dict[int, bytes] = {}
    at = 0
    # Rows of decisions and of the table are in input order.
    for batch in column_batches(shards(folder, "decisions"), ["doc"]):
        keys = batch.column("doc")
        same = compute.is_in(keys, pa.array(sorted(docs), keys.type))
        for place in compute.indices_nonzero(same).to_pylist():
            places[at + place] = keys[place].as_py()
        at += len(keys)
    found: dict[bytes, int] = {}
    at = 0
    for batch in column_batches([table], ["date"]):
        dates = batch.column("date")
        for place in places:
            if at <= place < at + len(dates):
                date = dates[place - at].as_py()
                if date is not None and date > NONE:
                    found[places[place]] = date
        at += len(dates)
    return found
