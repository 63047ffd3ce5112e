"""Logistic regression over which terms texts have, with numpy alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True)
class Table:
    """Which terms each text has: numbers row by row, and where rows begin."""

    terms: Array
    starts: Array
    buckets: int

    @classmethod
    def of(cls, texts: Sequence[Array], buckets: int) -> Table:
        """Of a list of term numbers for each text."""
        terms = [np.unique(text).astype(np.int64) for text in texts]
        starts = np.cumsum([0, *map(len, terms)])
        return cls(np.concatenate(terms), starts, buckets)

    def rows(self, chosen: Array) -> Table:
        """Some of the texts."""
        lengths = np.diff(self.starts)[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.starts[:-1][chosen] - starts[:-1], lengths) + np.arange(starts[-1])
        return Table(self.terms[places], starts, self.buckets)

    def sums(self, weights: Array) -> Array:
        """Of each text the sum of the weights of its terms."""
        texts = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return np.bincount(texts, weights[self.terms], len(self.starts) - 1)

    def by_term(self, values: Array) -> Array:
        """Of each term the values of the texts that have it."""
        return np.bincount(self.terms, np.repeat(values, np.diff(self.starts)), self.buckets)


def ratios(table: Table, label: Array, weight: Array, smoothing: float) -> Array:
    """How many more texts of the label than others have a term: the logarithm of the ratio.

    Not divided by how many texts there are of either kind: a term of one text would speak for the
    rarer label wherever it was seen.
    """
    inside, outside = (table.by_term(weight * (label == wanted)) for wanted in (1, 0))
    return np.log((inside + smoothing) / (outside + smoothing))


def regression(
    table: Table, scales: Array, label: Array, weight: Array, strength: float, steps: int
) -> tuple[Array, float]:
    """Weights of terms, each term counted `scales` times, and the constant beside their sum."""
    used, places = np.unique(table.terms, return_inverse=True)
    small, scale = Table(places, table.starts, len(used)), scales[used]
    sign = 2.0 * label - 1

    def cost(point: Array) -> tuple[float, Array]:
        margin = (small.sums(point[:-1] * scale) + point[-1]) * sign
        pull = -sign * weight / (1 + np.exp(np.clip(margin, -500, 500)))
        loss = float((weight * np.logaddexp(0, -margin)).sum())
        gradient = np.append(small.by_term(pull) * scale + point[:-1] / strength, pull.sum())
        return loss + float(point[:-1] @ point[:-1]) / 2 / strength, gradient

    point = minimum(cost, np.zeros(len(used) + 1), steps)
    found = np.zeros(table.buckets)
    found[used] = point[:-1]
    return found, float(point[-1])


def minimum(
    cost: Callable[[Array], tuple[float, Array]], point: Array, steps: int, memory: int = 10
) -> Array:
    """Where a convex function is least: limited-memory BFGS (Liu and Nocedal, 1989)."""
    value, gradient = cost(point)
    first = float(np.abs(gradient).max())
    past: deque[tuple[Array, Array]] = deque(maxlen=memory)
    for _ in range(steps):
        if np.abs(gradient).max() <= 1e-4 * max(first, 1e-9):
            break
        direction, parts = -gradient, []
        for step, change in reversed(past):
            part = step @ direction / (step @ change)
            parts.append(part)
            direction = direction - part * change
        if past:
            step, change = past[-1]
            direction = direction * (step @ change / (change @ change))
        else:
            direction = direction / max(np.sqrt(gradient @ gradient), 1.0)
        for (step, change), part in zip(past, reversed(parts), strict=True):
            direction = direction + step * (part - change @ direction / (step @ change))
        slope, length = float(gradient @ direction), 1.0
        while True:
            trial, new_gradient = cost(point + length * direction)
            if trial <= value + 1e-4 * length * slope or length < 1e-8:
                break
            length /= 2
        step, change = length * direction, new_gradient - gradient
        point, value, gradient = point + step, trial, new_gradient
        if step @ change > 1e-12:
            past.append((step, change))
    return point
