"""Classifiers for any label: taught from labelled texts, asked about every document that is scored.

A classifier is a folder of two files: model.bin, in fastText's format, and classifier.json, which
says what it was taught, what it reaches on texts it has not seen, and the model's sha256. The
filter is given `classifier = ["toxic=models/toxic"]` and has a column `p_toxic` to make rules of.

At a prevalence of 1 % in a crawl F1 says little: precision depends on how rare the label is. So
thresholds are also fixed by the share of other texts that would be lost, and every figure is of
texts by which nothing was fixed.
"""

from __future__ import annotations

import json
import math
import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata import _native
from glmdata.config import documents
from glmdata.config.fields import option
from glmdata.config.given import validated
from glmdata.config.model import Config
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.atomic import write_json
from glmdata.stage.hashing import file_sha256
from glmdata.stage.inputs import Source
from glmdata.stage.listing import refuse_occupied
from glmdata.stage.lock import writing
from glmdata.stage.manifest import read_object
from glmdata.stage.upstream import open_source

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.filter.options import ClassifierOptions

MODEL_FILE = "model.bin"
CARD_FILE = "classifier.json"
FALSE_POSITIVE_RATES = (0.01, 0.001)

PAIR = r"(?P<name>[a-z][a-z0-9_]*)=(?P<folder>.+?)(?:@(?P<sha256>[0-9a-f]{8,64}))?"
"""A classifier as it is given to the filter."""

Answers = Sequence[tuple[float, bool]]
"""Probability and truth of texts."""


@dataclass(frozen=True, init=False)
class ClassifierConfig(Config):
    """What is learned, from what, and how."""

    text_field: str = documents.column("text", "the text")
    label_field: str = option(
        "label",
        help="column with the label",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    positive: str = option(
        "1",
        help="the label that is looked for; every other one is not",
        expected="a label",
        group="learning",
        metavar="LABEL",
        min_length=1,
    )
    split_field: str | None = option(
        None,
        help="column that says train of texts to learn from; unset: eight in ten, by hash",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    epochs: int = option(
        5,
        help="passes over the texts",
        expected="a whole number from 1 to 1000",
        group="learning",
        metavar="N",
        ge=1,
        le=1000,
    )
    rate: float = option(
        0.2,
        help="learning rate at the beginning",
        expected="a number above 0, at most 2",
        group="learning",
        metavar="RATE",
        gt=0,
        le=2,
    )
    dimension: int = option(
        32,
        help="length of the vectors",
        expected="a whole number from 1 to 1024",
        group="learning",
        metavar="N",
        ge=1,
        le=1024,
    )
    least: int = option(
        2,
        help="terms in fewer texts are left out",
        expected="a whole number from 1",
        group="learning",
        metavar="N",
        ge=1,
    )
    seed: int = option(
        2406,
        help="of the vectors that learning begins with",
        expected="a whole number from 0",
        group="learning",
        metavar="N",
        ge=0,
        le=2**31 - 1,
    )


@dataclass(frozen=True)
class Trained:
    """A classifier that has been written."""

    folder: Path
    card: Mapping[str, Any]
    """The content of classifier.json."""


def train_classifier(
    input: object,
    output: str | os.PathLike[str],
    *,
    progress: _native.Progress | None = None,
    **options: Unpack[ClassifierOptions],
) -> Trained:
    """Teach a fastText classifier and say what it reaches.

    Texts are Han runs of one to three characters, words and pairs of words, so Chinese needs no
    segmentation. A fifth is held back: thresholds are fixed on one part of the texts and
    reported on another, and texts that repeat one that is learned from are in neither. One thread,
    so that equal texts give an equal model.

    Parameters
    ----------
    input
        Files of records with a text and a label.
    output
        A new or empty folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `ClassifierConfig`.

    Raises
    ------
    ConfigError
        A wrong option, or the folder is not empty.
    InputError
        No text of one of the labels.
    StorageError
        As its name says.
    """
    config = validated(ClassifierConfig, options)
    folder = Path(output)
    refuse_occupied(folder, (MODEL_FILE, CARD_FILE))
    with writing(folder):
        card = _taught(open_source(input)[0], folder, config, progress or _native.Progress())
        write_json(folder / CARD_FILE, card)
    return Trained(folder, card)


def _taught(
    source: Source, folder: Path, config: ClassifierConfig, progress: _native.Progress
) -> dict[str, Any]:
    """Write the model; what its card says."""
    model = folder / MODEL_FILE
    facts = json.loads(
        _native.learn_classifier(list(source.paths), str(model), config, progress=progress)
    )
    tune, test = facts["tune"], facts["test"]
    return {
        "format_version": 1,
        "sha256": file_sha256(model),
        "options": config.values(),
        "texts": facts["counts"],
        "unlabelled": facts["unlabelled"],
        "quarantined": facts["quarantined"],
        "repeats_left_out": facts["repeats"],
        "auc": auc(test),
        "at": [
            {"fixed": fixed, "threshold": threshold, **figures(test, threshold)}
            for fixed, threshold in thresholds(tune)
        ],
        "glmdata": _native.__version__,
    }


def thresholds(answers: Answers) -> list[tuple[str, float]]:
    """Thresholds by what fixes them: the best F1, then rates of false positives.

    A text counts from `p >= threshold` on. A rate is kept to by the smallest threshold that no
    larger share of the other texts reaches.
    """
    positives = sum(positive for _, positive in answers)
    negatives = len(answers) - positives
    descending = sorted(answers, key=lambda answer: -answer[0])
    best, best_f1 = 0.5, -1.0
    # Above all probabilities, until the first threshold keeps to a rate.
    kept = dict.fromkeys(FALSE_POSITIVE_RATES, math.nextafter(1.0, 2.0))
    true = false = 0
    for threshold, ties in groupby(descending, key=lambda answer: answer[0]):
        for _, positive in ties:
            true += positive
            false += not positive
        f1 = 2 * true / (true + false + positives)
        if f1 > best_f1:
            best, best_f1 = threshold, f1
        kept.update({rate: threshold for rate in kept if false <= rate * negatives})
    return [("best F1", best), *((f"false positives {r:.1%}", t) for r, t in kept.items())]


def figures(answers: Answers, threshold: float) -> dict[str, float]:
    """Precision, recall, F1, macro F1 and the rate of false positives of `p >= threshold`."""
    true = sum(positive and p >= threshold for p, positive in answers)
    false = sum(not positive and p >= threshold for p, positive in answers)
    missed = sum(positive and p < threshold for p, positive in answers)
    rest = len(answers) - true - false - missed
    f1 = _ratio(2 * true, 2 * true + false + missed)
    f1_of_rest = _ratio(2 * rest, 2 * rest + false + missed)
    return {
        "precision": _ratio(true, true + false),
        "recall": _ratio(true, true + missed),
        "f1": f1,
        "macro_f1": (f1 + f1_of_rest) / 2,
        "false_positive_rate": _ratio(false, false + rest),
    }


def auc(answers: Answers) -> float:
    """The chance that a text of the label has a higher probability than another one."""
    negatives = sorted(p for p, positive in answers if not positive)
    positives = [p for p, positive in answers if positive]
    # A tie counts half.
    below = sum(bisect_left(negatives, p) + bisect_right(negatives, p) for p in positives)
    return _ratio(below / 2, len(positives) * len(negatives))


@dataclass(frozen=True)
class Classifier:
    """A model that a run asks."""

    path: Path
    sha256: str


def models_of(pairs: Sequence[str]) -> dict[str, Classifier]:
    """The classifiers of a config, by the name of their columns.

    Raises
    ------
    ConfigError
        Two have one name, or a sha256 is not the one that the config asks for.
    CorruptDataError, MissingFileError
        A folder holds no classifier, or one that was changed.
    """
    found: dict[str, Classifier] = {}
    for pair in pairs:
        name, folder, wanted = split_pair(pair)
        model = folder / MODEL_FILE
        digest = file_sha256(model)
        stated = read_object(folder / CARD_FILE)["sha256"]
        if stated != digest:
            raise CorruptDataError(f"{model}: changed since it was taught: sha256 {digest}")
        if wanted and not digest.startswith(wanted):
            raise ConfigError(
                f"classifier {name}: expected sha256 {wanted}, found {digest} in {model}"
            )
        if f"p_{name}" in found:
            raise ConfigError(f"classifier: two are named {name}")
        found[f"p_{name}"] = Classifier(model, digest)
    return found


def split_pair(pair: str) -> tuple[str, Path, str | None]:
    """Name, folder and sha256 of `name=folder` or `name=folder@sha256`.

    Raises
    ------
    ValueError
        It is neither.
    """
    match = re.fullmatch(PAIR, pair)
    if match is None:
        raise ValueError(pair)
    return match["name"], Path(match["folder"]), match["sha256"]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
