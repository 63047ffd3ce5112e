"""What a mixture prints: sources and languages before and after, then figures, the place last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glmdata.cli.output import say
from glmdata.cli.progress import show_seconds
from glmdata.cli.summary import figure
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.mix import MixReport

_WIDTH = 20


def print_mix_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what is wanted, and what became of it where that is known."""
    known = all("realised" in row for row in rows)
    head = (
        f"{'source':{_WIDTH}}{'lang':8}{'documents':>12}{'tokens':>16}{'weight':>9}{'wanted':>16}"
    )
    say(f"{head}{'realised':>16}{'error':>10}" if known else head, nl=False)
    say(f"{'epochs':>9}{'before':>9}{'after':>9}")
    for row in rows:
        name = visible(row["source"], one_line=True)
        # A factor is told only where clusters weigh.
        factor = f" x{row['factor']}" if row["factor"] != 1 else ""
        line = (
            f"{name + factor:{_WIDTH}}{visible(row['lang'] or '-', one_line=True):8}"
            f"{row['documents']:>12,}{row['tokens']:>16,}{row['weight']:>9.4g}{row['wanted']:>16,}"
        )
        if known:
            line += f"{row['realised']:>16,}{row['error']:>+10,}"
        shares = f"{row['share_before']:>9.2%}{row['share_after']:>9.2%}"
        say(f"{line}{row['epochs']:>9.3f}{shares}")


def print_mix_summary(report: MixReport) -> None:
    """Print a report to standard output."""
    data = report.data
    print_mix_table(data["by_source"])
    say()
    documents, tokens, padding = data["documents"], data["tokens"], data["padding"]
    lines = [
        figure(
            "documents",
            f"{documents['kept']:,} of {documents['in']:,} taken, {documents['passes']:,} passes, "
            f"{documents['empty']:,} without a token",
        ),
        figure(
            "tokens",
            f"{tokens['realised']:,} of {tokens['wanted']:,} wanted, "
            f"{tokens['added']:,} added (separators, marks)",
        ),
        figure("rows", f"{data['rows']:,}, at least {data['least_rows']:,} are needed"),
        figure("padding", f"{padding['share']:.3%}, at least {padding['least_share']:.3%}"),
        figure(
            "cut",
            f"{documents['cut']:,} documents, of which {documents['longer_than_a_row']:,} are "
            "longer than a row",
        ),
    ]
    shapes = data["by_shape"]
    if len(shapes) > 1:
        lines += [
            figure(
                "",
                f"{shape['mode']:8} rows of {shape['row_length']:,}: {shape['rows']:,}, "
                f"{shape['tokens']:,} tokens",
            )
            for shape in shapes
        ]
    if "seconds" in report.run:
        peak = show_size(report.run["peak_memory_bytes"])
        seconds = report.run["seconds"] + report.run["survey_seconds"]
        lines.append(figure("time", f"{show_seconds(seconds)}, peak memory {peak}"))
    lines += [figure("note", visible(note, one_line=True)) for note in data.get("notes", [])]
    for line in [*lines, figure("where", str(report.output))]:
        say(line)
