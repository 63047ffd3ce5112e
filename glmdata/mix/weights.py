"""How many tokens of each source and language: weights, balance, floors, caps. Arithmetic alone.

    mass      tokens, times the factor of re-hydration, times the weight
    balance   the masses of languages (or sources) bent by a temperature, or levelled by UniMax
    amount    the target in the proportions of the masses, floors first, never over a cap

Temperature is that of multilingual sampling, p ~ n^(1/T) (arXiv 1907.05019); UniMax is arXiv
2304.09151, with --max-epochs as its N; the default of four epochs is from arXiv 2305.16264.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from glmdata.config.spelling import unknown
from glmdata.errors import ConfigError
from glmdata.mix.config import MixConfig, numbers_of

GLM4_WEIGHTS = {
    **dict.fromkeys(("book", "books"), 2.0),
    **dict.fromkeys(("wiki", "wikipedia", "encyclopedia", "baike"), 2.0),
}
"""GLM-4's report says that books and encyclopedias were weighted up, not by how much. LLaMA went
over its books 2.23 times and over Wikipedia 2.45 times where web pages were read once (arXiv
2302.13971, table 1); this is the nearest whole number below both."""

CLUSTER_STEPS = ((1, 1), (2, 2), (3, 3), (5, 5), (100, 8), (1000, 1))
"""From so many documents of a cluster on, its document weighs so much: the table of FineWeb2's
re-hydration. What is copied a thousand times is spam."""

NO_LANG = "und"
"""How a document without a language is called in weights and floors."""


@dataclass(frozen=True)
class Row:
    """Documents that are weighted alike: those of a source, a language and a factor."""

    source: str
    lang: str
    factor: int
    documents: int
    """With at least a token."""
    tokens: int
    longest: int = 0
    empty: int = 0

    @property
    def key(self) -> str:
        """How a weight names it."""
        return f"{self.source}/{self.lang or NO_LANG}"


@dataclass(frozen=True)
class Wanted:
    """What a row shall give, in tokens; `weight` is the one that held for it."""

    weight: float
    tokens: int


def weigh(rows: Sequence[Row], config: MixConfig) -> list[Wanted]:
    """How many tokens of each row the mixture wants; they sum to its size.

    Raises
    ------
    ConfigError
        A weight or floor names nothing in the store, everything weighs nothing, or more is wanted
        than `max_epochs` allows.
    """
    weights = _weights(rows, config)
    units = _units(rows, config)
    masses = [
        row.tokens * row.factor * w / unit
        for row, w, unit in zip(rows, weights, units, strict=True)
    ]
    caps = [
        row.tokens * config.max_epochs if mass else 0
        for row, mass in zip(rows, masses, strict=True)
    ]
    if not any(masses):
        raise ConfigError("weight: expected a source that weighs something, found none")
    bent = config.unimax or config.temperature != 1 or config.weight_unit == "shares"
    if config.target_tokens is not None:
        target = config.target_tokens
    elif bent:
        target = sum(row.tokens for row, mass in zip(rows, masses, strict=True) if mass)
    else:
        # A weight is a number of passes then, as far as the cap allows.
        target = round(sum(min(mass, cap) for mass, cap in zip(masses, caps, strict=True)))
    reachable = sum(caps)
    if target > reachable:
        raise ConfigError(
            f"target_tokens: expected at most {reachable:,}, which is every document "
            f"{config.max_epochs} times, found {target:,}",
            hint="raise --max-epochs, or shard more documents",
        )
    masses = _balance(rows, masses, config)
    amounts = _with_floors(rows, masses, caps, target, config)
    return [Wanted(w, n) for w, n in zip(weights, _whole(amounts, caps, target), strict=True)]


def _weights(rows: Sequence[Row], config: MixConfig) -> list[float]:
    given = numbers_of(config.weight)
    known = {name for row in rows for name in (row.source, row.key)}
    for name in given:
        if name not in known:
            raise unknown(f"weight: no source `{name}` in the store", name, known)
    recipe = GLM4_WEIGHTS if config.recipe == "glm4" else {}
    chosen = [given.get(row.key, given.get(row.source)) for row in rows]
    if config.weight_unit == "shares":
        without = [row.source for row, weight in zip(rows, chosen, strict=True) if weight is None]
        if without:
            raise ConfigError(
                f"weight: expected a share for every source, found none for `{without[0]}`",
                hint=f"add --weight {without[0]}=0 to leave it out",
            )
    usual = [recipe.get(row.source.lower(), 1.0) for row in rows]
    return [usual[at] if weight is None else weight for at, weight in enumerate(chosen)]


def _units(rows: Sequence[Row], config: MixConfig) -> list[float]:
    """What a weight is counted in: one pass, or all tokens that the weight is a share for."""
    if config.weight_unit == "passes":
        return [1.0] * len(rows)
    given = numbers_of(config.weight)
    named = [row.key if row.key in given else row.source for row in rows]
    sums: dict[str, float] = defaultdict(float)
    for name, row in zip(named, rows, strict=True):
        sums[name] += row.tokens * row.factor
    return [sums[name] or 1.0 for name in named]


def _balance(rows: Sequence[Row], masses: Sequence[float], config: MixConfig) -> list[float]:
    """Masses whose sums by language or source are bent as the config says."""
    if not config.unimax and config.temperature == 1:
        return list(masses)
    names = [getattr(row, config.balance) for row in rows]
    before = _sums(names, masses)
    total = sum(before.values())
    if config.unimax:
        # The same for all: filling up to the caps is the rest of the paper's algorithm 1.
        after = dict.fromkeys(before, 1.0)
    else:
        after = {name: (mass / total) ** (1 / config.temperature) for name, mass in before.items()}
    return [
        mass * after[name] / before[name] if mass else 0.0
        for name, mass in zip(names, masses, strict=True)
    ]


def _with_floors(
    rows: Sequence[Row],
    masses: Sequence[float],
    caps: Sequence[float],
    target: float,
    config: MixConfig,
) -> list[float]:
    """Amounts in proportion to masses; a language below its floor gets that, the others share."""
    langs = [row.lang or NO_LANG for row in rows]
    floors = numbers_of(config.floor)
    for name in floors:
        if name not in langs:
            raise unknown(f"floor: no language `{name}` in the store", name, set(langs))
    limit = _sums(langs, caps)
    raised: dict[str, float] = {}
    while True:
        free = [0.0 if lang in raised else mass for lang, mass in zip(langs, masses, strict=True)]
        amounts = _fill(free, caps, target - sum(raised.values()))
        for name, amount in raised.items():
            own = [mass if lang == name else 0.0 for lang, mass in zip(langs, masses, strict=True)]
            amounts = [a + b for a, b in zip(amounts, _fill(own, caps, amount), strict=True)]
        found = _sums(langs, amounts)
        # A small language cannot get more than its cap, whatever its floor is.
        least = {name: min(share * target, limit[name]) for name, share in floors.items()}
        low = [name for name in least if name not in raised and found[name] < least[name]]
        if not low:
            # What caps keep the others from taking goes to whom it can.
            left = [cap - amount for cap, amount in zip(caps, amounts, strict=True)]
            more = _fill(masses, left, max(0.0, target - sum(amounts)))
            return [a + b for a, b in zip(amounts, more, strict=True)]
        raised |= {name: least[name] for name in low}


def _fill(masses: Sequence[float], caps: Sequence[float], target: float) -> list[float]:
    """Shares of `target` in proportion to masses; what a cap cuts off goes to the others."""
    amounts = [0.0] * len(masses)
    open_rows = [at for at, mass in enumerate(masses) if mass > 0]
    left = target
    while open_rows:
        rate = left / sum(masses[at] for at in open_rows)
        full = [at for at in open_rows if masses[at] * rate >= caps[at]]
        for at in full or open_rows:
            amounts[at] = float(caps[at]) if full else masses[at] * rate
        left -= sum(amounts[at] for at in full)
        open_rows = [at for at in open_rows if at not in set(full)] if full else []
    return amounts


def _whole(amounts: Sequence[float], caps: Sequence[float], target: int) -> list[int]:
    """Whole numbers that sum to the target (Hamilton's method): large fractions are rounded up."""
    whole = [min(int(amount), int(cap)) for amount, cap in zip(amounts, caps, strict=True)]
    order = sorted(range(len(whole)), key=lambda at: (whole[at] - amounts[at], at))
    room = [at for at in order if amounts[at] > 0 and whole[at] < caps[at]]
    for at in room[: target - sum(whole)]:
        whole[at] += 1
    return whole


def _sums(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for name, value in zip(names, values, strict=True):
        sums[name] += value
    return sums
