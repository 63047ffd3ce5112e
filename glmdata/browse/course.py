"""What another number in a rule of the filter would remove, from the stored scores alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glmdata.report.collect import Stage
from glmdata.report.pictures.measured import Atom, Measured, measure, removed_at


@dataclass(frozen=True)
class Course:
    """A rule whose number a reader moves."""

    measured: Measured
    ordered: npt.NDArray[np.float64]
    """Signals of the documents that the number decides and no earlier rule removed."""

    @property
    def atom(self) -> Atom:
        """The comparison."""
        return self.measured.atom

    def at(self, number: float) -> int:
        """Documents that the rule would remove with another number."""
        asked = np.asarray([number], np.float64)
        return int(removed_at(self.atom, self.ordered, asked)[0]) + self.measured.always


def course(stage: Stage, rule: str) -> Course | str:
    """Read the signals that a rule asks for; why it has no number to move, if it has none."""
    measured = measure(stage, [rule], values=True)[rule]
    if isinstance(measured, str):
        return measured
    return Course(measured, np.sort(np.concatenate([np.empty(0), *measured.values])))
