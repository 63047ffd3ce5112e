"""Benchmark items in a text, by comparing lists of units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from glmdata.reference.normalise import normalise
from glmdata.reference.units import Kind, Unit
from glmdata.reference.units import units as units_of

WINDOW = 260
LEAST = 100
MOST_ITEMS = 10
Words = tuple[str, ...]


def weight(unit: Unit) -> int:
    """Thirteen words or twenty Han characters make a window."""
    return 13 if unit.kind is Kind.HAN else 20


def windows(units: Sequence[Unit]) -> set[Words]:
    """From every unit on, the shortest run that is heavy enough."""
    found = set()
    for start in range(len(units)):
        run: list[str] = []
        total = 0
        for unit in units[start:]:
            run.append(unit.text)
            total += weight(unit)
            if total >= WINDOW:
                found.add(tuple(run))
                break
    return found


def contamination(
    items: Sequence[tuple[str, str]], texts: Sequence[str]
) -> list[tuple[float, str | None]]:
    """How far the item that is most in each text is in it, and its name."""
    cut = [(name, units_of(normalise(text))) for name, text in items]
    in_items = Counter(window for _, units in cut for window in windows(units))
    looked_for: list[tuple[str, set[Words], Words | None]] = []
    for name, units in cut:
        its = {window for window in windows(units) if in_items[window] <= MOST_ITEMS}
        short = not windows(units) and sum(map(weight, units)) >= LEAST
        looked_for.append((name, its, tuple(unit.text for unit in units) if short else None))
    answers: list[tuple[float, str | None]] = []
    for text in texts:
        units = units_of(normalise(text))
        there, words = windows(units), [unit.text for unit in units]
        best: tuple[float, str | None] = (0.0, None)
        for name, its, _ in looked_for:
            share = len(its & there) / len(its) if its else 0.0
            if share > best[0]:
                best = share, name
        if best[0] < 1:
            for name, _, whole in looked_for:
                if whole is not None and _holds(words, whole):
                    best = 1.0, name
                    break
        answers.append(best)
    return answers


def _holds(words: Sequence[str], run: Words) -> bool:
    starts = range(len(words) - len(run) + 1)
    return any(tuple(words[at : at + len(run)]) == run for at in starts)
