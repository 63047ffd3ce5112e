"""Where documents and bytes went: a trunk from stage to stage, a branch for each reason to leave.

All widths of a picture have one scale, so a branch is as wide as what it took from the trunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glmdata.config.sizes import show_size
from glmdata.report.collect import Corpus, Stage
from glmdata.stage.picture import LINE, Drawing, Picture, cut, share

MOST_BRANCHES = 6
"""Reasons of a stage that have a branch of their own; the rest is one more."""

_TRUNK = 130.0
"""Width of the trunk where it begins."""

_ROW = 2 * LINE + 6
"""Units of a branch with its two lines of words."""

_WORDS = 172.0
_COLUMNS = 27


@dataclass(frozen=True)
class Step:
    """A stage: what came in, what stayed, and what left by which reason, the largest first."""

    name: str
    came: int
    stayed: int
    left: Sequence[tuple[str, int]]


def flow(corpus: Corpus) -> list[Picture]:
    """A picture of documents and one of bytes."""
    folder = corpus.stages[0].folder
    show = f"glmdata show {folder}"
    if not corpus.cleaning:
        caption = "There is no picture: no stage that removes documents has run. To see stages:"
        return [Picture("flow-documents", "Documents, stage by stage", caption, show)]
    documents = [_documents(stage) for stage in corpus.cleaning]
    text = [_bytes(stage) for stage in corpus.cleaning]
    return [
        _picture(
            *("flow-documents", "Documents, stage by stage", documents, "{:,}".format),
            "Widths are numbers of documents. What leaves a stage turns to the right, hatched, "
            "with its reason; what stays goes on downwards. A document is counted for the first "
            "rule that removes it. The figures are printed, a stage at a time, by",
            show,
        ),
        _picture(
            *("flow-bytes", "Bytes of text, stage by stage", text, show_size),
            "The same for bytes of text. A stage tells its bytes as a whole and not by reason; "
            "records that could not be read have no text to count. Printed by",
            f"{show} --json",
        ),
    ]


def _documents(stage: Stage) -> Step:
    counts = stage.documents
    reasons = [(rule, n) for rule, n in stage.report["removed_by_rule"].items() if n]
    reasons.sort(key=lambda reason: (-reason[1], reason[0]))
    if len(reasons) > MOST_BRANCHES:
        rest = reasons[MOST_BRANCHES - 1 :]
        reasons[MOST_BRANCHES - 1 :] = [(f"{len(rest):,} other rules", sum(n for _, n in rest))]
    if counts["quarantined"]:
        reasons.append(("could not be read", counts["quarantined"]))
    return Step(stage.name, counts["in"], counts["kept"], reasons)


def _bytes(stage: Stage) -> Step:
    text = stage.report["text_bytes"]
    left = [("in removed documents", text["removed"]), ("cut out of kept ones", text.get("cut", 0))]
    return Step(stage.name, text["in"], text["kept"], [(why, n) for why, n in left if n])


def _picture(
    name: str,
    title: str,
    steps: Sequence[Step],
    shown: Callable[[int], str],
    caption: str,
    command: str,
) -> Picture:
    first = steps[0].came
    if not first:
        return Picture(name, title, "There is no picture: nothing was read. Printed by", command)
    said = "; ".join(
        f"{step.name}: {shown(step.came)} in, {shown(step.stayed)} stay"
        + "".join(f", {cut(why, 40)} {shown(n)}" for why, n in step.left)
        for step in steps
    )
    draw = Drawing(f"From the top to the bottom. {said}.")
    # A stage that read more than the first one would leave the paper.
    scale = _TRUNK / max(step.came for step in steps)
    draw.text(0, LINE, f"read: {shown(first)}", "strong")
    y = 1.5 * LINE
    for step in steps:
        y = _step(draw, step, y, scale, shown)
        kept = f"after {step.name}: {shown(step.stayed)} stay, {share(step.stayed, first)}"
        draw.text(0, y + LINE, kept, "strong")
        y += 1.5 * LINE
    draw.bar((0, y, steps[-1].stayed * scale, 10), "kept", steps[-1].stayed, hatched=False)
    return Picture(name, title, caption, command, draw)


def _step(
    draw: Drawing, step: Step, top: float, scale: float, shown: Callable[[int], str]
) -> float:
    """Draw a stage from `top` on; where it ends."""
    heights = [max(_ROW, n * scale + 8) for _, n in step.left]
    height = max(sum(heights) + 8, 1.5 * LINE)
    draw.bar((0, top, step.stayed * scale, height), "kept", step.stayed, hatched=False)
    # The outermost part of the trunk turns off first, so branches do not cross.
    right, y = step.came * scale, top + 6
    for (why, count), room in zip(step.left, heights, strict=True):
        width = count * scale
        inner, turn = right - width, _WORDS - 24
        draw.path(
            f"M{right:.2f},{top:.2f}C{right:.2f},{y:.2f} {right:.2f},{y:.2f} {turn},{y:.2f}"
            f"V{y + width:.2f}C{inner:.2f},{y + width:.2f} {inner:.2f},{y + width:.2f} "
            f"{inner:.2f},{top:.2f}Z",
            "gone",
            count,
        )
        draw.bar((turn, y, 18, width), "gone", count, hatched=True)
        draw.text(_WORDS, y + LINE - 4, cut(why, _COLUMNS))
        draw.text(_WORDS, y + 2 * LINE - 4, f"{shown(count)}, {share(count, step.came)}", "quiet")
        right, y = inner, y + room
    return top + height
