"""`glmdata calibrate --labelled`: thresholds from documents that a reader kept and removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata.filter import calibrate_labelled
from glmdata.filter.labelled import Point, _best, _curve, _point
from tests.e2e.conftest import Glmdata

SENTENCE = "The boats of the harbour go out to sea at dawn and come back with fish in the evening."


def page(sentences: int, number: int) -> str:
    return " ".join(f"{SENTENCE[:-1]}, says page {number} of {n}." for n in range(sentences))


@pytest.fixture
def labelled() -> tuple[str, str]:
    """Long pages were kept and short ones removed: 5 to 9 sentences, and 1 to 4."""
    for name, sizes in (("kept", range(5, 10)), ("removed", range(1, 5))):
        pages = [page(size, number) for number in range(12) for size in sizes]
        lines = [json.dumps({"text": text, "lang": "en"}) for text in pages]
        Path(f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "kept.jsonl", "removed.jsonl"


def test_a_threshold_divides_what_a_reader_divided(labelled: tuple[str, str]) -> None:
    fitted = calibrate_labelled(*labelled, precision=1)
    rule = next(rule for rule in fitted.rules if rule.rule == "english-web/few_words")
    assert (rule.kept, rule.removed, fitted.quarantined) == (60, 48, 0)
    assert rule.fitted is not None
    assert (rule.fitted.recall, rule.fitted.precision) == (1, 1)
    assert rule.now is not None
    assert rule.now.recall < 0.6
    # The shortest page that was kept has five sentences of 24 words.
    assert rule.fitted.threshold == 120


def test_rules_are_printed_as_a_file_that_the_filter_reads(
    glmdata: Glmdata, labelled: tuple[str, str]
) -> None:
    flags = ("--precision", "1", "--curve", "curve.svg")
    done = glmdata("calibrate", "--labelled", *labelled, *flags)
    assert done.code == 0, done.err
    assert "no threshold of" in done.out
    assert Path("curve.svg").read_text().startswith("<?xml")
    Path("fitted.toml").write_text(done.out)
    for name, left in (("kept", 60), ("removed", 0)):
        places = ("--input", f"{name}.jsonl", "--output", name, "--json")
        rules = ("--preset", "none", "--rules", "fitted.toml")
        told = json.loads(glmdata("filter", *places, *rules).out)
        assert told["documents"]["kept"] == left


def test_what_is_missing_is_told(glmdata: Glmdata, labelled: tuple[str, str]) -> None:
    with Path("removed.jsonl").open("a") as file:
        file.write("{broken\n")
    done = glmdata("calibrate", "--labelled", *labelled, "--json")
    assert "1 labelled documents could not be read" in done.err
    assert json.loads(done.out)["quarantined"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected RATE"),
        (
            ("0.1", "--labelled", "kept.jsonl", "removed.jsonl"),
            "expected one or two places, found 3",
        ),
        (("0.1", "--precision", "0.9"), "--precision: expected with --labelled"),
        (("--labelled", "kept.jsonl", "gone.jsonl"), "gone.jsonl: no such file"),
        (("--labelled", "kept.jsonl", "removed.jsonl", "--precision", "2"), "precision: expected"),
        (("--labelled", "kept.jsonl", "removed.jsonl", "--curve", "a.gif"), "ends in .svg"),
        (("--labelled", "kept.jsonl", "removed.jsonl", "--preset", "nosuch"), "expected glm4"),
    ],
)
def test_wrong_calls(
    glmdata: Glmdata, labelled: tuple[str, str], arguments: tuple[str, ...], message: str
) -> None:
    done = glmdata("calibrate", *arguments)
    assert (done.code, message in done.err) == (2, True), done.err


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_a_curve_says_what_each_threshold_does(sign: str) -> None:
    """Every point of a curve is what counting finds at its threshold."""
    judged = [(1.0, True), (1.0, False), (2.0, True), (3.0, True), (3.0, True), (4.0, False)]
    curve = _curve(judged, sign)
    assert len(curve) == (3 if "=" not in sign else 4)
    assert all(_point(judged, sign, point.threshold) == point for point in curve)


def test_the_best_threshold_is_precise_enough() -> None:
    curve = [Point(1, 0.2, 1.0), Point(2, 0.5, 0.95), Point(3, 0.5, 0.96), Point(4, 0.9, 0.5)]
    assert _best(curve, 0.95) == 2
    assert _best(curve, 0.99) == 1
    assert _best(curve[3:], 0.9) is None
