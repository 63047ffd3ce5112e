"""A picture of fitted rules: recall and precision of every threshold, a panel for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.filter.labelled import FittedRule, Point
from glmdata.stage.atomic import storage_errors

_COLUMNS = 3


def draw(rules: Sequence[FittedRule], precision: float, path: Path) -> None:
    """Write the curves of all rules that can remove something, as SVG.

    Raises
    ------
    ConfigError
        matplotlib is not installed, or no rule has a curve.
    StorageError
        The file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        hint = 'pip install "glmdata[plot]"'
        raise ConfigError("--curve: matplotlib is not installed", hint=hint) from None
    shown = [rule for rule in rules if any(point.recall > 0 for point in rule.curve)]
    if not shown:
        raise ConfigError("--curve: no rule is put to a document that is labelled as removed")
    lines = -(-len(shown) // _COLUMNS)
    # A figure of its own and not pyplot's, which keeps every figure it was ever asked for.
    figure = Figure(figsize=(4 * _COLUMNS, 3 * lines), layout="constrained")
    for number, rule in enumerate(shown, 1):
        panel = figure.add_subplot(lines, _COLUMNS, number)
        panel.plot(*_places(rule.curve), ".-", color="0.3", markersize=3)
        panel.axhline(precision, color="0.7", linestyle="--")
        for point, name, look in ((rule.now, "now", "sC0"), (rule.fitted, "fitted", "oC1")):
            if point is not None and point.precision is not None:
                label = f"{name} {rule.sign} {point.threshold:.4g}"
                panel.plot([point.recall], [point.precision], look, label=label)
        panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="recall", ylabel="precision")
        panel.set_title(f"{rule.rule}\n{rule.signal}", fontsize=9)
        if panel.get_legend_handles_labels()[0]:
            panel.legend(fontsize=8)
    with storage_errors("write", path):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _places(curve: Sequence[Point]) -> tuple[list[float], list[float]]:
    return [point.recall for point in curve], [point.precision or 0.0 for point in curve]
