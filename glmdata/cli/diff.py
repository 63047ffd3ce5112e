"""`glmdata diff`: two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice

import click

from glmdata.cli.output import Shaded, say, say_json
from glmdata.cli.summary import figure
from glmdata.cli.terminal import visible
from glmdata.report import Difference, difference
from glmdata.report.difference import Side

_ROWS = 12
"""Lines of a table; the rest is summed up, and --json has it all."""

_WIDTH = 80


@click.command("diff")
@click.argument("first", metavar="DIR")
@click.argument("second", metavar="DIR")
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="documents shown of each move",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(first: str, second: str, samples: int, as_json: bool) -> None:
    """Compare what two runs made of the same documents.

    Each DIR is a dedup or filter stage, or a workspace: then what became of a document after all
    of its stages counts. Prints which options differ, which documents one run kept and the other
    did not, by rule and by source, and some of them. The exit code is 0 whatever differs.
    """
    found = difference(first, second, samples=samples)
    if as_json:
        say_json(_as_json(found))
        return
    for line in _lines(found):
        say(line)


def _as_json(found: Difference) -> dict[str, object]:
    content = asdict(found)
    for side in ("a", "b"):
        content[side]["folder"] = str(content[side]["folder"])
    content["options"] = [
        {"option": option, "a": one, "b": other} for option, one, other in found.options
    ]
    content["by_source"] = {
        source: {"kept_by_a": a, "kept_by_b": b} for source, (a, b) in found.by_source.items()
    }
    return {"format_version": 1, **content}


def _lines(found: Difference) -> Iterator[str]:
    yield figure("A", _side(found.a))
    yield figure("B", _side(found.b))
    for option, one, other in found.options:
        room = max((_WIDTH - len(option) - 22) // 2, 8)
        yield figure("option", f"{option}: A {_value(one, room)}, B {_value(other, room)}")
    yield figure("alike", f"{found.kept_by_both:,} kept by both")
    yield figure("", f"{found.removed_by_both:,} removed by both")
    yield figure("different", f"{found.kept_by_a:,} kept by A alone")
    yield figure("", f"{found.kept_by_b:,} kept by B alone")
    if found.only_in_a or found.only_in_b:
        yield figure("not in both", f"{found.only_in_a:,} read by A alone")
        yield figure("", f"{found.only_in_b:,} read by B alone")
    if found.moves:
        yield from ("", f"{'documents':>12}  {'A':32}B")
        for move in found.moves[:_ROWS]:
            yield f"{move.documents:12,}  {_name(move.a, 31):32}{_name(move.b, 34)}"
        if rest := found.moves[_ROWS:]:
            yield f"{sum(move.documents for move in rest):12,}  {len(rest):,} other ways"
    if found.by_source:
        yield from ("", f"{'kept by A':>12}{'kept by B':>12}  source")
        for source, (a, b) in islice(found.by_source.items(), _ROWS):
            yield f"{a:12,}{b:12,}  {_name(source, _WIDTH - 26)}"
        if (more := len(found.by_source) - _ROWS) > 0:
            rest_of = list(found.by_source.values())[_ROWS:]
            a, b = (sum(pair[which] for pair in rest_of) for which in (0, 1))
            yield f"{a:12,}{b:12,}  {more:,} other sources"
    yield from _samples(found)


def _samples(found: Difference) -> Iterator[str]:
    shown = None
    for sample in found.samples:
        if (sample.a, sample.b) != shown:
            shown = (sample.a, sample.b)
            yield ""
            yield Shaded(f"A: {sample.a}    B: {sample.b}", "cyan")
        named = sample.id if sample.id is not None else sample.doc
        yield f"  {_name(named, 56)}  {_name(sample.source or '', 18)}"
        text = sample.text if sample.text is not None else "(no text in either run)"
        yield f"    {_name(text, _WIDTH - 4)}"


def _side(side: Side) -> str:
    return (
        f"{visible(str(side.folder), one_line=True)} ({', '.join(side.stages)}): "
        f"{side.kept:,} of {side.documents:,} documents kept"
    )


def _value(value: object, most: int) -> str:
    return _name(json.dumps(value, ensure_ascii=False), most)


def _name(text: str, most: int) -> str:
    """In one line of at most so many characters."""
    shown = visible(" ".join(text.split()), one_line=True)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
