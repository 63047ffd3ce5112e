"""Documents to read: removals by chance, removals that were close calls, and kept ones by chance.

The choice is by key, so the same corpus shows the same documents. Keys are hashes; to take the
smallest after mixing in a constant is to draw by chance.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glmdata.report.collect import Corpus, Stage
from glmdata.report.compare import Comparison, compare
from glmdata.stage.origin import OriginTexts
from glmdata.stage.rows import Row, column_batches, find_keys, shards

RANDOM = 20
RISKY = 20
KEPT = 10
MAX_TEXT = 20_000
"""Characters of a text that are compared and shown."""

_DRAW = 0x9E3779B97F4A7C15
"""Mixed into keys, so that the draw is not that of another tool which sorts by key."""

_CERTAIN = frozenset(
    {"exact-raw", "exact-normalised", "url", "line", "paragraph", "substring", "template"}
)
"""Rules that compare nothing with a threshold."""


@dataclass(frozen=True)
class Removal:
    """A removed document, with the one that stayed for it if there is one."""

    stage: str
    row: Mapping[str, Any]
    text: str | None
    kept_text: str | None
    comparison: Comparison | None

    @property
    def doc(self) -> str:
        """The key, in hex."""
        return bytes(self.row["doc"]).hex()


@dataclass(frozen=True)
class Kept:
    """A kept document."""

    row: Mapping[str, Any]
    text: str


@dataclass(frozen=True)
class Samples:
    """What is shown."""

    random: Sequence[Removal]
    risky: Sequence[Removal]
    kept: Sequence[Kept]


def draw(corpus: Corpus) -> Samples:
    """Choose documents and fetch their texts."""
    places = {stage.name: shards(stage.folder, "removed") for stage in corpus.cleaning}
    chances: list[tuple[float, str, bytes]] = []
    close: list[tuple[float, str, bytes]] = []
    for name, paths in places.items():
        chances += _smallest(_by_chance(paths), RANDOM, name)
        close += _smallest(_by_margin(paths), RISKY, name)
    texts = _Texts(corpus)
    rows = {name: find_keys(paths, _keys(name, chances, close)) for name, paths in places.items()}
    texts.load(rows)
    return Samples(
        random=[texts.removal(name, rows[name][doc]) for _, name, doc in sorted(chances)[:RANDOM]],
        risky=[texts.removal(name, rows[name][doc]) for _, name, doc in sorted(close)[:RISKY]],
        kept=_kept(corpus),
    )


def _keys(name: str, *chosen: list[tuple[float, str, bytes]]) -> set[bytes]:
    return {doc for part in chosen for _, stage, doc in part if stage == name}


def _smallest(
    batches: Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]], count: int, name: str
) -> list[tuple[float, str, bytes]]:
    """The rows of the smallest figures: figure, stage, key."""
    best: list[tuple[float, str, bytes]] = []
    for figures, docs in batches:
        near = np.argsort(figures, kind="stable")[:count]
        found = [(float(figures[i]), name, docs[i].tobytes()) for i in near]
        best = heapq.nsmallest(count, [*best, *(f for f in found if np.isfinite(f[0]))])
    return best


def _docs(column: Any) -> np.ndarray[Any, Any]:
    raw = np.frombuffer(column.buffers()[1], np.uint8)
    start = column.offset * 16
    return raw[start : start + len(column) * 16].reshape(-1, 16)


def _chance(docs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    low = np.ascontiguousarray(docs[:, :8]).view(np.uint64)[:, 0]
    return ((low ^ np.uint64(_DRAW)) * np.uint64(_DRAW)).astype(np.float64)


def _by_chance(
    paths: Sequence[Path],
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    for batch in column_batches(paths, ["doc"]):
        docs = _docs(batch.column("doc"))
        yield _chance(docs), docs


def _by_margin(
    paths: Sequence[Path],
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """How far the value lies beyond the threshold, as a share of it: the close calls first."""
    for batch in column_batches(paths, ["doc", "rule", "value", "threshold"]):
        value = batch.column("value").to_numpy(zero_copy_only=False).astype(np.float64)
        threshold = batch.column("threshold").to_numpy(zero_copy_only=False).astype(np.float64)
        margin = np.abs(value - threshold) / np.maximum(np.abs(threshold), 1e-9)
        certain = np.array([rule in _CERTAIN for rule in batch.column("rule").to_pylist()], bool)
        yield np.where(certain | np.isnan(margin), np.inf, margin), _docs(batch.column("doc"))


class _Texts:
    """Texts of removed documents, from the stage before, else from the crawl."""

    def __init__(self, corpus: Corpus) -> None:
        self._stages = corpus.cleaning
        first: Stage | None = self._stages[0] if self._stages else None
        self._origins = OriginTexts(first.folder, first.manifest) if first else None
        self._rows: dict[str, dict[bytes, Row]] = {}

    def load(self, removed: Mapping[str, Mapping[bytes, Row]]) -> None:
        """Find in one pass a stage what the removals need of documents that stages kept."""
        for number, stage in enumerate(self._stages):
            wanted = {row["kept_doc"] for row in removed[stage.name].values() if row["kept_doc"]}
            # What the next stage removed is among what this one kept.
            for later in self._stages[number + 1 :]:
                wanted |= set(removed[later.name])
            self._rows[stage.name] = find_keys(self._kept_by(number), wanted)

    def _kept_by(self, number: int) -> list[Path]:
        """Where the documents are that a stage kept; one that wrote decisions hands them on."""
        stage = self._stages[number]
        later = self._stages[number + 1 : number + 2]
        handed = [path for s in later for path in (*shards(s.folder), *shards(s.folder, "removed"))]
        return shards(stage.folder) or handed

    def removal(self, stage: str, row: Row) -> Removal:
        text, kept = self._text(row), None
        if row["kept_doc"]:
            found = self._rows[stage].get(row["kept_doc"])
            kept = self._text(found) if found else None
        comparison = compare(text, kept) if text is not None and kept is not None else None
        return Removal(stage, row, text, kept, comparison)

    def _text(self, row: Row) -> str | None:
        if row["text"] is not None:
            return str(row["text"])[:MAX_TEXT]
        for rows in self._rows.values():
            if row["doc"] in rows and rows[row["doc"]]["text"] is not None:
                return str(rows[row["doc"]]["text"])[:MAX_TEXT]
        text = self._origins.of(row["origin"])[0] if self._origins else None
        return text[:MAX_TEXT] if text is not None else None


def _kept(corpus: Corpus) -> list[Kept]:
    for stage in reversed(corpus.cleaning):
        paths = shards(stage.folder)
        if paths:
            chosen = sorted(_smallest(_by_chance(paths), KEPT, stage.name))
            rows = find_keys(paths, {doc for _, _, doc in chosen})
            found = [rows[doc] for _, _, doc in chosen]
            return [Kept(row, str(row["text"])[:MAX_TEXT]) for row in found]
    return []
