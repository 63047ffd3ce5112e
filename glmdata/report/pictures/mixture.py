"""What the mixture made of sources, and how long their documents are beside the rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from glmdata.report.collect import Corpus, Stage
from glmdata.stage.picture import LINE, WIDTH, Drawing, Picture, cut, share, short

MOST = 10
"""Groups that have a line of their own; the rest is one more."""

_LEFT, _RIGHT = 4.0, WIDTH - 92.0


def mixture(corpus: Corpus) -> list[Picture]:
    """The pictures of the mixture; none where there is none."""
    stage = corpus.get("mix")
    if stage is None:
        return []
    show = f"glmdata show {stage.folder} --json"
    rows = stage.report["by_source"]
    if not any(row["tokens"] for row in rows):
        why = "There is no picture: the token store is empty. Printed by"
        return [Picture("mixture-shares", "Shares before and after the mixture", why, show)]
    return [_shares(rows, show), _lengths(stage, rows, show)]


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sources, the largest first, with the smaller ones summed up."""
    sums: dict[str, dict[str, Any]] = {}
    for row in rows:
        first = {"source": row["source"], "documents": 0, "tokens": 0, "realised": 0, "longest": 0}
        into = sums.setdefault(row["source"], first)
        for key in ("documents", "tokens", "realised"):
            into[key] += row[key]
        into["longest"] = max(into["longest"], row["longest"])
    ordered = sorted(sums.values(), key=lambda row: (-row["realised"], row["source"]))
    rest = ordered[MOST:]
    if rest:
        last = {
            "source": f"{len(rest):,} smaller sources",
            "longest": max(r["longest"] for r in rest),
        }
        for key in ("documents", "tokens", "realised"):
            last[key] = sum(row[key] for row in rest)
        ordered[MOST:] = [last]
    return ordered


def _shares(rows: Sequence[Mapping[str, Any]], show: str) -> Picture:
    groups = _groups(rows)
    before, after = (sum(group[key] for group in groups) for key in ("tokens", "realised"))
    most = max(
        *(group["tokens"] / before for group in groups),
        *(group["realised"] / (after or 1) for group in groups),
    )
    said = "; ".join(
        f"{cut(group['source'], 40)} {share(group['tokens'], before)} before and "
        f"{share(group['realised'], after)} after"
        for group in groups
    )
    draw = Drawing(f"Two bars for each source. {said}.")
    y = 4.0
    for group in groups:
        draw.text(_LEFT, y + LINE - 3, cut(group["source"], 44), "strong")
        y += LINE + 2
        for key, whole, word, look in (
            ("tokens", before, "before", "kept"),
            ("realised", after, "after", "third"),
        ):
            part = group[key] / whole if whole else 0.0
            width = part / most * (_RIGHT - _LEFT)
            draw.bar((_LEFT, y, width, 11), look, group[key], hatched=key == "realised")
            draw.text(_LEFT + width + 5, y + 10, f"{share(group[key], whole)} {word}", "quiet")
            y += LINE
        y += 7
    caption = (
        f"The share of each source in {before:,} tokens of the store (before) and in {after:,} "
        "tokens of the training rows (after, hatched). Printed by"
    )
    return Picture("mixture-shares", "Shares before and after the mixture", caption, show, draw)


def _lengths(stage: Stage, rows: Sequence[Mapping[str, Any]], show: str) -> Picture:
    groups = [group for group in _groups(rows) if group["documents"]]
    lengths = sorted({int(shape["row_length"]) for shape in stage.report["by_shape"]})
    limit = max([*lengths, *(group["longest"] for group in groups), 10])
    left, right = 10.0, WIDTH - 14.0

    def x(tokens: float) -> float:
        return left + math.log(max(tokens, 1)) / math.log(limit) * (right - left)

    said = "; ".join(
        f"{cut(group['source'], 40)} mean {group['tokens'] / group['documents']:,.0f}, longest "
        f"{group['longest']:,}"
        for group in groups
    )
    draw = Drawing(
        f"A line for each source from its mean length to its longest document. {said}. Rows have "
        f"{', '.join(f'{length:,}' for length in lengths)} tokens."
    )
    top = 24.0
    foot = top + len(groups) * (2 * LINE + 8) + 4
    for power in range(int(math.log10(limit)) + 1):
        at = x(10**power)
        draw.line([(at, top), (at, foot)], "grid")
        draw.text(at, foot + 15, short(10**power), "quiet", "middle")
    for length in lengths:
        draw.line([(x(length), top - 6), (x(length), foot)], "limit")
    rows_of = " and ".join(short(length) for length in (lengths[:1] + lengths[1:][-1:]))
    draw.text(right, top - 10, f"rows of {rows_of} tokens", "strong", "end")
    y = top
    for group in groups:
        mean = group["tokens"] / group["documents"]
        figures = f"mean {short(round(mean))}, longest {short(group['longest'])}"
        draw.text(left, y + LINE - 1, f"{cut(group['source'], 20)}: {figures}")
        box = (x(mean), y + LINE + 4, max(x(group["longest"]) - x(mean), 2), 7)
        draw.bar(box, "kept", group["longest"], hatched=False)
        draw.dot(x(mean), y + LINE + 7.5)
        y += 2 * LINE + 8
    draw.text(
        WIDTH / 2,
        foot + 32,
        "tokens of a document (each step is ten times as many)",
        "quiet",
        "middle",
    )
    caption = (
        "A ring marks the mean length of a source's documents, the bar ends at the longest one; "
        "dashed lines are the lengths of rows. A document beyond that line needs several rows. "
        "Printed by"
    )
    return Picture("lengths", "Lengths of documents beside the rows", caption, show, draw)
