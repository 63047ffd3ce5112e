"""What `glmdata show` prints of a whole workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from glmdata.cli.output import Shaded, say, say_json
from glmdata.cli.progress import show_seconds
from glmdata.cli.summary import figure
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.report.overview import COMPLETE, INTERRUPTED, Glance

_NAME = 14


def print_overview(workspace: Path, stages: Sequence[Glance], *, as_json: bool) -> None:
    """Print the stages of a workspace, a line each, and what is wrong with one below it."""
    if as_json:
        rows = [{**asdict(stage), "folder": str(stage.folder)} for stage in stages]
        say_json({"workspace": str(workspace), "stages": rows})
        return
    size = show_size(sum(stage.bytes for stage in stages))
    say(figure("workspace", f"{workspace}, {len(stages):,} stages, {size}"))
    say()
    say(f"{'stage':{_NAME}}{'holds':30}{'size':>12}  {'made (UTC)':17}{'took':>5}")
    for stage in stages:
        say(_line(stage))
        if note := _note(stage):
            say(Shaded(f"{'':{_NAME}}{note}", "yellow"))
    say()
    say(figure("next", f"glmdata show {stages[0].folder}"))


def _line(stage: Glance) -> str:
    name = visible(stage.folder.name, one_line=True)
    shown = name if len(name) < _NAME else name[: _NAME - 2] + "~"
    if stage.state != COMPLETE and not stage.bytes:
        return f"{shown:{_NAME}}{stage.state}"
    made = (stage.started or "")[:16].replace("T", " ")
    took = show_seconds(stage.seconds) if stage.seconds is not None else ""
    return f"{shown:{_NAME}}{_held(stage):30}{show_size(stage.bytes):>12}  {made:17}{took:>5}"


def _held(stage: Glance) -> str:
    """What matters of a stage: documents, ranks, tokens or rows."""
    counts: dict[str, Any] = dict(stage.counts)
    for stages, key, word in (
        (("tokenizer",), "ranks", "ranks"),
        (("shard", "encode"), "tokens", "tokens"),
        (("mix", "materialize"), "rows", "rows"),
    ):
        if stage.stage in stages and key in counts:
            return f"{counts[key]:,} {word}"
    if "kept" in counts and "in" in counts:
        return f"{counts['kept']:,} of {counts['in']:,} documents"
    return f"{stage.files:,} files"


def _note(stage: Glance) -> str | None:
    if stage.state == INTERRUPTED:
        return "run the same command again to go on"
    if stage.fault is None:
        return None
    word = "stale: since then" if stage.state == COMPLETE else "damaged:"
    return f"{word} {visible(stage.fault, one_line=True)}"
