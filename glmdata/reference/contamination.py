"""Benchmark items in a text, by comparing lists of units."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from glmdata.reference.normalise import normalise
from glmdata.reference.units import Kind
from glmdata.reference.units import units as units_of

Item = tuple[str, str, Sequence[str]]
"""Name, question, options."""
Words = tuple[str, ...]

WINDOW = 5
LONG = 260
LEAST = 100
MOST_ITEMS = 10
BETWEEN = 10
NUMBER = "#"
"""No unit is this sign."""

_HAN = set("零〇一二三四五六七八九十百千万亿两")
_ENGLISH = re.compile(
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    "(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    "hundred|thousand|million|billion"
)


def folded(text: str) -> tuple[Words, int]:
    """The units of a text, all numbers in a row as one, and their weight without numbers.

    Examples
    --------
    >>> folded("三百二十棵树, twenty-five trees of 12cm")[0]
    ('#', '棵', '树', '#', 'trees', 'of', '#', 'cm')
    """
    found: list[str] = []
    weight = 0
    for unit in units_of(normalise(text)):
        behind = re.sub(r"\A[0-9]+", "", unit.text)
        number = unit.text in _HAN if unit.kind is Kind.HAN else _ENGLISH.fullmatch(unit.text)
        if (number or behind != unit.text) and found[-1:] != [NUMBER]:
            found.append(NUMBER)
        if behind and not number:
            found.append(behind)
            # Thirteen words or twenty Han characters are long.
            weight += 13 if unit.kind is Kind.HAN else 20
    return tuple(found), weight


def windows(units: Words) -> list[Words]:
    """Every run of five units."""
    return [units[at : at + WINDOW] for at in range(len(units) - WINDOW + 1)]


@dataclass
class _Known:
    name: str
    question: Words
    asked: set[Words]
    """Windows of the question."""
    answers: set[Words]
    """Windows that only options have."""
    units: int
    long: tuple[bool, bool]
    """Whether the question, and all of it, can be known by a part."""
    short: bool


def contamination(items: Sequence[Item], texts: Sequence[str]) -> list[tuple[float, str | None]]:
    """How far the item that is most in each text is in it, and its name."""
    # Of eleven equal items no window would be of few: what says the same is one item.
    unique: dict[tuple[str, ...], Item] = {}
    for given in items:
        _, question, options = given
        unique.setdefault((question, *options), given)
    known = [_known(item) for item in unique.values()]
    count = Counter(window for item in known for window in item.asked | item.answers)
    weights = {
        window: math.log(1 + len(unique) / n) for window, n in count.items() if n <= MOST_ITEMS
    }
    for item in known:
        # A question of phrases of the benchmark alone must be there whole.
        item.short |= item.long[0] and not any(window in weights for window in item.asked)
    answers: list[tuple[float, str | None]] = []
    for text in texts:
        units, _ = folded(text)
        best: tuple[float, str | None] = (0.0, None)
        for item in known:
            share = _densest(item, weights, windows(units))
            if share > best[0]:
                best = share, item.name
        if best[0] < 1:
            for item in known:
                if item.short and _holds(units, item.question):
                    best = 1.0, item.name
                    break
        answers.append(best)
    return answers


def _known(item: Item) -> _Known:
    name, question, options = item
    units, weight = folded(question)
    asked, answers, length, whole = set(windows(units)), set[Words](), len(units), weight
    for option in options:
        its, heavy = folded(option)
        answers |= set(windows(its)) - asked
        length, whole = length + len(its), whole + heavy
    long = weight >= LONG and len(units) >= WINDOW
    short = not long and weight >= LEAST
    return _Known(
        name, units, asked, answers, length, (long, whole >= LONG and bool(options)), short
    )


def _densest(item: _Known, weights: dict[Words, float], there: Sequence[Words]) -> float:
    """The largest share of an item in a stretch of at most twice its length and ten units."""
    reach = 2 * item.units + BETWEEN - WINDOW
    best = 0.0
    wanted = item.asked | item.answers
    at = [place for place, window in enumerate(there) if window in wanted and window in weights]
    for first in at:
        near = {there[place] for place in at if first <= place <= first + reach}
        for long, part in zip(item.long, (item.asked, wanted), strict=True):
            # What too many items have weighs nothing.
            total = sum(weights.get(window, 0.0) for window in part)
            if long and total > 0:
                share = sum(weights[window] for window in near & part) / total
                best = max(best, min(share, 1.0)) if share > best + 1e-9 else best
    return best


def _holds(words: Sequence[str], run: Words) -> bool:
    starts = range(len(words) - len(run) + 1)
    return any(tuple(words[at : at + len(run)]) == run for at in starts)
