"""A rule and the one number of it that a picture varies, asked of the stored scores.

Whatever else a rule says is asked twice, with the comparison taken for true and for false: where
the answers differ, the number alone decides. So any condition can be drawn, and each rule is asked
twice for all thresholds together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from glmdata.report.collect import Stage
from glmdata.stage.rows import column_batches, readable, shards
from glmdata.stage.score_table import as_asked, kinds_by_source

_NUMBER = r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_SIGNAL = rf"[a-z]\w*(?:\s*[-+*/]\s*(?:[a-z]\w*|{_NUMBER}))*"
_COMPARISON = re.compile(
    rf"\b(?P<signal>{_SIGNAL})\s*(?P<sign><=|>=|<|>)\s*(?P<number>-?{_NUMBER})(?![\w.])"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_BEFORE = re.compile(r"(?:^|\(|\band|\bor)\s*$", re.IGNORECASE)
_BEHIND = re.compile(r"\s*(?:$|\)|and\b|or\b)", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^']|'')*'")

STEPS = 24
"""Thresholds that are tried, and bars of a histogram, about."""

MOST_RULES = 4

_RULE = "rule of the decision"
"""A column beside those of scores, whose names have no blanks."""

Counts = npt.NDArray[np.int64]


class UndrawnError(Exception):
    """A rule cannot be drawn; says why."""


@dataclass(frozen=True)
class Atom:
    """The first comparison with a number in a condition, and what stands around it."""

    signal: str
    """A signal, or signals that are added up and the like."""
    sign: str
    number: float
    before: str
    behind: str

    @classmethod
    def of(cls, condition: str, columns: Sequence[str]) -> Atom:
        """The atom of a condition.

        Raises
        ------
        UndrawnError
            It compares no single signal with a number.
        """
        # What stands in quotation marks is no comparison; its place must not move.
        bare = _TEXT.sub(lambda text: "_" * len(text[0]), condition)
        # Whom a rule is put to stands first; what it says of them is what people would vary.
        begin = _second_part(bare)
        for found in sorted(_COMPARISON.finditer(bare), key=lambda found: found.start() < begin):
            before, behind = bare[: found.start()], bare[found.end() :]
            # What stands in brackets, say, is compared with more than what was found here.
            alone = _BEFORE.search(before) and _BEHIND.match(behind)
            if alone and set(_NAME.findall(found["signal"])) <= set(columns):
                return cls(
                    found["signal"],
                    found["sign"],
                    float(found["number"]),
                    condition[: found.start()],
                    condition[found.end() :],
                )
        raise UndrawnError("the rule compares no signal with a number")

    def taken_for(self, answer: bool) -> str:
        """The condition with the comparison answered."""
        return f"{self.before}({'1 = 1' if answer else '1 = 0'}){self.behind}"

    @property
    def names(self) -> set[str]:
        """The columns that are compared."""
        return set(_NAME.findall(self.signal))

    @property
    def low_goes(self) -> bool:
        """Whether documents below the number go."""
        return self.sign.startswith("<")

    @property
    def closed_right(self) -> bool:
        """Whether a document that has the number itself is among those below it."""
        return self.sign in ("<=", ">")


def _second_part(condition: str) -> int:
    """Where the second part of `(...) and (...)` begins; 0 where there are no such parts."""
    depth = 0
    for place, sign in enumerate(condition):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            second = condition[place:].startswith(") and (") and condition.endswith(")")
            return place + len(") and ") if second else 0
    return 0


@dataclass
class Measured:
    """What the scores say of a rule."""

    rule: str
    atom: Atom
    edges: npt.NDArray[np.float64]
    """Of the bars; the first and the last one take in what lies beyond. One edge is the number."""
    counts: Counts
    """Documents of each bar about which the number alone decides."""
    removed: Counts
    """Documents that this rule would remove before any later one, the number being each edge."""
    now: int = 0
    """The same, the number being what it is."""
    otherwise: int = 0
    """Documents that go by the rest of the rule, whatever the number is."""
    always: int = 0
    """Those of them that no earlier rule removed."""
    not_numbers: int = 0
    """Documents about which the number decides and whose signal is no number."""

    values: list[npt.NDArray[np.float64]] = field(default_factory=list)
    """Signals of the documents that the number decides and no earlier rule removed, from the lowest
    in each part; empty where nobody asked for them."""

    @property
    def hits(self) -> int:
        """Documents of which the rule is true."""
        middles = (self.edges[:-1] + self.edges[1:]) / 2
        low = middles < self.atom.number
        side = self.counts[low if self.atom.low_goes else ~low]
        # For polars, as for the filter, what is no number is above all numbers.
        extra = 0 if self.atom.low_goes else self.not_numbers
        return int(side.sum()) + self.otherwise + extra


@dataclass
class _Range:
    low: float = np.inf
    high: float = -np.inf

    def take(self, values: npt.NDArray[np.float64]) -> None:
        finite = values[np.isfinite(values)]
        if len(finite):
            self.low = min(self.low, float(finite.min()))
            self.high = max(self.high, float(finite.max()))


class Scores:
    """The scores and decisions of a filter stage, zipped by position."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._scores = shards(stage.folder, "scores")
        self._decisions = shards(stage.folder, "decisions")
        if not self._scores:
            raise UndrawnError("the stage has no scores")

    def columns(self) -> dict[str, Any]:
        """Names and types of the first file."""
        import polars as pl

        return dict(pl.read_ipc_schema(readable(self._scores[0])))

    def numbers(self, wanted: set[str]) -> Iterator[Any]:
        """Columns of scores alone, a file at a time."""
        import polars as pl

        for path in self._scores:
            yield pl.read_ipc(readable(path), columns=sorted(wanted))

    def frames(self, wanted: set[str]) -> Iterator[Any]:
        """Columns of scores, with the rule of the decisions, a file of scores at a time.

        Raises
        ------
        UndrawnError
            A row of the decisions is of another document than that of the scores.
        """
        import polars as pl

        kinds = kinds_by_source(self.stage.manifest.config["kind"])
        names = ["doc", "source", "lang", *sorted(wanted - {"doc", "source", "lang"})]
        decided = self._decided()
        left = next(decided, None)
        for path in self._scores:
            frame = pl.read_ipc(readable(path), columns=names)
            parts, missing = [], frame.height
            while missing and left is not None:
                parts.append(left.head(missing))
                missing -= parts[-1].height
                left = left.slice(parts[-1].height)
                if not left.height:
                    left = next(decided, None)
            rules = pl.concat(parts) if parts else None
            if frame.height and (rules is None or not frame["doc"].equals(rules["doc"])):
                raise UndrawnError("scores and decisions of the stage are of other documents")
            if rules is not None:
                yield as_asked(frame.drop("doc"), kinds).with_columns(rules["rule"].alias(_RULE))
        if left is not None:
            raise UndrawnError("the stage has more decisions than scores")

    def _decided(self) -> Iterator[Any]:
        """Documents and their rules, a batch at a time; decisions are cut at other places."""
        import polars as pl

        for batch in column_batches(self._decisions, ["doc", "rule"]):
            if batch.num_rows:
                yield pl.DataFrame(
                    {
                        "doc": pl.from_arrow(batch.column("doc").cast("binary")),
                        "rule": pl.from_arrow(batch.column("rule")),
                    }
                )


def measure(
    stage: Stage, rules: Sequence[str], *, values: bool = False
) -> Mapping[str, Measured | str]:
    """What the scores say of each rule, or why they do not, in two passes over the scores.

    With `values`, 8 bytes a document stay in memory for each rule.
    """
    try:
        scores = Scores(stage)
        columns = scores.columns()
        found: dict[str, Measured | str] = {}
        atoms: dict[str, Atom] = {}
        for rule in rules:
            try:
                atoms[rule] = Atom.of(stage.report["rules"][rule], _numbers(columns))
            except UndrawnError as error:
                found[rule] = str(error)
        _count(scores, atoms, found, values)
    except UndrawnError as error:
        return dict.fromkeys(rules, str(error))
    return {rule: _checked(stage, rule, found[rule]) for rule in rules}


def _numbers(columns: Mapping[str, Any]) -> list[str]:
    return [name for name, kind in columns.items() if kind.is_numeric()]


def _checked(stage: Stage, rule: str, found: Measured | str) -> Measured | str:
    """A picture that says something else than the table beside it would be worse than none."""
    if isinstance(found, Measured):
        said = stage.report["removed_by_rule"][rule], stage.report["hits"][rule]
        if (found.now, found.hits) != said:
            return "the rule gives other counts of the stored scores than its report has"
    return found


def _count(
    scores: Scores,
    atoms: Mapping[str, Atom],
    found: dict[str, Measured | str],
    values: bool,
) -> None:
    if not atoms:
        return
    columns = scores.columns()
    report = scores.stage.report
    wanted = {
        word
        for rule in atoms
        for word in _NAME.findall(_TEXT.sub("", report["rules"][rule]))
        if word in columns
    }
    ranges = {rule: _Range() for rule in atoms}
    for frame in scores.numbers({name for atom in atoms.values() for name in atom.names}):
        for rule, atom in atoms.items():
            ranges[rule].take(_values(frame, atom))
    order = list(report["rules"])
    made = {
        rule: Measured(
            rule, atom, edges, np.zeros(len(edges) - 1, np.int64), np.zeros(len(edges), np.int64)
        )
        for rule, atom in atoms.items()
        for edges in [_edges(atom, ranges[rule], _whole(atom, columns))]
    }
    for frame in scores.frames(wanted):
        for rule, measured in made.items():
            if rule not in found:
                try:
                    _add(measured, frame, order[: order.index(rule)], values)
                except UndrawnError as error:
                    found[rule] = str(error)
    for rule, measured in made.items():
        found.setdefault(rule, measured)


def _values(frame: Any, atom: Atom) -> npt.NDArray[np.float64]:
    import polars as pl

    column = frame.select(pl.sql_expr(atom.signal).cast(pl.Float64).alias("value"))["value"]
    values: npt.NDArray[np.float64] = column.fill_null(np.nan).to_numpy()
    return values


def _whole(atom: Atom, columns: Mapping[str, Any]) -> bool:
    """Whether what is compared is a whole number of each document."""
    return "/" not in atom.signal and all(columns[name].is_integer() for name in atom.names)


def _edges(atom: Atom, seen: _Range, whole: bool) -> npt.NDArray[np.float64]:
    """Edges of one distance, one of them on the number, around it as far as there is something."""
    number = atom.number
    reach = abs(number) or 1.0
    low = max(min(seen.low, number), number - 2 * reach)
    high = min(max(seen.high, number), number + 3 * reach)
    step = max((high - low) / STEPS, 1e-9 * reach)
    if whole and number == int(number):
        step = float(np.ceil(step))
    # One bar at least on each side, so that the number is no end of the scale.
    below, above = (
        max(int(np.ceil(width / step - 1e-9)), 1) for width in (number - low, high - number)
    )
    steps = np.arange(-below, above + 1, dtype=np.float64)
    return np.asarray(number + step * steps, np.float64)


def removed_at(
    atom: Atom, ordered: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64]
) -> Counts:
    """How many of some ordered values go, with each of some numbers in the rule."""
    at_each = np.searchsorted(ordered, numbers, "right" if atom.closed_right else "left")
    return at_each if atom.low_goes else len(ordered) - at_each


def _add(measured: Measured, frame: Any, earlier: Sequence[str], keep: bool) -> None:
    import polars as pl

    atom = measured.atom
    try:
        asked = frame.select(
            pl.sql_expr(atom.taken_for(True)).fill_null(False).alias("true"),
            pl.sql_expr(atom.taken_for(False)).fill_null(False).alias("false"),
            pl.sql_expr(atom.signal).is_not_null().alias("known"),
        )
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise UndrawnError(f"polars cannot read the rule: {str(error).splitlines()[0]}") from None
    if_true, if_false, known = (asked[name].to_numpy() for name in ("true", "false", "known"))
    if (if_false & ~if_true).any():
        raise UndrawnError("the rule asks that its comparison is not true")
    always, decided = if_false & if_true, if_true & ~if_false & known
    first = ~frame[_RULE].is_in(list(earlier)).fill_null(False).to_numpy()
    values = _values(frame, atom)
    numbers = ~np.isnan(values)
    measured.otherwise += int(always.sum())
    measured.not_numbers += int((decided & ~numbers).sum())
    inner = measured.edges[1:-1]
    side: Literal["left", "right"] = "left" if atom.closed_right else "right"
    bars = np.searchsorted(inner, values[decided & numbers], side)
    measured.counts += np.bincount(bars, minlength=len(measured.counts))
    ordered = np.sort(np.where(numbers, values, np.inf)[decided & first])
    if keep:
        measured.values.append(ordered)
    measured.always += int((always & first).sum())
    measured.removed += removed_at(atom, ordered, measured.edges) + int((always & first).sum())
    measured.now = int(measured.removed[measured.edges == atom.number][0])
