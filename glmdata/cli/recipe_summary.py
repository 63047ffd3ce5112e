"""What `glmdata run` prints: the plan, a line a stage, and at the end what matters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glmdata.cli.output import say, say_json
from glmdata.cli.summary import figure, share
from glmdata.config.sizes import show_size
from glmdata.engine import Outcome, Pipeline, StepReport

_WIDTH = 12


def print_recipe_plan(pipeline: Pipeline, *, as_json: bool) -> None:
    """Print which stages would run, what they find and where they write."""
    if as_json:
        steps = [
            {
                "stage": step.stage,
                "folder": str(step.folder),
                "complete": step.complete,
                "options": step.call.config.stated(),
            }
            for step in pipeline.steps
        ]
        plan = {"workspace": str(pipeline.workspace), "input": list(pipeline.input)}
        say_json({**plan, "steps": steps})
        return
    say(figure("input", " ".join(pipeline.input) or "-"))
    say(figure("workspace", str(pipeline.workspace)))
    for number, step in enumerate(pipeline.steps, 1):
        state = "there, looked at only" if step.complete else "will run"
        say(f"{number}. {step.stage:{_WIDTH}}{state:24}{step.folder}")
        for key, value in step.call.config.stated().items():
            say(f"   {'':{_WIDTH}}{key} = {json.dumps(value, ensure_ascii=False)}")


def step_line(step: StepReport) -> str:
    """What a stage did, in one line."""
    if step.report.already_complete:
        return "already complete"
    documents = step.report.data["documents"]
    if isinstance(documents, Mapping):
        return (
            f"{documents['in']:,} documents = {documents['kept']:,} kept + "
            f"{documents['removed']:,} removed + {documents['quarantined']:,} quarantined"
        )
    return f"{documents:,} documents"


def print_outcome(outcome: Outcome, page: Path | None) -> None:
    """Print what a run left, the page to look at last, if there is one."""
    by_stage = {step.stage: step.report.data for step in outcome.steps}
    for name, line in _lines(by_stage):
        say(figure(name, line))
    if outcome.stopped_at:
        say(figure("stopped", f"after {outcome.stopped_at}, which broke a limit"))
    if page is not None:
        say(figure("look at", str(page)))


def _largest(removed: Mapping[str, int]) -> str:
    """How many documents went, and by which rules most of them."""
    total = sum(removed.values())
    most = sorted(removed.items(), key=lambda item: (-item[1], item[0]))[:3]
    shown = [f"{n:,} {rule}" for rule, n in most if n]
    rest = total - sum(n for _, n in most)
    if rest:
        shown.append(f"{rest:,} by other rules")
    return f"{total:,} documents: {', '.join(shown) or 'nothing'}"


def _lines(reports: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    lines = []
    cleaning = [reports[name] for name in ("dedup", "filter") if name in reports]
    if cleaning:
        first, last = cleaning[0], cleaning[-1]
        lines.append(
            (
                "kept",
                f"{share(last['documents']['kept'], first['documents']['in'])} of documents, "
                f"{share(last['text_bytes']['kept'], first['text_bytes']['in'])} of "
                f"{show_size(first['text_bytes']['in'])} of text",
            )
        )
    bad = sum(data["documents"].get("quarantined", 0) for data in cleaning)
    if bad:
        lines.append(("quarantined", f"{bad:,} records, listed in quarantine/ of the stage"))
    for stage, word in (("dedup", "duplicates"), ("filter", "filtered")):
        if stage in reports:
            lines.append((word, _largest(reports[stage]["removed_by_rule"])))
    filtered = reports.get("filter", {})
    if moved := sum(filtered.get("moved", {}).values()):
        lines.append(("moved", f"{moved:,} documents to another source"))
    if masked := (filtered.get("masked") or {}).get("documents", 0):
        lines.append(("masked", f"personal data in {masked:,} documents"))
    if repaired := filtered.get("repaired", 0):
        lines.append(("repaired", f"the encoding of {repaired:,} documents"))
    vocabulary = f"{reports['tokenizer']['ranks']:,} ranks" if "tokenizer" in reports else ""
    if "mix" in reports:
        data = reports["mix"]
        rows = f"{data['rows']:,} rows with {data['padding']['share']:.2%} padding"
        named = f" of {vocabulary}" if vocabulary else ""
        lines.append(("training", f"{data['tokens']['realised']:,} tokens{named} in {rows}"))
    elif "shard" in reports:
        named = f" of {vocabulary}" if vocabulary else ""
        lines.append(("tokens", f"{reports['shard']['tokens']:,}{named}"))
    elif vocabulary:
        lines.append(("tokenizer", vocabulary))
    return lines
