"""Thresholds fitted to a corpus: where a rule would have to stand to remove a given share.

Published thresholds were tuned on other text. A score table of the user's own corpus tells which
ones bite, and where they would have to stand to remove, say, one document in a hundred.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata.config.given import validated
from glmdata.errors import ConfigError
from glmdata.filter.config import FilterConfig
from glmdata.filter.presets import kinds_of, rules_of
from glmdata.filter.rules import Rule, compiled, refuse_unasked
from glmdata.filter.scored import Scored
from glmdata.stage.rows import readable
from glmdata.stage.score_table import as_asked

if TYPE_CHECKING:
    import polars as pl

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""What the sign of a rule that compares one signal with one number does."""


@dataclass(frozen=True)
class Threshold:
    """A rule, the share of documents it removes now, and the fitted threshold."""

    rule: str
    signal: str
    sign: str
    now: float
    removes_now: float
    fitted: float | None
    """None where no threshold removes more than nothing and at most the wanted share."""
    removes_fitted: float | None
    documents: int
    """Documents the rule is put to: those of its languages and kinds."""
    where: str | None


def calibrate(stage: str | os.PathLike[str], rate: float) -> list[Threshold]:
    """Fit every rule of a filter stage that compares one signal with one number.

    Parameters
    ----------
    stage
        A complete filter stage; one made with `tag` has rules of the default preset.
    rate
        The share of the documents a rule is put to that it should remove, in (0, 1).

    Raises
    ------
    ConfigError
        `rate` is no such share, or `stage` is no complete filter stage.

    Examples
    --------
    >>> calibrate("glmdata-out/filter", 0.01)[0].fitted
    132.0
    """
    import polars as pl

    if not 0 < rate < 1:
        raise ConfigError(f"rate: expected a share between 0 and 1, found {rate}")
    scored = Scored.of(Path(stage), None)
    # Own rules are hashed in a manifest, so only those of the preset can be fitted again.
    config = validated(FilterConfig, {**scored.config, "rules": None, "tag": False})
    parts = sorted((scored.path / "scores").glob("part-*.arrow"))
    kinds = kinds_of(config)
    found = []
    rules = rules_of(config)
    refuse_unasked(rules, scored.columns)
    scored.refuse_missing(rules)
    for rule in rules:
        measured = rule.measured
        if measured is None or rule.to is not None or not is_plain(rule):
            continue
        signal, sign, now = measured
        columns = [
            as_asked(pl.read_ipc(readable(part)), kinds)
            .filter(compiled(rule.name, rule.where) if rule.where else pl.lit(True))
            .get_column(signal)
            .cast(pl.Float64)
            for part in parts
        ]
        values = pl.concat(columns)
        if values.len() == 0:
            continue
        fitted = _threshold(values, sign, rate)
        found.append(
            Threshold(
                rule=rule.name,
                signal=signal,
                sign=sign,
                now=now,
                removes_now=_removed(values, sign, now),
                fitted=fitted,
                removes_fitted=None if fitted is None else _removed(values, sign, fitted),
                documents=values.len(),
                where=rule.where,
            )
        )
    return found


def _threshold(values: pl.Series, sign: str, rate: float) -> float | None:
    """The threshold that removes most without removing more than `rate`; None if that is nothing.

    Many documents may have one value: then the share that goes is less than was asked for.
    """
    below = sign.startswith("<")
    counts = values.value_counts().sort(values.name, descending=not below)
    gone = counts["count"].cum_sum() / values.len()
    last = int((gone <= rate).sum()) - 1
    if last < 0:
        return None
    # A strict sign leaves what stands on the threshold: it is the first value that stays.
    return float(counts[values.name][last if "=" in sign else last + 1])


def is_plain(rule: Rule) -> bool:
    """Whether a rule is one comparison, of which the number alone can be fitted."""
    return len(rule.drop_when.split()) == 3 and "=" not in rule.drop_when.split()


def _removed(values: pl.Series, sign: str, threshold: float) -> float:
    gone: pl.Series = COMPARE[sign](values, threshold)
    return float(gone.sum() / gone.len())
