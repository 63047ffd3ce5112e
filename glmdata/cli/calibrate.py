"""`glmdata calibrate`: thresholds fitted to the user's own corpus, as rules to start from."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from glmdata.cli.output import say, say_json
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.filter import Threshold, calibrate


@click.command("calibrate")
@click.argument("rate", metavar="RATE")
@click.option("--stage", metavar="DIR", help="filter stage; unset: filter in the workspace")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(rate: str, stage: str | None, as_json: bool) -> None:
    """Print the thresholds that would remove RATE of the documents, rule by rule.

    RATE is a share such as 0.01. What is printed is a file of rules for `glmdata filter --rules`,
    with the threshold of the preset and what it removes now beside each.
    """
    try:
        wanted = float(rate)
    except ValueError:
        raise ConfigError(f"RATE: expected a share such as 0.01, found {rate!r}") from None
    found = calibrate(stage or find_workspace().stage("filter"), wanted)
    if as_json:
        say_json([asdict(threshold) for threshold in found])
        return
    for threshold in found:
        say(_rule(threshold))


def _rule(fitted: Threshold) -> str:
    condition = f"{fitted.signal} {fitted.sign} {fitted.fitted:.6g}"
    if fitted.where:
        condition += f" and {fitted.where}"
    return (
        f"# {fitted.documents:,} documents; at {fitted.now:g} it removes "
        f"{fitted.removes_now:.2%}, at {fitted.fitted:.6g} {fitted.removes_fitted:.2%}\n"
        f"[[rule]]\n"
        f"name = {json.dumps(fitted.rule)}\n"
        f"drop_when = {json.dumps(condition)}\n"
    )
