"""What the model of offensive passages says is what its slow twin says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.filter.demand import DEMANDS
from glmdata.reference import offence_model as twin
from tests.property.texts import ANY_TEXT

DATA = Path(__file__).parents[1] / "data/offensive_passages.jsonl"
PASSAGES = [json.loads(line)["text"] for line in DATA.read_text(encoding="utf-8").splitlines()]
LINES = [
    "渔民在河口修补渔网，" * 24,
    "a" * 490,
    "é" * 250,
    "    x = y;",
    "```",
    "| a | b |",
    "你，idiot 滚",
    "",
]
COMMENTS = st.lists(st.sampled_from([*PASSAGES, *PASSAGES, *LINES]), min_size=1, max_size=14).map(
    "\n".join
)
TABLE = settings(derandomize=True, deadline=None, max_examples=300)


def check(text: str) -> None:
    values, place = _native.offence(text)
    expected, worst = twin.offence(text)
    assert dict(values) == expected
    if worst is not None:
        worst = (len(text[: worst[0]].encode()), len(text[: worst[1]].encode()))
    assert place == worst


@TABLE
@given(ANY_TEXT)
def test_any_text(text: str) -> None:
    check(text)


@TABLE
@given(COMMENTS)
def test_comments(text: str) -> None:
    check(text)


def test_names() -> None:
    (passages,) = (demand for demand in DEMANDS if demand.option == "offence")
    assert passages.names() == tuple(twin.offence("")[0])


def test_the_passages_have_every_signal() -> None:
    assert all(value > 0 for value in twin.offence("\n".join(PASSAGES[:24]))[0].values())


@pytest.mark.parametrize(
    ("name", "value"), [("FULL", 24), ("LONGEST", 60), ("TURN", 3), ("SHIFT", 3), ("HAN", "a")]
)
def test_a_planted_mutation_is_seen(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    check("\n".join(PASSAGES))
    monkeypatch.setattr(twin, name, value)
    with pytest.raises(AssertionError):
        check("\n".join(PASSAGES))
