"""What a finished token store prints."""

from __future__ import annotations

from glmdata.cli.output import say
from glmdata.cli.progress import show_seconds
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.shard import Plan, ShardReport
from glmdata.stage.losses import loss_lines


def print_token_store(report: ShardReport) -> None:
    """Print a report to standard output."""
    data = report.data
    sums: dict[str, list[int]] = {}
    for row in data["by_source"]:
        of_source = sums.setdefault(row["source"], [0, 0, 0])
        for at, key in enumerate(("documents", "tokens", "text_bytes")):
            of_source[at] += row[key]
    say(f"{'source':20}{'documents':>14}{'tokens':>18}{'bytes a token':>16}")
    for source, (documents, tokens, text_bytes) in sums.items():
        per_token = text_bytes / tokens if tokens else 0.0
        name = visible(source, one_line=True)
        say(f"{name:20}{documents:>14,}{tokens:>18,}{per_token:>16.3f}")
    total = f"{data['documents']['kept']:,} documents, {data['tokens']:,} tokens"
    say(f"{'total':20}{total} of {show_size(data['text_bytes'])} of text")
    if data["documents"]["quarantined"]:
        say(f"{'quarantined':20}{data['documents']['quarantined']:,} documents")
    for line in loss_lines(data):
        say(f"{'lost':20}{visible(line, one_line=True)}")
    for note in data["notes"]:
        say(f"{'note':20}{visible(note)}")
    seconds = report.run.get("seconds")
    if seconds:
        speed = data["text_bytes"] / seconds / 1e6
        peak = show_size(report.run["peak_memory_bytes"])
        say(f"{'time':20}{show_seconds(seconds)}, {speed:,.1f} MB/s, peak memory {peak}")
    say(f"{'where':20}{report.output}")


def print_token_store_plan(plan: Plan) -> None:
    """Print what a run would read and need."""
    rows = {
        "read": f"{plan.files:,} files, {show_size(plan.bytes)}",
        "tokens": f"about {plan.expected_tokens:,}",
        "disk": f"about {show_size(plan.expected_disk_bytes)} of "
        f"{show_size(plan.free_disk_bytes)} free",
        "output": plan.output,
    }
    for name, value in rows.items():
        say(f"{name:20}{value}")
    if not plan.fits_on_disk:
        say("warning: the disk is expected to run full", err=True)
