"""What a finished training, or counting for one, prints."""

from __future__ import annotations

from collections.abc import Iterator

from glmdata.cli.output import say
from glmdata.cli.progress import show_seconds
from glmdata.cli.terminal import visible
from glmdata.config.sizes import show_size
from glmdata.stage.losses import loss_lines
from glmdata.tokenizer.report import CountReport, TokenizerReport

SHOWN = 6
"""Languages of a summary; the others are summed up."""

Row = tuple[str, str]


def print_counts(report: CountReport) -> None:
    """Print what was counted to standard output."""
    words = sum(report.data["pre_tokens"].values())
    _print(
        [
            *_texts(report),
            ("pre-tokens", f"{words:,} different ones"),
            *_end(report),
            ("where", str(report.output)),
        ]
    )


def print_vocabulary(report: TokenizerReport) -> None:
    """Print what was learned to standard output."""
    data = report.data
    vetoes = ", ".join(f"{n:,} {guard}" for guard, n in data["vetoes"].items())
    short = report.ranks < report.ranks_asked
    asked = f" of {report.ranks_asked:,} asked for" if short else ""
    same = "GLM-4's ids" if report.glm4_id_compatible else "other ids than GLM-4's"
    first = data["special_tokens"]["<|endoftext|>"]
    _print(
        [
            *_texts(report),
            *_steps(report),
            ("refused", vetoes or "nothing"),
            *_end(report),
            ("ranks", f"{report.ranks:,}{asked}; {data['rows']:,} rows"),
            ("special", f"{len(data['special_tokens'])} tokens from {first:,}: {same}"),
            ("where", str(report.output)),
        ]
    )


def _print(rows: list[Row]) -> None:
    for name, value in rows:
        say(f"{name:20}{value}")


def _texts(report: CountReport) -> Iterator[Row]:
    texts = sorted(report.data["by_language"].items(), key=lambda item: -item[1]["text_bytes"])
    for name, counted in texts[:SHOWN]:
        size = show_size(counted["text_bytes"])
        yield name, f"{counted['documents']:,} documents, {size}"
    if rest := texts[SHOWN:]:
        size = show_size(sum(counted["text_bytes"] for _, counted in rest))
        yield f"{len(rest)} more", f"languages, {size}"


def _steps(report: TokenizerReport) -> Iterator[Row]:
    begin, learned = 0, dict[str, int]()
    for step in report.data["steps"]:
        own = step["name"] in report.data["by_language"] and step["name"] != "code"
        name = "one language alone" if own else step["name"]
        learned[name] = learned.get(name, 0) + step["end"] - begin
        begin = step["end"]
    return ((name, f"{n:,} tokens") for name, n in learned.items() if n)


def _end(report: CountReport) -> Iterator[Row]:
    seconds = report.run.get("seconds")
    if seconds:
        peak = show_size(report.run["peak_memory_bytes"])
        yield "time", f"{show_seconds(seconds)}, peak memory {peak}"
    for note in report.data["notes"]:
        yield "note", visible(str(note))
    quarantined = report.data["documents"]["quarantined"]
    if quarantined:
        yield "quarantined", f"{quarantined:,} documents"
    for line in loss_lines(report.data):
        yield "lost", visible(line, one_line=True)
