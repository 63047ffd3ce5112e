"""What `--dry-run` prints."""

from __future__ import annotations

from dataclasses import asdict

from glmdata.cli.output import say, say_json
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.dedup import Plan


def print_plan(plan: Plan, *, as_json: bool) -> None:
    """Print a plan to standard output."""
    if as_json:
        say_json(asdict(plan))
        return
    rows = {
        "read": f"{plan.files:,} files, {show_size(plan.bytes)}",
        "text": f"about {show_size(plan.expected_text_bytes)}",
        "memory": f"about {show_size(plan.expected_memory_bytes)}",
        "disk": f"about {show_size(plan.expected_disk_bytes)} of "
        f"{show_size(plan.free_disk_bytes)} free",
        "output": plan.output,
    }
    for name, value in rows.items():
        say(f"{name:12}{value}")
    for note in plan.notes:
        say(f"{'note':12}{visible(note)}")
    if not plan.fits_on_disk:
        say("warning: the disk is expected to run full", err=True)
