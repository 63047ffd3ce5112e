"""What became of every document of a workspace, as a table in memory: a row a document.

Rows stand in the order in which the stages write them, so that a row number is a place in their
files: no text is read before somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from glmdata.errors import ConfigError
from glmdata.report.collect import Corpus, Stage
from glmdata.stage.rows import column_batches, readable, shards

KEPT = "kept"
PAGE = 50
"""Documents of a page."""

_COLUMNS = ["doc", "id", "source", "lang"]


@dataclass(frozen=True)
class Query:
    """What documents to show; empty texts ask for nothing."""

    id: str = ""
    """The document's id or key, or how it begins."""
    url: str = ""
    """A part of the address."""
    stage: str = ""
    """Removed by this stage."""
    fate: str = ""
    """`kept` or `removed`."""
    rule: str = ""
    source: str = ""
    lang: str = ""
    signal: str = ""
    low: float | None = None
    high: float | None = None
    docs: frozenset[bytes] | None = field(default=None, hash=False)
    """These alone; None: any."""


class Table:
    """The documents of all cleaning stages of a workspace.

    Raises
    ------
    ConfigError
        No stage of the workspace removes documents.
    CorruptDataError, StorageError
        As their names say.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        if not corpus.cleaning:
            raise ConfigError(
                f"{corpus.workspace}: expected a complete dedup or filter stage, found none",
                hint="run `glmdata dedup --input crawl/` or `glmdata run RECIPE` first",
            )
        for stage in corpus.cleaning:
            stage.manifest.check_content(stage.folder, ("decisions/", "removed/", "scores/"))
        frames = [_gone(stage) for stage in corpus.cleaning[:-1]]
        # The last one knows all that the stages before it have kept.
        self.last = corpus.cleaning[-1]
        frames.append(_judged(self.last))
        self._behind = sum(len(frame) for frame in frames[:-1])
        """Rows before those of the last stage."""
        self.rows = pl.concat(frames).with_row_index("row")
        self._signals: dict[str, pl.Series] = {}
        self._pages: dict[Query, pl.Series] = {}
        self._lock = Lock()

    def page(self, query: Query, number: int) -> tuple[int, list[dict[str, Any]]]:
        """How many documents there are, and those of a page, counted from 0."""
        # Other threads ask for other pages at the same time.
        with self._lock:
            if query not in self._pages or query.docs is not None:
                self._pages = {query: self.rows.filter(self._wanted(query))["row"]}
            found = self._pages[query]
        chosen = found.slice(number * PAGE, PAGE)
        return len(found), self.rows[chosen.to_list()].to_dicts()

    def find(self, doc: bytes) -> dict[str, Any] | None:
        """The row of a document."""
        found = self.rows.filter(pl.col("doc") == doc)
        return found.row(0, named=True) if len(found) else None

    def counts(self, column: str, most: int = 200) -> list[tuple[str, int]]:
        """The values of a column with how often each is there, the most frequent first."""
        # Each count is asked for by every page.
        if column not in self._counted:
            table = self.rows[column].drop_nulls().cast(pl.String).value_counts(name="n")
            rows = table.sort(["n", column], descending=[True, False]).rows()
            self._counted[column] = [(str(value), int(n)) for value, n in rows]
        return self._counted[column][:most]

    @cached_property
    def _counted(self) -> dict[str, list[tuple[str, int]]]:
        return {}

    @cached_property
    def signals(self) -> list[str]:
        """The numbers that the filter has measured."""
        files = shards(self.last.folder, "scores")
        if self.last.name != "filter" or not files:
            return []
        schema = pl.read_ipc_schema(readable(files[0]))
        return sorted(
            name for name, kind in schema.items() if kind.is_numeric() or kind == pl.Boolean
        )

    def scores(self, row: int) -> Mapping[str, float | None]:
        """What was measured of a document."""
        at = row - self._behind
        if at < 0 or not self.signals:
            return {}
        for path in shards(self.last.folder, "scores"):
            frame = pl.scan_ipc(readable(path)).select(self.signals)
            n = self._lengths[path]
            if at < n:
                return frame.slice(at, 1).collect().row(0, named=True)
            at -= n
        return {}

    @cached_property
    def _lengths(self) -> dict[Path, int]:
        listed = {self.last.folder / e["path"]: e["rows"] for e in self.last.manifest.files}
        return {path: int(listed[path] or 0) for path in shards(self.last.folder, "scores")}

    @cached_property
    def _urls(self) -> pl.Series:
        """Addresses by row, from the documents that a stage kept; null of all others."""
        frames = [_frame(stage, "data", ["doc", "url"]) for stage in self.corpus.cleaning]
        kept = pl.col("rule").is_null()
        if not any(map(len, frames[:-1])) and self.rows.filter(kept)["doc"].equals(
            frames[-1]["doc"]
        ):
            # In order, so no key is looked up: that took half a second for a million documents.
            place = pl.when(kept).then(kept.cum_sum() - 1).alias("place")
            return frames[-1]["url"].gather(self.rows.select(place)["place"])
        known = pl.concat(frames).unique("doc", keep="first")
        return self.rows.select("doc").join(known, on="doc", how="left", maintain_order="left")[
            "url"
        ]

    def _signal(self, name: str) -> pl.Series:
        if name not in self._signals:
            read = [
                pl.read_ipc(readable(path), columns=[name])[name].cast(pl.Float64)
                for path in shards(self.last.folder, "scores")
            ]
            empty = pl.Series(name, [None] * self._behind, pl.Float64)
            self._signals = {name: pl.concat([empty, *read])}
        return self._signals[name]

    def _wanted(self, query: Query) -> pl.Series:
        asked = pl.lit(True)
        if query.id:
            by_id = pl.col("id").str.starts_with(query.id)
            if _is_key(query.id):
                by_id |= pl.col("doc") == bytes.fromhex(query.id)
            asked &= by_id
        if query.fate:
            asked &= pl.col("rule").is_null() == (query.fate == KEPT)
        for name in ("stage", "rule", "source", "lang"):
            if value := getattr(query, name):
                asked &= pl.col(name) == value
        if query.docs is not None:
            asked &= pl.col("doc").is_in(list(query.docs))
        mask = self.rows.select(asked.fill_null(False).alias("asked"))["asked"]
        if len(mask) != len(self.rows):
            mask = pl.Series("asked", [True] * len(self.rows))
        if query.url:
            mask &= self._urls.str.contains(query.url, literal=True).fill_null(False)
        if query.signal in self.signals and (query.low is not None or query.high is not None):
            values = self._signal(query.signal)
            if query.low is not None:
                mask &= (values >= query.low).fill_null(False)
            if query.high is not None:
                mask &= (values <= query.high).fill_null(False)
        return mask


def _is_key(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def _frame(stage: Stage, table: str, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of one of the tables of a stage: keys as bytes, names as text."""
    import pyarrow as pa

    kinds = pl.Schema({name: pl.Binary() if name == "doc" else pl.String() for name in columns})
    # Kept documents are not hashed before they are read, so each batch is checked.
    frames = [
        pl.DataFrame(pa.Table.from_batches([batch])).select(columns).cast(kinds)
        for batch in column_batches(shards(stage.folder, table), columns)
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=kinds)


def _gone(stage: Stage) -> pl.DataFrame:
    """What a stage before the last one removed."""
    frame = _frame(stage, "removed", [*_COLUMNS, "rule"])
    return frame.select(*_COLUMNS, pl.lit(stage.name).alias("stage"), "rule")


def _judged(stage: Stage) -> pl.DataFrame:
    """All documents that the last stage has read: kept or removed."""
    if stage.name != "filter":
        # A stage that wrote decisions alone, or other files than Arrow and Parquet, knows the
        # documents that it kept by their keys.
        named = [_frame(stage, place, _COLUMNS) for place in ("removed", "data")]
        names = pl.concat(named).unique("doc", keep="first")
        decided = _frame(stage, "decisions", ["doc", "rule"])
        frame = decided.join(names, on="doc", how="left", maintain_order="left")
    else:
        scores = _frame(stage, "scores", _COLUMNS)
        decided = _frame(stage, "decisions", ["doc", "rule"])
        if not scores["doc"].equals(decided["doc"]):
            raise ConfigError(
                f"{stage.folder}: scores and decisions are about other documents",
                hint="make the stage anew with --fresh",
            )
        frame = scores.with_columns(decided["rule"])
    removed_by = pl.when(pl.col("rule").is_not_null()).then(pl.lit(stage.name)).otherwise(None)
    return frame.select(*_COLUMNS, removed_by.cast(pl.String).alias("stage"), "rule")
