"""`glmdata train-classifier`: flags to config, one call, what the model reaches."""

from __future__ import annotations

from typing import Any

import click

from glmdata import _native
from glmdata.cli import exit_codes
from glmdata.cli.options import (
    GroupedCommand,
    config_flags,
    given_flags,
    input_flags,
)
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.summary import figure
from glmdata.config.given import validated
from glmdata.config.model import options_of
from glmdata.errors import ConfigError
from glmdata.filter import ClassifierConfig, Trained, train_classifier


@click.command(
    "train-classifier",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 2 usage, 4 storage, 70 internal.",
)
@input_flags("files of labelled texts; may repeat")
@click.option("--output", required=True, metavar="DIR", help="a new folder for the classifier")
@config_flags(ClassifierConfig)
@click.option("--json", "as_json", is_flag=True, help="print classifier.json instead of the table")
def command(inputs: tuple[str, ...], output: str, as_json: bool, **flags: Any) -> int:
    """Teach a classifier for any label, for Chinese and English.

    Thresholds are fixed on one part of the texts and reported on another. Give the folder to
    `glmdata filter --classifier NAME=DIR` and make a rule of the column p_NAME.
    """
    given = given_flags(flags, options_of(ClassifierConfig))
    config = validated(
        ClassifierConfig, given, {key: "--" + key.replace("_", "-") for key in given}
    )
    if not inputs:
        raise ConfigError("nothing to learn from: expected --input, found none")
    progress = _native.Progress()
    with watched(progress):
        done = train_classifier(list(inputs), output, progress=progress, **config.values())
    if as_json:
        say_json(done.card)
    else:
        _print(done)
    return exit_codes.DONE


def _print(done: Trained) -> None:
    card = done.card
    texts = card["texts"]
    for part in ("train", "tune", "test"):
        positive, other = texts[f"{part}_positive"], texts[f"{part}_negative"]
        say(figure(part, f"{positive:,} of the label, {other:,} others"))
    say(figure("AUC", f"{card['auc']:.4f}"))
    say(f"{'fixed by':24}{'threshold':>10}{'precision':>11}{'recall':>9}{'F1':>9}{'macro F1':>10}")
    for row in card["at"]:
        say(
            f"{row['fixed']:24}{row['threshold']:>10.4f}{row['precision']:>11.4f}"
            f"{row['recall']:>9.4f}{row['f1']:>9.4f}{row['macro_f1']:>10.4f}"
        )
    if card["unlabelled"] or card["quarantined"]:
        left = f"{card['unlabelled']:,} without a label, {card['quarantined']:,} unreadable"
        say(figure("left out", left))
    say(figure("where", str(done.folder)))
