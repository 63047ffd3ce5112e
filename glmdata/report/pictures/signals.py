"""The rules of the filter that removed most: their signals, and what other numbers would remove."""

from __future__ import annotations

from collections.abc import Sequence

from glmdata.report.collect import Corpus, Stage
from glmdata.report.pictures.measured import MOST_RULES, Measured, measure
from glmdata.stage.picture import Drawing, Picture, Plot, cut, decimal

_STEEP = 20
"""A scale of powers of ten shows counts that are so many times the present one."""

_LOGARITHMIC = " (each step up is ten times as many)"


def signals(corpus: Corpus) -> list[Picture]:
    """Two pictures for each of the rules; none where no filter has run."""
    stage = corpus.get("filter")
    if stage is None:
        return []
    removed = {rule: n for rule, n in stage.report["removed_by_rule"].items() if n}
    rules = sorted(removed, key=lambda rule: (-removed[rule], rule))[:MOST_RULES]
    if not rules:
        why = "There is no picture: no rule of the filter removed a document. Printed by"
        return [Picture("rule-0", "Signals and thresholds", why, f"glmdata show {stage.folder}")]
    found = measure(stage, rules)
    return [
        picture
        for number, rule in enumerate(rules, 1)
        for picture in of_rule(stage, number, rule, found[rule])
    ]


def of_rule(stage: Stage, number: int, rule: str, found: Measured | str) -> Sequence[Picture]:
    """The histogram that a rule cuts, and what it would remove with another number."""
    named = cut(rule, 40)
    if isinstance(found, str):
        why = f"There is no picture: {found}. What the rule removed is printed by"
        show = f"glmdata show {stage.folder}"
        return [Picture(f"rule-{number}", f"{named}: its signal", why, show)]
    return [_histogram(stage, number, named, found), _course(stage, number, named, found)]


def _histogram(stage: Stage, number: int, named: str, found: Measured) -> Picture:
    atom, edges = found.atom, [float(edge) for edge in found.edges]
    counts = [int(count) for count in found.counts]
    side = found.hits - found.otherwise
    limit = f"{atom.sign} {decimal(atom.number)}"
    draw = Drawing(
        f"A histogram of {sum(counts):,} documents by {atom.signal}; {side:,} lie on the removed "
        f"side, {limit}."
    )
    plot = Plot(draw, edges[0], edges[-1], max([*counts, 1]), logarithmic=True)
    plot.axes(_ticks(edges, atom.number), cut(atom.signal, 40))
    plot.bars(edges, counts, lambda middle: (middle < atom.number) == atom.low_goes)
    plot.limit(atom.number, f"goes if {limit}: {side:,}")
    more = ""
    if found.otherwise:
        more += f" {found.otherwise:,} more go by the rest of the rule, whatever this number is."
    if found.not_numbers:
        more += f" {found.not_numbers:,} have no number here and have no bar."
    caption = (
        "Documents about which this number alone decides: all else that the rule asks for is true "
        "of them. Each step up is ten times as many; hatched bars are removed, by this rule or by "
        f"one before it. The outermost bars hold all that lies beyond.{more} The rule and its "
        "counts are printed, as rules, hits and removed_by_rule, by"
    )
    title = f"{named}: its signal"
    show = f"glmdata show {stage.folder} --json"
    return Picture(f"rule-{number}", title, caption, show, draw)


def _course(stage: Stage, number: int, named: str, found: Measured) -> Picture:
    atom, edges = found.atom, [float(edge) for edge in found.edges]
    removed = [int(count) for count in found.removed]
    draw = Drawing(
        f"A line: with {decimal(edges[0])} the rule would remove {removed[0]:,} documents, with "
        f"{decimal(atom.number)} as now {found.now:,}, with {decimal(edges[-1])} {removed[-1]:,}."
    )
    most = max([*removed, 1])
    steep = most > _STEEP * max(found.now, 1)
    plot = Plot(draw, edges[0], edges[-1], most, logarithmic=steep)
    plot.axes(_ticks(edges, atom.number), f"number that {cut(atom.signal, 28)} is compared with")
    draw.line([(plot.x(e), plot.y(n)) for e, n in zip(edges, removed, strict=True)], "course")
    plot.limit(atom.number, f"now {atom.sign} {decimal(atom.number)}: {found.now:,}")
    draw.dot(plot.x(atom.number), plot.y(found.now))
    caption = (
        "Documents that this rule would remove with another number in its place, exact at each "
        f"point of the line for the stored scores{_LOGARITHMIC if steep else ''}. A document that "
        "a later rule takes as well is counted here, so the whole filter removes fewer more, or "
        "fewer less. With an own rule of the other number, the whole is printed by"
    )
    command = f"glmdata filter --rescore-from {stage.folder} --rules FILE"
    return Picture(f"rule-{number}-course", f"{named}: other thresholds", caption, command, draw)


def _ticks(edges: Sequence[float], number: float) -> list[float]:
    """Both ends and the number, unless it is too near one of them to be read."""
    span = edges[-1] - edges[0]
    # Shares begin at 0, and the first bar may begin a little before it.
    low = 0.0 if edges[0] < 0 < edges[1] else edges[0]
    ends = [edge for edge in (low, edges[-1]) if abs(edge - number) > span / 8]
    return sorted([*ends, number])
