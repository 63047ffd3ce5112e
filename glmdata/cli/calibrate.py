"""`glmdata calibrate`: thresholds fitted to the user's own corpus, as rules to start from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from glmdata.cli.output import say, say_json
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.filter import FittedRule, Point, Threshold, calibrate, calibrate_labelled


@click.command("calibrate")
@click.argument("given", metavar="[RATE]", nargs=-1)
@click.option("--stage", metavar="DIR", help="filter stage; unset: filter in the workspace")
@click.option(
    "--labelled",
    metavar="KEPT REMOVED",
    help="in the place of RATE: documents that a reader kept, and documents that he removed; or "
    "labels.jsonl of `glmdata browse` alone",
)
@click.option("--precision", metavar="P", help="with --labelled: of removed ones [default: 0.95]")
@click.option("--preset", metavar="NAME", help="with --labelled: whose rules [default: glm4]")
@click.option("--curve", metavar="FILE", help="with --labelled: draw recall and precision, as .svg")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(
    given: tuple[str, ...],
    stage: str | None,
    labelled: str | None,
    precision: str | None,
    preset: str | None,
    curve: str | None,
    as_json: bool,
) -> None:
    """Print fitted thresholds, rule by rule, as a file of rules for `glmdata filter --rules`.

    With RATE, a share such as 0.01: the thresholds that would remove that share of the documents of
    a filter stage. With --labelled: those of the best recall at a precision, chosen on half of the
    labelled documents; the figures beside each are of the other half.
    """
    if labelled:
        if stage is not None:
            raise ConfigError("--stage: expected without --labelled")
        if len(given) > 1:
            raise ConfigError(
                f"--labelled: expected one or two places, found {len(given) + 1}",
                hint="leave RATE out",
            )
        wanted = _share("--precision", precision or "0.95")
        places = (labelled, given[0] if given else None)
        _print_labelled(places, wanted, preset or "glm4", curve, as_json)
        return
    for name, value in (("--precision", precision), ("--preset", preset), ("--curve", curve)):
        if value is not None:
            raise ConfigError(f"{name}: expected with --labelled")
    if len(given) != 1:
        raise ConfigError("expected RATE, a share such as 0.01, or --labelled KEPT REMOVED")
    found = calibrate(stage or find_workspace().stage("filter"), _share("RATE", given[0]))
    if as_json:
        say_json([asdict(threshold) for threshold in found])
        return
    for threshold in found:
        say(_rule(threshold))


def _share(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{name}: expected a share such as 0.01, found {text!r}") from None


def _rule(fitted: Threshold) -> str:
    told = (
        f"# {fitted.documents:,} documents; at {fitted.now:g} it removes {fitted.removes_now:.2%}"
    )
    if fitted.fitted is None or fitted.removes_fitted is None:
        return f"{told}\n# {fitted.rule}: no threshold of {fitted.signal} removes so few\n"
    told += f", at {fitted.fitted:.6g} {fitted.removes_fitted:.2%}\n"
    return told + _table(fitted.rule, fitted.signal, fitted.sign, fitted.fitted, fitted.where)


def _table(name: str, signal: str, sign: str, threshold: float, where: str | None) -> str:
    condition = f"{signal} {sign} {_exactly(threshold)}" + (f" and {where}" if where else "")
    drop_when = json.dumps(condition)
    return f"[[rule]]\nname = {json.dumps(name)}\ndrop_when = {drop_when}\n"


def _exactly(threshold: float) -> str:
    """A number that reads back as it is: what stands on a rounded threshold would go or stay."""
    short = f"{threshold:.6g}"
    return short if float(short) == threshold else repr(threshold)


def _print_labelled(
    places: tuple[str, str | None], precision: float, preset: str, curve: str | None, as_json: bool
) -> None:
    if curve is not None and Path(curve).suffix != ".svg":
        raise ConfigError(f"--curve: expected a file that ends in .svg, found {curve!r}")
    fitted = calibrate_labelled(*places, precision=precision, preset=preset)
    if fitted.quarantined:
        say(f"warning: {fitted.quarantined:,} labelled documents could not be read", err=True)
    if curve is not None:
        from glmdata.filter.curve import draw  # few calls draw

        draw(fitted.rules, precision, Path(curve))
    if as_json:
        say_json({"precision": precision, "preset": preset, **asdict(fitted)})
        return
    if not fitted.rules:
        say(f"# no rule of {preset} is put to any of these documents")
    for rule in fitted.rules:
        say(_labelled_rule(rule, precision))


def _labelled_rule(rule: FittedRule, precision: float) -> str:
    told = f"# {rule.removed:,} documents labelled as removed, {rule.kept:,} as kept"
    told += "; half to fit, half to tell\n" + _told("now", rule.sign, rule.now)
    if rule.fitted is None:
        return f"{told}# {rule.rule}: no threshold of {rule.signal} reaches {precision:g}\n"
    told += _told("fitted", rule.sign, rule.fitted)
    return told + _table(rule.rule, rule.signal, rule.sign, rule.fitted.threshold, rule.where)


def _told(name: str, sign: str, point: Point | None) -> str:
    if point is None:
        return ""
    precise = "removes nothing" if point.precision is None else f"precision {point.precision:.1%}"
    return f"# {name} {sign} {point.threshold:.6g}: recall {point.recall:.1%}, {precise}\n"
