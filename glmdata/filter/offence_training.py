"""Teach the model of offensive passages: `python -m glmdata.filter.offence_training --help`.

A linear model over hashed terms: the weight of a term is its log-count ratio (what a naive Bayes
classifier would give it) times what logistic regression makes of that (Wang and Manning, 2012).
Every text is scored once by a model that has seen neither its topic nor its source; from these
scores come the probabilities, the thresholds and all figures of the card. The model that is written
has then learned from everything.

No text is written: `offence.weights` has a number of eight bits for each hash, `offence.json` says
what it was taught and what it reaches.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glmdata import _native
from glmdata.filter.offence_data import Sample, clean_samples, labelled_samples
from glmdata.filter.offence_regression import Table, ratios, regression

BITS = 21
MAGIC = b"glmoff1\n"
FOLDS = 3
RATES = (0.01, 0.001, 0.0001)
CLEAN_WEIGHT = 0.02
"""Of a clean window beside 1 of a labelled text. With more of it, whatever a comment has and a page
has not speaks for offence."""
CUED = 0.995
"""Share of windows above the threshold that must have a cue."""
Array = Any


@dataclass(frozen=True)
class Taught:
    """Weights by bucket, and the constant beside their sum."""

    weights: Array
    constant: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, teach, write."""
    parser = argparse.ArgumentParser(prog="offence_training", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--labelled",
        action="append",
        required=True,
        metavar="LANG=FILE",
        help="records with text, label (1: offensive) and fine (a topic); .jsonl or .jsonl.zst",
    )
    parser.add_argument(
        "--clean",
        action="append",
        required=True,
        metavar="FILE",
        help="records with text and id (source@...), none of them offensive",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="SOURCE",
        help="a clean source that is left out, by the beginning of its name; may repeat",
    )
    parser.add_argument("--windows", type=int, default=1000, help="of each clean source, at most")
    parser.add_argument("--strength", type=float, default=0.1, help="inverse of the penalty")
    parser.add_argument("--smoothing", type=float, default=1.0, help="added to counts of terms")
    parser.add_argument("--steps", type=int, default=50, help="of the regression, at most")
    parser.add_argument("--output", required=True, metavar="DIR", help="an existing folder")
    options = parser.parse_args(arguments)
    samples = [
        sample
        for pair in options.labelled
        for sample in labelled_samples(Path(pair.partition("=")[2]), pair.partition("=")[0], FOLDS)
    ]
    for name in options.clean:
        samples += clean_samples(Path(name), options.without, options.windows, FOLDS)
    weights, card = taught(samples, options.strength, options.smoothing, options.steps)
    folder = Path(options.output)
    (folder / "offence.weights").write_bytes(weights)
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / "offence.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def taught(
    samples: Sequence[Sample], strength: float, smoothing: float, steps: int
) -> tuple[bytes, dict[str, Any]]:
    """The file of weights, and what its card says."""
    table = Table.of([sample.terms & (2**31 - 1) for sample in samples], 1 << BITS)
    label = np.array([sample.label for sample in samples])
    fold = np.array([sample.fold for sample in samples])
    labelled = np.array([float(sample.topic != "") for sample in samples])
    weight = np.maximum(labelled, CLEAN_WEIGHT)

    def teach(chosen: Array) -> Taught:
        part = table.rows(chosen)
        by_ratio = ratios(part, label[chosen], labelled[chosen], smoothing)
        found, constant = regression(part, by_ratio, label[chosen], weight[chosen], strength, steps)
        return Taught(found * by_ratio, constant)

    unseen = np.zeros(len(samples))
    for number in range(FOLDS):
        model = teach(np.flatnonzero(fold != number))
        held_out = np.flatnonzero(fold == number)
        unseen[held_out] = table.rows(held_out).sums(model.weights) + model.constant
    final = teach(np.arange(len(samples)))
    slope, offset = platt(unseen, label, weight)
    unit = float(np.quantile(np.abs(final.weights[final.weights != 0]), 0.999)) / 127
    whole = np.clip(np.round(final.weights / unit), -127, 127).astype(np.int8)
    card = figures(samples, unseen, slope, offset)
    limit = max(limits["0.01"] for limits in card["thresholds"].values())
    logit = float(np.log(limit / (1 - limit)))
    scale, bias = slope * unit, slope * final.constant + offset
    threshold = int(np.ceil((logit - bias) / scale))
    chosen, passed = cues(samples, whole, threshold)
    head = struct.pack("<8sffi", MAGIC, scale, bias, threshold)
    data = head + whole.tobytes() + np.packbits(chosen, bitorder="little").tobytes()
    card |= {
        "format_version": 1,
        "sha256": hashlib.sha256(data).hexdigest(),
        "options": {"strength": strength, "smoothing": smoothing, "steps": steps},
        "threshold": limit,
        "cues": int(chosen.sum()),
        "windows_with_a_cue": passed,
        "glmdata": _native.__version__,
    }
    return data, card


def platt(scores: Array, label: Array, weight: Array) -> tuple[float, float]:
    """Slope and offset that make log odds of scores (Platt, 1999), by Newton's method."""
    # Labels a little short of certain, as Platt has it, so that no probability is 1.
    positives, negatives = label.sum(), (1 - label).sum()
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    columns = np.stack([scores, np.ones_like(scores)])
    found = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(found @ columns, -40, 40)))
        gradient = columns @ (weight * (p - target))
        hessian = (columns * (weight * p * (1 - p))) @ columns.T + 1e-9 * np.eye(2)
        found = found - np.linalg.solve(hessian, gradient)
    return float(found[0]), float(found[1])


def probability(scores: Array, slope: float, offset: float) -> Array:
    """What stands for the scores; below 1 always."""
    return 1 / (1 + np.exp(-np.clip(slope * scores + offset, -30, 30)))


def figures(
    samples: Sequence[Sample], unseen: Array, slope: float, offset: float
) -> dict[str, Any]:
    """Thresholds by rate of false positives, and what they find, all of texts not learned from."""
    p = probability(unseen, slope, offset)
    lang = np.array([sample.lang for sample in samples])
    label = np.array([sample.label for sample in samples])
    topic = np.array([sample.topic for sample in samples])
    source = np.array([sample.source for sample in samples])
    card: dict[str, Any] = {"thresholds": {}, "labelled": {}, "topics": {}, "clean": {}}
    for name in sorted(set(lang[topic != ""])):
        inside = (lang == name) & (topic != "")
        others, offensive = p[inside & (label == 0)], p[inside & (label == 1)]
        limits = {f"{rate:g}": quantile(others, rate) for rate in RATES}
        card["thresholds"][name] = limits
        card["labelled"][name] = {
            "texts": int(inside.sum()),
            "auc": auc(others, offensive),
            "recall": {rate: float((offensive >= limit).mean()) for rate, limit in limits.items()},
        }
        for part in sorted(set(topic[inside])):
            here = inside & (topic == part)
            a, b = p[here & (label == 0)], p[here & (label == 1)]
            card["topics"][f"{name} {part}"] = {
                "texts": int(here.sum()),
                "auc": auc(a, b),
                "false_positive_rate_at_0.01": float((a >= limits["0.01"]).mean()) if len(a) else 0,
                "recall_at_0.01": float((b >= limits["0.01"]).mean()) if len(b) else 0.0,
                "recall_at_own_0.01": float((b >= quantile(a, 0.01)).mean()) if len(b) else 0.0,
            }
    for name in sorted(set(source[topic == ""])):
        here = p[source == name]
        card["clean"][name] = {
            "windows": len(here),
            "above": {
                f"{name} {rate}": int((here >= limit).sum())
                for name, limits in card["thresholds"].items()
                for rate, limit in limits.items()
            },
        }
    return card


def quantile(values: Array, rate: float) -> float:
    """The smallest threshold that no larger share of the values reaches."""
    descending = np.sort(values)[::-1]
    allowed = int(rate * len(descending))
    if allowed >= len(descending):
        return 0.0
    return float(np.nextafter(descending[allowed], 2.0))


def auc(others: Array, offensive: Array) -> float:
    """The chance that an offensive text has a higher probability than another one."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, offensive) + np.searchsorted(ordered, offensive, "right")
    return float(below.sum() / 2 / max(len(others) * len(offensive), 1))


def cues(
    samples: Sequence[Sample], weights: Array, threshold: int
) -> tuple[Array, dict[str, float]]:
    """Whether a bucket is a cue, and the share of windows that have one.

    Terms of offensive windows are taken in the order of how much more frequent they are there than
    in clean windows, until enough offensive windows have one.
    """
    marked = [np.unique(sample.terms[sample.terms >> 31 == 1] & (2**31 - 1)) for sample in samples]
    above = [weights[np.unique(s.terms & (2**31 - 1))].sum(dtype=int) >= threshold for s in samples]
    offensive = [m for s, m, a in zip(samples, marked, above, strict=True) if s.label and a]
    clean = [m for s, m in zip(samples, marked, strict=True) if not s.topic]
    inside, outside = (
        np.bincount(np.concatenate([*texts, np.zeros(0, int)]).astype(int), minlength=len(weights))
        for texts in (offensive, clean)
    )
    order = np.argsort(-inside / (outside + 1.0), kind="stable")
    rank = np.empty(len(weights), int)
    rank[order] = np.arange(len(weights))
    first = [int(rank[m].min()) if len(m) else len(weights) for m in offensive]
    last = int(np.quantile(first, CUED, method="higher")) if first else -1
    chosen = (rank <= last) & (inside > 0)
    return chosen, {
        name: float(np.mean([bool(chosen[m].any()) for m in texts])) if texts else 0.0
        for name, texts in (("offensive", offensive), ("clean", clean))
    }


if __name__ == "__main__":
    main()
