"""Signals that cost time and that few rules ask for: measured where one does, or by an option.

Each group has an option of its own name, which is on where a condition has one of its signals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from glmdata import _native
from glmdata.filter.config import ScoreConfig


@dataclass(frozen=True)
class Demand:
    """A group of signals that are measured together."""

    option: str
    """The field of the configuration."""
    pattern: re.Pattern[str]
    """What looks like one of its signals: misspelt ones too, so that the right name is told."""
    names: Callable[[], tuple[str, ...]]
    """Its signals, in the order of the score table."""
    without: str
    """What to say of a run that has not measured them."""


@cache
def _of_words() -> tuple[str, ...]:
    return tuple(name for name, _ in _native.segmented("")[1])


@cache
def _of_passages() -> tuple[str, ...]:
    return tuple(name for name, _ in _native.offence("")[0])


DEMANDS = (
    Demand("jieba", re.compile(r"\bjieba_[a-z0-9_]+\b"), _of_words, "words were not cut"),
    Demand(
        "offence",
        re.compile(r"\boffence_[a-z0-9_]+\b"),
        _of_passages,
        "the model of offensive passages was not asked",
    ),
)
"""All of them, in the order of the score table."""


def demands_of(expression: str) -> list[Demand]:
    """Those that have a signal in an expression."""
    return [demand for demand in DEMANDS if demand.pattern.search(expression)]


def demanded(conditions: Iterable[str]) -> dict[str, bool]:
    """The options of what conditions ask for, each true."""
    found = {demand.option for condition in conditions for demand in demands_of(condition)}
    return dict.fromkeys(sorted(found), True)


def measured_names(config: ScoreConfig) -> list[str]:
    """Signals that a run with these options measures besides those of every run."""
    return [name for demand in DEMANDS if getattr(config, demand.option) for name in demand.names()]
