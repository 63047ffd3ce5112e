"""Signals of segmented words are the slow twin's; the words are the text without white space."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.filter.demand import DEMANDS
from glmdata.reference import segmented as twin
from tests.property.texts import ANY_TEXT

PHRASES = (
    "渔民在河口修补渔网 老师清点种子 # ... … 的 是 了 的年 \n 2024年 model GPT-4 ， 。 （见下）"
)
PAGES = st.lists(st.sampled_from([*PHRASES.split(" "), "\u3000", " "]), max_size=60).map("".join)
TABLE = settings(derandomize=True, deadline=None, max_examples=300)


def check(text: str) -> None:
    words, values = _native.segmented(text)
    assert "".join(words) == "".join(text.split())
    assert dict(values) == twin.segmented(text, words)


@TABLE
@given(PAGES)
def test_pages(text: str) -> None:
    check(text)


@TABLE
@given(ANY_TEXT)
def test_any_text(text: str) -> None:
    check(text)


def test_names() -> None:
    (words,) = (demand for demand in DEMANDS if demand.option == "jieba")
    assert words.names() == tuple(twin.segmented("", []))


def repetitive() -> str:
    rng = random.Random(7)
    sentences = ["渔民在河口修补渔网。", "老师在山谷里清点种子，", "他们为明天约好了", "年 # 月…\n"]
    return "".join(rng.choices(sentences, k=300))


def test_long_repetitive_documents() -> None:
    check(repetitive())


@pytest.mark.parametrize(("name", "value"), [("STOP_WORDS", frozenset("的在")), ("PLAIN", {"han"})])
def test_a_planted_mutation_is_seen(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, name, value)
    with pytest.raises(AssertionError):
        check("2024 在 也" + repetitive())
