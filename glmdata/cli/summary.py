"""What a finished deduplication prints: sources first, then figures, the five that matter last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata.cli.output import Shaded, say
from glmdata.cli.progress import show_seconds
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.dedup import DedupReport
from glmdata.stage.losses import example_lines, loss_lines, record_reasons

if TYPE_CHECKING:
    from glmdata.filter import FilterReport

MAX_SOURCES = 12
HEAVY_LOSS = 0.5
"""A source that loses more than this share is shown in red."""

_SOURCE_WIDTH = 28


def print_summary(report: DedupReport, next_step: str | None) -> None:
    """Print a report to standard output.

    Parameters
    ----------
    report
        What to print.
    next_step
        The command to try next, on the last line; None leaves the line out.
    """
    for line in [*source_lines(report), "", *figure_lines(report), *closing_lines(report)]:
        say(line)
    if next_step:
        say(f"{'next':12}{next_step}")


def source_lines(report: DedupReport | FilterReport) -> list[str]:
    """A table of sources, those that lost most first."""
    sources: Mapping[str, Any] = report.data["by_source"]
    losses = report.source_losses()
    lines = [f"{'source':{_SOURCE_WIDTH}}{'in':>12}{'kept':>12}{'removed':>12}{'lost':>9}"]
    for name in list(losses)[:MAX_SOURCES]:
        counts, loss = sources[name], losses[name]
        shown = _fit(visible(name, one_line=True))
        line = (
            f"{shown}{counts['in']:>12,}{counts['kept']:>12,}{counts['removed']:>12,}{loss:>8.1%}"
        )
        lines.append(Shaded(line, "red") if loss > HEAVY_LOSS else line)
    if len(losses) > MAX_SOURCES:
        lines.append(f"and {len(losses) - MAX_SOURCES:,} more sources, in report.json")
    return lines


def figure_lines(report: DedupReport) -> list[str]:
    """Documents, rules, text and time."""
    text = report.data["text_bytes"]
    rules = ", ".join(f"{n:,} {rule}" for rule, n in report.removed.items())
    lines = [
        figure(
            "documents",
            f"{report.documents_in:,} in = {report.documents_kept:,} kept + "
            f"{report.documents_removed:,} removed + {report.quarantined:,} quarantined",
        ),
        figure("removed", rules or "nothing"),
        figure("text", f"{show_size(text['in'])} in, {show_size(text['kept'])} kept"),
    ]
    cut = report.data.get("cut")
    if cut:
        lines.append(
            figure(
                "cut",
                f"{_pieces(cut, report.config)}, {show_size(cut['text_bytes'])}, "
                f"from {cut['documents']:,} documents",
            )
        )
    missing = report.data.get("documents_without_keep")
    if missing:
        judged = report.documents_in - report.quarantined
        policy = visible(str(report.config["keep"]), one_line=True)
        lines.append(
            figure("keep", f"{missing:,} of {judged:,} documents have no value for {policy}")
        )
    seconds = report.run.get("seconds")
    if seconds:
        lines.append(
            figure(
                "time",
                f"{show_seconds(seconds)}, {text['in'] / seconds / 1e6:,.1f} MB/s, "
                f"{report.documents_in / seconds:,.0f} documents/s, "
                f"peak memory {show_size(report.run['peak_memory_bytes'])}",
            )
        )
    notes = [visible(str(note)) for note in report.data.get("notes", [])]
    if report.run.get("index_replaces"):
        notes.append("the index held this crawl already: its own documents are not earlier ones")
    lines.extend(figure("note", note) for note in notes)
    return lines


def _pieces(cut: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """How many pieces of each kind that was asked for."""
    lines = f"{cut['lines']:,} lines and {cut['paragraphs']:,} paragraphs"
    frequent = config.get("line_dedup") is not None or config.get("paragraph_dedup") is not None
    found = [lines] if frequent else []
    if config.get("templates", "off") != "off":
        found.append(f"{cut['templates']:,} blocks of templates")
    if config.get("substring_dedup") is not None:
        found.append(f"{cut['substrings']:,} repeated passages")
    return ", ".join(found)


def closing_lines(report: DedupReport) -> list[str]:
    """What was kept, found and refused, and where it is."""
    removed = report.removed
    exact = removed.get("exact-raw", 0) + removed.get("exact-normalised", 0)
    found = [f"{exact:,} exact", f"{removed.get('fuzzy', 0):,} fuzzy"]
    if removed.get("contained"):
        found.append(f"{removed['contained']:,} contained")
    if "url" in removed:
        found.insert(0, f"{removed['url']:,} of an address that another one has")
    text = report.data["text_bytes"]
    reasons = record_reasons(report.data)
    why = listed_reasons(reasons)
    return [
        *lost_lines(report.data),
        figure(
            "kept",
            f"{share(report.documents_kept, report.documents_in)} of documents, "
            f"{share(text['kept'], text['in'])} of text",
        ),
        figure("duplicates", f"{', '.join(found)}; {report.variants:,} variants kept"),
        figure(
            "quarantined",
            f"{report.quarantined:,} ({share(report.quarantined, report.documents_in)}){why}",
        ),
        *quarantine_lines(report.output, reasons),
        figure("where", str(report.output)),
    ]


def lost_lines(data: Mapping[str, Any]) -> list[str]:
    """Files that were lost, and why."""
    return [figure("lost", visible(line, one_line=True)) for line in loss_lines(data)]


def listed_reasons(reasons: Mapping[str, int]) -> str:
    """How many records each reason has, behind a colon; nothing where there are none."""
    return ": " + ", ".join(f"{n:,} {reason}" for reason, n in reasons.items()) if reasons else ""


def quarantine_lines(stage: Path, reasons: Iterable[str]) -> list[str]:
    """An example of each reason for which records were set aside."""
    return [figure("", visible(line, one_line=True)) for line in example_lines(stage, reasons)]


def figure(name: str, value: str) -> str:
    """A line of a summary."""
    return f"{name:12}{value}"


def share(part: int, whole: int) -> str:
    """A share in percent."""
    return f"{part / whole:.1%}" if whole else "0.0%"


def _fit(name: str) -> str:
    """A name cut or filled to the column; Han characters take two cells."""
    if name.isascii():
        cut = name if len(name) < _SOURCE_WIDTH else name[: _SOURCE_WIDTH - 2] + "~"
        return cut.ljust(_SOURCE_WIDTH)
    from rich.cells import cell_len, set_cell_size

    if cell_len(name) >= _SOURCE_WIDTH:
        name = set_cell_size(name, _SOURCE_WIDTH - 2) + "~"
    return set_cell_size(name, _SOURCE_WIDTH)
