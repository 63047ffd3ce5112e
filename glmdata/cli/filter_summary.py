"""What a finished filter run prints: sources and rules, then figures, the place last."""

from __future__ import annotations

from glmdata.cli.output import say
from glmdata.cli.progress import show_seconds
from glmdata.cli.summary import (
    figure,
    listed_reasons,
    lost_lines,
    quarantine_lines,
    share,
    source_lines,
)
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.filter import FilterReport, Plan
from glmdata.stage.losses import record_reasons

MAX_RULES = 16


def print_filter_summary(report: FilterReport) -> None:
    """Print a report to standard output."""
    for line in [*source_lines(report), "", *rule_lines(report), "", *figure_lines(report)]:
        say(line)


def rule_lines(report: FilterReport) -> list[str]:
    """A table of rules, those that removed most first."""
    removed = sorted(report.removed.items(), key=lambda item: (-item[1], item[0]))
    biting = [(rule, n) for rule, n in removed if report.hits[rule]]
    lines = [f"{'rule':52}{'removed':>12}{'hits':>12}"]
    lines += [f"{rule:52}{n:>12,}{report.hits[rule]:>12,}" for rule, n in biting[:MAX_RULES]]
    if len(biting) > MAX_RULES:
        lines.append(f"and {len(biting) - MAX_RULES:,} more rules, in report.json")
    return lines


def figure_lines(report: FilterReport) -> list[str]:
    """Documents, text, time, what was refused, and where it is."""
    text = report.data["text_bytes"]
    reasons = record_reasons(report.data)
    why = listed_reasons(reasons)
    lines = [
        figure(
            "documents",
            f"{report.documents_in:,} in = {report.documents_kept:,} kept + "
            f"{report.documents_removed:,} removed + {report.quarantined:,} quarantined",
        ),
        figure("text", f"{show_size(text['in'])} in, {show_size(text['kept'])} kept"),
    ]
    moved = sum(report.data["moved"].values())
    if moved:
        lines.append(figure("moved", f"{moved:,} kept documents to another source"))
    if repaired := report.data.get("repaired"):
        lines.append(figure("repaired", f"{repaired:,} kept documents read in a wrong encoding"))
    masked = report.data["masked"]
    if masked:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in masked["by_kind"].items()) or "nothing"
        lines.append(figure("masked", f"{kinds} in {masked['documents']:,} documents"))
    items = report.data["benchmark"]
    if items:
        told = f"{items['items']:,} items, {items['too_short']:,} of them too short to look for"
        if items.get("equal"):
            told += f", {items['equal']:,} equal to another one"
        lines.append(figure("benchmark", told))
        lines.append(figure("found", f"items in {items['documents']:,} documents"))
    seconds = report.run.get("seconds")
    if seconds:
        lines.append(
            figure(
                "time",
                f"{show_seconds(seconds)}, {text['in'] / seconds / 1e6:,.1f} MB/s, "
                f"peak memory {show_size(report.run['peak_memory_bytes'])}",
            )
        )
    lines.extend(figure("warning", text) for text in report.warnings)
    lines.extend(figure("note", visible(str(note))) for note in report.data["notes"])
    lines += [
        *lost_lines(report.data),
        figure(
            "kept",
            f"{share(report.documents_kept, report.documents_in)} of documents, "
            f"{share(text['kept'], text['in'])} of text",
        ),
        figure("quarantined", f"{report.quarantined:,}{why}"),
        *quarantine_lines(report.output, reasons),
        figure("where", str(report.output)),
    ]
    return lines


def print_filter_plan(plan: Plan) -> None:
    """Print what a run would read, ask and need."""
    rows = {
        "read": f"{plan.files:,} files, {show_size(plan.bytes)}",
        "rules": f"{len(plan.rules):,}",
        "disk": f"about {show_size(plan.expected_disk_bytes)} of "
        f"{show_size(plan.free_disk_bytes)} free",
        "output": plan.output,
    }
    for name, value in rows.items():
        say(figure(name, value))
    for rule in plan.rules:
        say(f"  {rule}")
