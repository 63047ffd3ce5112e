"""What is left of every source and language after each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glmdata.report.collect import Corpus


@dataclass(frozen=True)
class Row:
    """One source or language; `counts` are documents, one a column of the funnel."""

    name: str
    counts: Sequence[int]
    text_bytes: Sequence[int]

    @property
    def kept(self) -> float:
        """The share of documents that came through all stages."""
        return self.counts[-1] / self.counts[0] if self.counts[0] else 0.0


@dataclass(frozen=True)
class Funnel:
    """A table: its columns, and its rows by size."""

    columns: Sequence[str]
    rows: Sequence[Row]
    total: Row


def funnel(corpus: Corpus, key: str) -> Funnel | None:
    """The funnel by `by_source` or `by_lang`; None without a stage that removes documents.

    A document that the filter moved to another source is counted where it came from.
    """
    stages = corpus.cleaning
    if not stages:
        return None
    parts: list[Mapping[str, Mapping[str, int]]] = [stage.report[key] for stage in stages]
    names = sorted({name for part in parts for name in part})
    rows = []
    for name in names:
        cells = [part.get(name, {}) for part in parts]
        counts = [cells[0].get("in", 0), *(cell.get("kept", 0) for cell in cells)]
        text = [
            cells[0].get("text_bytes_in", 0),
            *(cell.get("text_bytes_kept", 0) for cell in cells),
        ]
        rows.append(Row(name, counts, text))
    rows.sort(key=lambda row: (-row.text_bytes[0], row.name))
    # A crawl without a document has no row to sum over, and a total all the same.
    columns = range(len(stages) + 1)
    total = Row(
        "all",
        [sum(row.counts[column] for row in rows) for column in columns],
        [sum(row.text_bytes[column] for row in rows) for column in columns],
    )
    return Funnel(["in", *(f"after {stage.name}" for stage in stages)], rows, total)
