"""Two texts side by side on the terminal, with what differs marked."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from rich.console import Console
from rich.table import Table
from rich.text import Text

from glmdata.cli.output import say, say_drawn
from glmdata.cli.terminal import visible, wants_color
from glmdata.dedup import Edit, Explanation
from glmdata.filter import Fate, Passage
from glmdata.report.compare import Comparison, Segment, compare

DRAFT = 1 << 19
"""A draft counts for more bytes than this against the final text."""
MAX_SHARED = 160
"""A longer run of shared text is cut in the middle."""
MIN_WIDTH = 60
DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MAX_PARTNERS = 6

_MARKS = (("[-", "-]", "red"), ("{+", "+}", "green"))


def print_explanation(
    explanation: Explanation, fate: Fate | None = None, passage: Passage | None = None
) -> None:
    """Print rule, figures, partners and texts to standard output.

    `fate` tells what the filter did to a document that was kept until then, `passage` for what
    passage it went.
    """
    for line in fact_lines(explanation):
        say(line)
    if fate is not None:
        for line in fate_lines(explanation, fate, passage):
            say(line)
    if explanation.text is None and explanation.other_text is None:
        return
    color = sys.stdout is not None and wants_color(sys.stdout)
    width = max(MIN_WIDTH, shutil.get_terminal_size((100, 24)).columns)
    # markup and highlighting stay off: crawled text may hold what looks like markup.
    drawn = io.StringIO()
    console = Console(
        file=drawn, width=width, no_color=not color, force_terminal=color, highlight=False
    )
    say()
    console.print(side_by_side(explanation, color=color))
    say_drawn(drawn.getvalue())


def fact_lines(explanation: Explanation) -> list[str]:
    """What the stage knows, one fact a line."""
    name = _name(explanation.id, explanation.doc)
    rows = [("document", name), ("read from", explanation.place), ("source", explanation.source)]
    if explanation.kept and explanation.stage == "dedup":
        rows.append(("outcome", "kept"))
        if explanation.replaces:
            rows.append(("kept for", f"{len(explanation.replaces)} removed documents or more"))
    elif explanation.stage == "dedup":
        rows.append(("outcome", f"removed by rule {explanation.rule}"))
        if explanation.via_doc:
            twin = _name(explanation.via_id, explanation.via_doc)
            rows.append(("equal to", f"{twin}, which was removed for what is kept"))
        rows.append(("kept is", _name(explanation.kept_id, explanation.kept_doc or "")))
        rows.append(("cleaner", _cleaner(explanation)))
    rows.append(("newer", _newer(explanation)))
    rows += [("cut", line) for line in _cut_by_rule(explanation.edits)]
    similarity = _number(explanation.jaccard)
    if explanation.threshold is not None and similarity:
        similarity += f" (threshold {explanation.threshold:g})"
    rows.append(("jaccard", similarity))
    rows.append(("containment", _number(explanation.containment)))
    lines = [f"{key:13}{visible(value, one_line=True)}" for key, value in rows if value]
    for partner in explanation.partners[:MAX_PARTNERS]:
        shown = (
            f"{partner.relation}: {_name(partner.id, partner.doc)}, J {partner.jaccard:.3f}"
            f"{', differs in ' + partner.difference if partner.difference else ''}"
        )
        lines.append(f"{'pair':13}{visible(shown, one_line=True)}")
    if len(explanation.partners) > MAX_PARTNERS:
        lines.append(f"{'pair':13}and more, with --json")
    return lines + [f"{'note':13}{visible(note, one_line=True)}" for note in explanation.notes]


def fate_lines(explanation: Explanation, fate: Fate, passage: Passage | None = None) -> list[str]:
    """What the filter did, one fact a line."""
    first = "outcome" if explanation.stage == "filter" else "then"
    rows: list[tuple[str, str | None]] = []
    if not fate.kept:
        measured = "" if fate.value is None else f": {fate.value:g}, threshold {fate.threshold:g}"
        rows.append((first, f"removed by the filter's rule {fate.rule}{measured}"))
        rows.append(("rule", fate.condition))
        if fate.benchmark is not None:
            where = "" if fate.place is None else ", bytes {} to {}".format(*fate.place)
            rows.append(("item", f"{fate.benchmark}{where}"))
        if passage is not None:
            where = "bytes {} to {}".format(*passage.place)
            said = " ".join(passage.text.split())[:MAX_SHARED]
            rows.append(("passage", f"{passage.probability:.4g} at {where}: {said}"))
    else:
        if explanation.stage == "filter":
            rows.append((first, "kept"))
        if fate.moved:
            rows.append(("moved", "from the source {} to {}".format(*fate.moved)))
        if fate.edits:
            counted = ", ".join(f"{rule} {count:,}" for rule, count in fate.edits.items())
            rows.append(("changed", f"by {counted}: see edits/"))
    return [f"{key:13}{visible(value, one_line=True)}" for key, value in rows if value]


def _cut_by_rule(edits: Sequence[Edit]) -> list[str]:
    """What was cut out of a kept document, by rule."""
    lines = []
    for rule in dict.fromkeys(edit.rule for edit in edits):
        own = [edit for edit in edits if edit.rule == rule]
        size = sum(edit.end - edit.start for edit in own)
        most = max(edit.count for edit in own)
        having = {"template": "pages of its host", "substring": "places"}.get(rule, "documents")
        lines.append(f"{len(own):,} by rule {rule}, {size:,} bytes, in up to {most:,} {having}")
    return lines


def side_by_side(explanation: Explanation, *, color: bool) -> Table:
    """A table of the differences, the document explained on the left."""
    table = Table(box=None, expand=True, padding=(0, 1), show_edge=False)
    left = "this document" if explanation.kept else "removed"
    right = "kept"
    if explanation.kept:
        right = "closest partner" if explanation.partners else "removed for it"
    table.add_column(left, ratio=1, overflow="fold")
    if explanation.other_doc is None:
        table.add_row(_whole(explanation.text, color))
        return table
    table.add_column(right, ratio=1, overflow="fold")
    if explanation.text is None or explanation.other_text is None:
        table.add_row(*(_whole(text, color) for text in (explanation.text, explanation.other_text)))
        return table
    comparison = compare(explanation.text, explanation.other_text)
    for hunk in comparison.hunks:
        _add_skipped(table, hunk.skipped)
        table.add_row(_side(hunk.left, 0, color), _side(hunk.right, 1, color))
    _add_skipped(table, comparison.skipped_after)
    _add_verdict(table, comparison)
    return table


def _add_verdict(table: Table, comparison: Comparison) -> None:
    if comparison.truncated:
        table.add_row(Text("(the rest was not compared: too long)", style="dim"))
    elif not any(hunk.differs for hunk in comparison.hunks):
        table.add_row(Text("(the texts are equal)", style="dim"))


def _add_skipped(table: Table, count: int) -> None:
    if count:
        note = Text(f"... {count:,} equal pieces ...", style="dim")
        table.add_row(note, note)


def _side(segments: Sequence[Segment], side: int, color: bool) -> Text:
    opening, closing, shade = _MARKS[side]
    line = Text()
    for text, shared in segments:
        shown = visible(text)
        if shared:
            line.append(_cut(shown))
        elif color:
            line.append(shown, style=f"bold {shade}")
        else:
            line.append(f"{opening}{shown}{closing}")
    line.rstrip()  # the line break that ends a piece would be an empty line in the table
    return line


def _whole(text: str | None, color: bool) -> Text:
    return _side([(text, True)], 0, color) if text is not None else Text("(no text)")


def _cut(text: str) -> str:
    if len(text) <= MAX_SHARED:
        return text
    half = MAX_SHARED // 2
    return f"{text[:half]} ... {text[-half:]}"


def _cleaner(explanation: Explanation) -> str:
    """What the removed document has around its text and the kept one has not."""
    of_kept = (pair for pair in explanation.partners if pair.doc == explanation.kept_doc)
    pair = next(of_kept, None)
    if pair is None or pair.extra <= pair.other_extra:
        return ""
    if pair.extra - pair.other_extra >= DRAFT:
        return "the kept one is no draft"
    less = pair.extra - pair.other_extra
    return f"the kept one has {less:,} bytes less of bars, buttons and notices"


def _newer(explanation: Explanation) -> str:
    """The days of two copies, the newer one of which stayed."""
    if explanation.dates is None:
        return ""
    own, other = explanation.dates
    newer, older = (own, other) if explanation.kept else (other, own)
    if newer < older:
        return ""
    return f"kept because newer ({_day(newer)} over {_day(older)})"


def _day(seconds: int) -> str:
    moment = EPOCH + timedelta(seconds=seconds)
    return moment.date().isoformat() if seconds % DAY == 0 else moment.isoformat(sep=" ")[:19]


def _name(identifier: str | None, doc: str) -> str:
    return f"{identifier} ({doc})" if identifier else doc


def _number(value: float | None) -> str:
    return f"{value:.4f}" if value is not None else ""
