"""Thresholds fitted to documents that a reader judged: the best recall at a wanted precision.

Every rule of a preset that compares one signal with one number is tried on its own. The threshold
is chosen on half of the documents; what it is said to do, it did on the other half.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from glmdata.config.given import validated
from glmdata.errors import ConfigError
from glmdata.filter.calibrate import COMPARE, is_plain
from glmdata.filter.config import FilterConfig
from glmdata.filter.demand import demanded
from glmdata.filter.labels import split
from glmdata.filter.presets import kinds_of, rules_of
from glmdata.filter.rules import Rule, compiled
from glmdata.filter.run import run
from glmdata.stage.rows import readable
from glmdata.stage.score_table import as_asked


@dataclass(frozen=True)
class Point:
    """What a rule does at one threshold.

    `recall` is the share of the documents labelled as removed that it removes, `precision` the
    share of what it removes that is labelled so; None where it removes nothing.
    """

    threshold: float
    recall: float
    precision: float | None


@dataclass(frozen=True)
class FittedRule:
    """A rule on labelled documents of its languages and kinds."""

    rule: str
    signal: str
    sign: str
    where: str | None
    kept: int
    """Documents labelled as kept that the rule is put to, both halves."""
    removed: int
    """Documents labelled as removed that the rule is put to, both halves."""
    now: Point | None
    """The threshold of the preset, on the half that is kept apart; None if that half is empty."""
    fitted: Point | None
    """The chosen one, on the same half; None if none reaches the precision on the first half."""
    curve: Sequence[Point]
    """Every threshold on all documents, from the one that removes least."""


@dataclass(frozen=True)
class Fitted:
    """All rules, and what was not read of the labelled documents."""

    rules: Sequence[FittedRule]
    quarantined: int


def calibrate_labelled(
    kept: str | os.PathLike[str],
    removed: str | os.PathLike[str] | None = None,
    *,
    precision: float = 0.95,
    preset: str = "glm4",
) -> Fitted:
    """Fit the rules of a preset to documents that a reader kept and documents that he removed.

    Parameters
    ----------
    kept, removed
        Files or folders of documents, as `glmdata.filter.run` reads them. `kept` alone is a file
        of labels, as `glmdata browse` writes it: JSON lines with `doc`, `text` and `label`, which
        is `keep`, `remove` or null; the last line of a document counts.
    precision
        The share of what a rule removes that must be labelled as removed, in (0, 1].
    preset
        Whose rules are fitted.

    Raises
    ------
    ConfigError
        `precision` is no such share, or no such preset.
    InputError, StorageError
        A place cannot be read, or has no documents.

    Examples
    --------
    >>> fitted = calibrate_labelled("kept.jsonl", "removed.jsonl", precision=0.98)
    >>> fitted.rules[0].fitted.recall
    0.41
    """
    if not 0 < precision <= 1:
        raise ConfigError(f"precision: expected a share above 0 and up to 1, found {precision}")
    config = validated(FilterConfig, {"preset": preset})
    rules = rules_of(config)
    asked: dict[str, Any] = {**demanded(rule.condition for rule in rules)}
    with tempfile.TemporaryDirectory(prefix="glmdata-") as folder:
        tables, quarantined = [], 0
        if removed is None:
            kept, removed, quarantined = split(Path(kept), Path(folder))
        for label, place in (("kept", kept), ("removed", removed)):
            output = Path(folder) / label
            options: dict[str, Any] = {**asked, "preset": preset, "tag": True, "write": "decisions"}
            report = run(place, output, **options)
            quarantined += report.quarantined
            tables.append(_scores(report.output, kinds_of(config), label == "removed"))
    return Fitted([*_fitted(rules, tables, precision)], quarantined)


def _scores(stage: Path, kinds: Any, label: bool) -> Any:
    import polars as pl

    parts = sorted((stage / "scores").glob("part-*.arrow"))
    frames = [as_asked(pl.read_ipc(readable(part)), kinds) for part in parts]
    return pl.concat(frames).with_columns(pl.lit(label).alias("label"))


def _fitted(rules: Sequence[Rule], tables: Sequence[Any], precision: float) -> Any:
    import polars as pl

    scores = pl.concat(tables)
    # The key of the text decides, so equal texts are in one half whatever their labels.
    half = pl.col("doc").bin.slice(0, 1).bin.encode("hex").str.to_integer(base=16) % 2
    scores = scores.with_columns((half == 0).alias("fits"))
    for rule in rules:
        measured = rule.measured
        if measured is None or rule.to is not None or not is_plain(rule):
            continue
        signal, sign, now = measured
        scope = compiled(rule.name, rule.where) if rule.where else pl.lit(True)
        asked = scores.filter(scope & pl.col(signal).is_not_null())
        judged = asked.select(signal, "label", "fits").rows()
        if not judged:
            continue
        chosen = _best(_curve([row[:2] for row in judged if row[2]], sign), precision)
        apart = [row[:2] for row in judged if not row[2]]
        yield FittedRule(
            rule=rule.name,
            signal=signal,
            sign=sign,
            where=rule.where,
            kept=sum(not row[1] for row in judged),
            removed=sum(row[1] for row in judged),
            now=_point(apart, sign, now) if apart else None,
            fitted=_point(apart, sign, chosen) if chosen is not None else None,
            curve=_curve([row[:2] for row in judged], sign),
        )


def _curve(judged: Sequence[tuple[float, bool]], sign: str) -> list[Point]:
    """What each threshold removes, from the one that removes least."""
    below, strict = sign.startswith("<"), "=" not in sign
    wanted = sum(label for _, label in judged)
    ordered = sorted(judged, key=lambda row: row[0], reverse=not below)
    groups = [(value, [label for _, label in rows]) for value, rows in groupby(ordered, _value)]
    points, gone, right = [], 0, 0
    for number, (value, labels) in enumerate(groups):
        gone += len(labels)
        right += sum(labels)
        # A strict sign leaves what stands on the threshold: it is the first value that stays.
        if strict and number + 1 == len(groups):
            break
        threshold = groups[number + 1][0] if strict else value
        points.append(Point(float(threshold), right / wanted if wanted else 0.0, right / gone))
    return points


def _value(row: tuple[float, bool]) -> float:
    return row[0]


def _best(curve: Sequence[Point], precision: float) -> float | None:
    """The threshold of the best recall at a precision; of equal ones the one that removes less."""
    good = [p for p in curve if p.recall > 0 and (p.precision or 0) >= precision]
    return max(good, key=lambda point: point.recall).threshold if good else None


def _point(judged: Sequence[tuple[float, bool]], sign: str, threshold: float) -> Point:
    """What a threshold does to documents that it was not chosen on."""
    gone = [label for value, label in judged if COMPARE[sign](value, threshold)]
    wanted = sum(label for _, label in judged)
    return Point(threshold, sum(gone) / wanted if wanted else 0.0, _share(gone))


def _share(labels: Sequence[bool]) -> float | None:
    return sum(labels) / len(labels) if labels else None
