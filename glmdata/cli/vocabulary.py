"""What a finished training prints."""

from __future__ import annotations

import click

from glmdata.cli.progress import show_seconds
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.tokenizer.report import TokenizerReport


def print_vocabulary(report: TokenizerReport) -> None:
    """Print a report to standard output."""
    for name, value in _rows(report):
        click.echo(f"{name:12}{value}")


def _rows(report: TokenizerReport) -> list[tuple[str, str]]:
    data = report.data
    rows = []
    for name in ("chinese", "other"):
        counted = data["inventories"][name]
        rows.append(
            (
                name,
                f"{counted['documents']:,} documents, {show_size(counted['text_bytes'])}, "
                f"{counted['pre_tokens']:,} different pre-tokens",
            )
        )
    begin = 0
    for step in data["steps"]:
        if step["end"] > begin:
            rows.append((step["name"], f"{step['end'] - begin:,} tokens"))
        begin = step["end"]
    vetoes = ", ".join(f"{n:,} {guard}" for guard, n in data["vetoes"].items())
    rows.append(("refused", vetoes or "nothing"))
    seconds = report.run.get("seconds")
    if seconds:
        peak = show_size(report.run["peak_memory_bytes"])
        rows.append(("time", f"{show_seconds(seconds)}, peak memory {peak}"))
    rows.extend(("note", visible(str(note))) for note in data["notes"])
    quarantined = sum(data["quarantine"].values())
    if quarantined:
        rows.append(("quarantined", f"{quarantined:,} records or files"))
    short = report.ranks < report.ranks_asked
    asked = f" of {report.ranks_asked:,} asked for" if short else ""
    same = "GLM-4's ids" if report.glm4_id_compatible else "other ids than GLM-4's"
    rows.append(("ranks", f"{report.ranks:,}{asked}; {data['rows']:,} rows"))
    rows.append(("special", f"14 tokens from {data['special_tokens']['<|endoftext|>']:,}: {same}"))
    rows.append(("where", str(report.output)))
    return rows
