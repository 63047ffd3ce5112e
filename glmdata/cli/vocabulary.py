"""What a finished training prints."""

from __future__ import annotations

import click

from glmdata.cli.progress import show_seconds
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.tokenizer.report import TokenizerReport

SHOWN = 6
"""Languages of a summary; the others are summed up."""


def print_vocabulary(report: TokenizerReport) -> None:
    """Print a report to standard output."""
    for name, value in _rows(report):
        click.echo(f"{name:20}{value}")


def _rows(report: TokenizerReport) -> list[tuple[str, str]]:
    data = report.data
    rows = []
    texts = sorted(data["by_language"].items(), key=lambda item: -item[1]["text_bytes"])
    for name, counted in texts[:SHOWN]:
        size = show_size(counted["text_bytes"])
        rows.append((name, f"{counted['documents']:,} documents, {size}"))
    if rest := texts[SHOWN:]:
        size = show_size(sum(counted["text_bytes"] for _, counted in rest))
        rows.append((f"{len(rest)} more", f"languages, {size}"))
    begin, learned = 0, dict[str, int]()
    for step in data["steps"]:
        own = step["name"] in data["by_language"] and step["name"] != "code"
        name = "one language alone" if own else step["name"]
        learned[name] = learned.get(name, 0) + step["end"] - begin
        begin = step["end"]
    rows.extend((name, f"{n:,} tokens") for name, n in learned.items() if n)
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
