"""Decide over a table of scores: the first rule that is true removes a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError
from glmdata.filter.benchmark import OVERLAPS
from glmdata.filter.rules import MOJIBAKE, TOLD, Rule, compiled
from glmdata.stage.rows import readable
from glmdata.stage.score_table import as_asked

UNKNOWN = "und"
"""How reports name the language of documents that have none."""

MOST_NAMES = 65_535
"""Sources or languages; more of them are a mistake in the field, and take memory without bound."""
_COUNTS = ("in", "kept", "removed", "text_bytes_in", "text_bytes_kept")


@dataclass
class Tallies:
    """Sums for the report, over any number of tables."""

    hits: dict[str, int]
    """Rule -> documents of which it is true, whether another one came first or not."""
    removed: dict[str, int]
    by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    by_lang: dict[str, dict[str, int]] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    """Kept documents that belong to another source from here on, by move."""
    example: str | None = None
    unasked: dict[str, int] = field(default_factory=dict)
    """Rule -> documents that lack what it asks for, such as a language."""
    unasked_documents: int = 0
    """Documents for which that is so of any rule."""

    def total(self, name: str) -> int:
        """The sum of a count over all sources."""
        return sum(counts[name] for counts in self.by_source.values())


class Selector:
    """The rules of a run, ready for its tables."""

    def __init__(self, rules: Sequence[Rule], kinds: Mapping[str, str]) -> None:
        import polars as pl

        self.rules = [rule for rule in rules if rule.to is None]
        self.moves = [rule for rule in rules if rule.to is not None]
        self.kinds = kinds
        conditions = [compiled(rule.name, rule.condition) for rule in self.rules]
        # Null, where a document has no language, removes nothing.
        self._conditions = [
            condition.fill_null(False).alias(str(number))
            for number, condition in enumerate(conditions)
        ]
        # Nor is it an answer: such a document was never asked, and that is told.
        self._unasked = [
            (condition.is_null() | _scope(rule).is_null()).alias(str(number))
            for number, (rule, condition) in enumerate(zip(self.rules, conditions, strict=True))
        ]
        names = [rule.name for rule in self.rules]
        self.tallies = Tallies(dict.fromkeys(names, 0), dict.fromkeys(names, 0))
        self.tallies.moved.update({rule.name: 0 for rule in self.moves})
        self._pl: Any = pl

    def decide(self, scores: Path) -> Any:
        """A frame of keep, rule, value, threshold, source, one row a document of `scores`.

        `source` is null for a document that stays where it was. Where languages were told, the
        frame has `lang` too; where texts were repaired, `mojibake`: whether this one was; where
        benchmark items were looked for, the one for which a document goes and where that is in it.
        """
        pl = self._pl
        measured = pl.read_ipc(readable(scores))
        frame = as_asked(measured, self.kinds)
        hits = frame.select(self._conditions) if self.rules else pl.DataFrame()
        first = pl.coalesce(
            *(
                pl.when(pl.col(str(number))).then(pl.lit(number, pl.Int32))
                for number in range(len(self.rules))
            ),
            pl.lit(None, pl.Int32),
        )
        names = dict(enumerate(rule.name for rule in self.rules))
        chosen = frame.select("doc", "source", "lang_tag", "n_bytes").with_columns(
            hits.select(first.alias("rule"))["rule"]
            if self.rules
            else pl.lit(None, pl.Int32).alias("rule")
        )
        decided = chosen.select(
            pl.col("rule").is_null().alias("keep"),
            pl.col("rule").replace_strict(names, default=None, return_dtype=pl.String),
            *self._measured(frame, chosen["rule"]),
            self._moved(frame, chosen["rule"].is_null()),
            *([measured["lang"]] if TOLD in measured.columns else []),
            *([measured[MOJIBAKE] == 1] if MOJIBAKE in measured.columns else []),
            *self._items(measured, chosen["rule"]),
        )
        self._count(hits, chosen.with_columns(decided["keep"]), decided)
        self._count_unasked(frame)
        return decided

    def _count_unasked(self, frame: Any) -> None:
        if not self.rules:
            return
        pl, tallies = self._pl, self.tallies
        unasked = frame.select(self._unasked)
        for number, rule in enumerate(self.rules):
            count = int(unasked[str(number)].sum())
            if count:
                tallies.unasked[rule.name] = tallies.unasked.get(rule.name, 0) + count
        tallies.unasked_documents += int(unasked.select(pl.any_horizontal(pl.all())).sum().item())

    def _measured(self, frame: Any, rule: Any) -> list[Any]:
        """The columns value and threshold: what each document's own rule compared."""
        pl = self._pl
        values, thresholds = pl.repeat(None, frame.height, dtype=pl.Float64, eager=True), {}
        for number, measured in enumerate(rule.measured for rule in self.rules):
            if measured is None:
                continue
            signal, _, threshold = measured
            thresholds[number] = threshold
            column = frame[signal].cast(pl.Float64)
            values = pl.select(pl.when(rule == number).then(column).otherwise(values)).to_series()
        limits = rule.replace_strict(thresholds, default=None, return_dtype=pl.Float64)
        return [values.alias("value"), limits.alias("threshold")]

    def _items(self, measured: Any, rule: Any) -> list[Any]:
        """The columns of a benchmark item, for documents that go for one."""
        pl = self._pl
        numbers = [number for number, rule in enumerate(self.rules) if rule.name == OVERLAPS]
        if "benchmark" not in measured.columns:
            return []
        # Scores of an earlier version have no place.
        nowhere = pl.repeat(None, measured.height, dtype=pl.UInt64, eager=True)
        names = ("benchmark", "benchmark_begin", "benchmark_end")
        columns = [measured[name] if name in measured.columns else nowhere for name in names]
        item = pl.when(rule.is_in(numbers))
        return [
            pl.select(item.then(column)).to_series().alias(name)
            for name, column in zip(names, columns, strict=True)
        ]

    def _moved(self, frame: Any, kept: Any) -> Any:
        """The column source: the first move that is true of a kept document names it."""
        pl = self._pl
        source = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        for move in self.moves:
            hit = frame.select(compiled(move.name, move.condition).fill_null(False)).to_series()
            hit = hit & kept & source.is_null()
            self.tallies.moved[move.name] += int(hit.sum())
            source = pl.select(pl.when(hit).then(pl.lit(move.to)).otherwise(source)).to_series()
        return source.alias("source")

    def _count(self, hits: Any, chosen: Any, decided: Any) -> None:
        pl, tallies = self._pl, self.tallies
        for number, rule in enumerate(self.rules):
            tallies.hits[rule.name] += int(hits[str(number)].sum())
            tallies.removed[rule.name] += int((chosen["rule"] == number).sum())
        kept = pl.col("keep")
        counts = (
            pl.len().alias("in"),
            kept.sum().alias("kept"),
            (~kept).sum().alias("removed"),
            pl.col("n_bytes").sum().alias("text_bytes_in"),
            pl.col("n_bytes").filter(kept).sum().alias("text_bytes_kept"),
        )
        for column, sums in (("source", tallies.by_source), ("lang_tag", tallies.by_lang)):
            key = pl.col(column).fill_null(UNKNOWN)
            for row in chosen.group_by(key).agg(counts).iter_rows(named=True):
                target = sums.setdefault(row[column], dict.fromkeys(_COUNTS, 0))
                for name in _COUNTS:
                    target[name] += int(row[name])
            if len(sums) > MOST_NAMES:
                field = {"source": "source_field", "lang_tag": "lang_field"}[column]
                what = {"source": "sources", "lang_tag": "languages"}[column]
                raise ConfigError(
                    f"{field}: expected at most {MOST_NAMES:,} different {what}, found more, such "
                    f"as {next(reversed(sums))!r}",
                    hint="is it the right column?",
                )
        if tallies.example is None:
            gone = chosen.filter(~kept)
            tallies.example = bytes(gone["doc"][0]).hex() if gone.height else None


def _scope(rule: Rule) -> Any:
    """Whether a rule is put to a document at all; null where nobody knows."""
    import polars as pl

    return compiled(rule.name, rule.where) if rule.where else pl.lit(True)
