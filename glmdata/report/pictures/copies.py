"""Near copies: how alike compared pairs are, and what a higher threshold would leave standing.

Both are read from the ledger of pairs, a batch at a time. `glmdata dedup --rethreshold` decides
anew from the same ledger; here each removal is only asked whether one of the documents that stay
now would still remove it, so that the order in which documents are kept need not be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glmdata.report.collect import Corpus, Stage
from glmdata.stage.picture import Drawing, Picture, Plot
from glmdata.stage.rows import column_batches, shards

FLOOR = 0.5
"""Pairs that are less alike are counted by deduplication and forgotten."""

_BIN = 0.025
_STEPS = 20
_SHORT = 400
"""Shingles below which a text must be contained by more: midway from the option to 1."""

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Likeness:
    """Compared pairs by Jaccard similarity."""

    edges: Floats
    counts: npt.NDArray[np.int64]
    threshold: float

    @property
    def verified(self) -> int:
        """Pairs at or above the threshold."""
        return int(self.counts[self.edges[:-1] >= self.threshold - 1e-12].sum())


@dataclass(frozen=True)
class Course:
    """Near copies that would be removed at other thresholds, the one in force first."""

    thresholds: Floats
    removed: npt.NDArray[np.int64]


def copies(corpus: Corpus) -> list[Picture]:
    """The pictures of deduplication; none where it has not run."""
    stage = corpus.get("dedup")
    if stage is None:
        return []
    return [_likeness(stage), _course(stage)]


def likeness(stage: Stage) -> Likeness:
    """Count the pairs of the ledger; an edge lies on the threshold."""
    threshold = float(stage.report["threshold"])
    below = int(np.floor((threshold - FLOOR) / _BIN + 1e-9))
    above = int(np.floor((1 - threshold) / _BIN + 1e-9))
    inner = threshold + _BIN * np.arange(-below, above + 1)
    edges: Floats = np.unique(np.round(np.concatenate(([FLOOR], inner, [1.0])), 9))
    edges = edges[(edges >= min(FLOOR, threshold)) & (edges <= 1)]
    counts = np.zeros(len(edges) - 1, np.int64)
    for batch in column_batches([stage.folder / "pairs.arrow"], ["jaccard"]):
        values = batch.column("jaccard").to_numpy(zero_copy_only=False)
        # A pair that has the threshold itself is at it, whatever the last digit of the edge.
        counts += np.histogram(np.where(values == threshold, threshold + 1e-9, values), edges)[0]
    return Likeness(edges, counts, threshold)


def course(stage: Stage) -> Course:
    """Ask each near copy whether it would go at higher thresholds."""
    gone, near, nearest, held = _removals(stage)
    config: Mapping[str, Any] = stage.manifest.config
    for batch in column_batches(
        [stage.folder / "pairs.arrow"],
        ["doc_a", "doc_b", "shingles_a", "shingles_b", "shared", "relation", "same_opening"],
    ):
        a, b = _keys(batch.column("doc_a")), _keys(batch.column("doc_b"))
        figures = {
            name: batch.column(name).to_numpy(zero_copy_only=False)
            for name in ("shingles_a", "shingles_b", "shared", "same_opening")
        }
        variant, same = (_is(batch.column("relation"), name) for name in ("variant", "same"))
        if config["variants"] != "keep":
            variant, same = np.zeros_like(variant), same | variant
        shared = figures["shared"].astype(np.float64)
        union = figures["shingles_a"].astype(np.float64) + figures["shingles_b"] - shared
        jaccard = np.where(same, shared / np.maximum(union, 1), -1.0)
        for own, other, size in ((a, b, "shingles_a"), (b, a, "shingles_b")):
            asked = _among(near, own) & ~_among(gone, other)
            if not asked.any():
                continue
            at = np.searchsorted(near, own[asked])
            np.maximum.at(nearest, at, jaccard[asked])
            whole = figures[size].astype(np.float64)
            contained = _contained(config, shared / np.maximum(whole, 1), whole)
            np.logical_or.at(held, at, (contained & figures["same_opening"] & ~variant)[asked])
    start = float(stage.report["threshold"])
    thresholds = np.linspace(start, 1.0, _STEPS + 1)
    # A threshold made by adding up must not miss the pair that has it.
    removed = [int((held | (nearest >= t - 1e-9)).sum()) for t in thresholds]
    return Course(thresholds, np.array(removed, np.int64))


def _removals(stage: Stage) -> tuple[Keys, Keys, Floats, Marks]:
    """Removed documents in order; the near copies; how near each is; whether one is contained."""
    gone, near, nearest, held = [], [], [], []
    paths = shards(stage.folder, "removed")
    for batch in column_batches(paths, ["doc", "rule", "jaccard"]):
        keys = _keys(batch.column("doc"))
        fuzzy, contained = (_is(batch.column("rule"), name) for name in ("fuzzy", "contained"))
        chosen = fuzzy | contained
        gone.append(keys)
        near.append(keys[chosen])
        held.append(contained[chosen])
        jaccard = batch.column("jaccard").to_numpy(zero_copy_only=False).astype(np.float64)
        # What contains a text removes it at any threshold; how alike they are is another rule.
        nearest.append(np.where(fuzzy, jaccard, -1.0)[chosen])
    if not gone:
        return np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0), np.empty(0, np.bool_)
    keys = np.concatenate(near)
    order = np.argsort(keys)
    return (
        np.sort(np.concatenate(gone)),
        keys[order],
        np.concatenate(nearest)[order],
        np.concatenate(held)[order],
    )


def _contained(config: Mapping[str, Any], part: Floats, shingles: Floats) -> Marks:
    least = config["containment"]
    if least is None:
        return np.zeros(len(part), np.bool_)
    held: Marks = part >= np.where(shingles < _SHORT, (least + 1) / 2, least)
    return held


def _is(column: Any, word: str) -> Marks:
    """Where a column of words has one; words as objects would take a hundred bytes each."""
    from pyarrow import compute

    found = compute.fill_null(compute.equal(column, word), False)
    marks: Marks = found.to_numpy(zero_copy_only=False)
    return marks


def _keys(column: Any) -> Keys:
    """The first half of each key: keys are hashes, so a half tells documents apart here."""
    raw = np.frombuffer(column.buffers()[1], np.uint64)
    return raw[2 * column.offset : 2 * (column.offset + len(column)) : 2].copy()


def _among(ordered: Keys, keys: Keys) -> Marks:
    at = np.minimum(np.searchsorted(ordered, keys), max(len(ordered) - 1, 0))
    return ordered[at] == keys if len(ordered) else np.zeros(len(keys), np.bool_)


def _likeness(stage: Stage) -> Picture:
    name, title = "pairs", "How alike the compared pairs are"
    show = f"glmdata show {stage.folder} --json"
    if not (stage.folder / "pairs.arrow").exists():
        return Picture(name, title, "There is no picture: the stage has no pairs.arrow.", show)
    found = likeness(stage)
    total = int(found.counts.sum())
    if not total:
        why = f"There is no picture: no two documents that were compared have {FLOOR} in common."
        return Picture(name, title, f"{why} Counts of pairs are printed by", show)
    bands, rows = stage.report["bands"]["bands"], stage.report["bands"]["rows"]
    verified, threshold = found.verified, found.threshold
    draw = Drawing(
        f"A histogram of {total:,} pairs from Jaccard similarity {FLOOR} to 1; {verified:,} are at "
        f"or above the threshold {threshold:g}. A rising curve shows how likely a pair is compared."
    )
    plot = Plot(draw, float(found.edges[0]), 1.0, int(found.counts.max()), logarithmic=True)
    plot.axes([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], "Jaccard similarity of a pair")
    plot.bars(
        [float(edge) for edge in found.edges],
        [int(count) for count in found.counts],
        lambda middle: middle >= threshold,
    )
    points = np.linspace(plot.low, 1.0, 60)
    chance = 1 - (1 - points**rows) ** bands
    height = plot.foot - plot.top
    draw.line(
        [
            (plot.x(float(s)), plot.foot - float(p) * height)
            for s, p in zip(points, chance, strict=True)
        ],
        "curve",
    )
    for percent in (0, 50, 100):
        draw.text(plot.right + 4, plot.foot - percent / 100 * height + 4, f"{percent} %", "third")
    plot.limit(threshold, f"threshold {threshold:g}: {verified:,} pairs")
    caption = (
        f"Bars count pairs (scale on the left, each step is ten times as many); hatched ones are "
        f"at or above the threshold. The curve (scale on the right) is 1 - (1 - s^{rows})^{bands}: "
        f"how likely {bands} bands of {rows} rows compare a pair of similarity s. Where it is low, "
        "the bars show only a part of the pairs there are. Some pairs at or above the threshold "
        "remove nothing: variants, and pairs whose other document is gone already. Printed, as "
        "pairs and bands, by"
    )
    return Picture(name, title, caption, show, draw)


def _course(stage: Stage) -> Picture:
    name, title = "rethreshold", "What a higher threshold would remove"
    command = f"glmdata dedup --rethreshold T --stage {stage.folder} --output DIR"
    near = sum(stage.report["removed_by_rule"].get(rule, 0) for rule in ("fuzzy", "contained"))
    why = ""
    if not (stage.folder / "pairs.arrow").exists() or not shards(stage.folder, "removed"):
        why = "the stage has no ledger of pairs, or no list of what it removed"
    elif not near:
        why = "no near copy was removed"
    elif stage.report["threshold"] >= 1:
        why = "the threshold is 1, and there is no higher one"
    elif stage.manifest.config["cluster"] == "components":
        why = "with cluster = components a document may go for one that it was not compared with"
    if why:
        text = f"There is no picture: {why}. Another threshold is decided by"
        return Picture(name, title, text, command)
    found = course(stage)
    start, last = int(found.removed[0]), int(found.removed[-1])
    draw = Drawing(
        f"A line from {start:,} near copies removed at threshold {found.thresholds[0]:g} to "
        f"{last:,} at 1."
    )
    plot = Plot(draw, float(found.thresholds[0]), 1.0, int(found.removed.max()))
    plot.axes([float(t) for t in found.thresholds[:: _STEPS // 4]], "threshold")
    points = [
        (plot.x(float(t)), plot.y(int(n)))
        for t, n in zip(found.thresholds, found.removed, strict=True)
    ]
    draw.line(points, "course")
    draw.dot(*points[0])
    draw.text(points[0][0], plot.top - 11, f"now, {plot.low:g}: {start:,}", "strong")
    draw.text(points[-1][0], points[-1][1] - 9, f"{last:,}", "strong", "end")
    caption = (
        "Near copies (fuzzy and contained) that would be removed; equal texts go at any threshold. "
        f"At {plot.low:g} the figure is that of the stage. The others are an estimate: a removed "
        "document is taken to go if a document that stays now would still remove it, but one that "
        "stays at a higher threshold may take others with it. Nothing can be said of lower "
        "thresholds: bands are chosen for this one, and texts of pairs below it were not read. "
        "Exact, without comparing texts again, by"
    )
    return Picture(name, title, caption, command, draw)
