"""What in a text is most probably offensive, by the model that comes with glmdata."""

from __future__ import annotations

from dataclasses import dataclass

from glmdata import _native
from glmdata.filter.demand import demands_of
from glmdata.filter.fate import Fate


@dataclass(frozen=True)
class Passage:
    """A window of prose: some lines, or a part of a long one."""

    probability: float
    """That it is offensive."""
    text: str
    place: tuple[int, int]
    """Its bytes."""


def worst_passage(text: str) -> Passage | None:
    """What in a text is most probably offensive; None where nothing gives cause to ask.

    Parameters
    ----------
    text
        Any text, as it was crawled.

    Examples
    --------
    >>> worst_passage("The harbour is calm today.") is None
    True
    """
    values, place = _native.offence(text)
    if place is None:
        return None
    probability = dict(values)["offence_max"]
    return Passage(probability, text.encode()[slice(*place)].decode(), place)


def passage_of(fate: Fate | None, text: str | None) -> Passage | None:
    """The worst passage of a text that a rule over offensive passages removed; else None."""
    if fate is None or text is None or fate.condition is None:
        return None
    asks = any(demand.option == "offence" for demand in demands_of(fate.condition))
    return worst_passage(text) if asks else None
