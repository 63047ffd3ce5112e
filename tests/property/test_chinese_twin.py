"""Which Chinese a text is: the compiled rules and the readable ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glmdata import _native
from glmdata.reference import chinese

DATA = Path(__file__).parents[1] / "data/languages.jsonl"
WORDS = st.sampled_from(
    [*chinese.CANTONESE, *chinese.CLASSICAL, *chinese.MODERN, *chinese.MODERN_PAIRS, "分之", "百"]
)
CHARACTERS = st.sampled_from(sorted(frozenset().union(*chinese.SETS.values())))
OTHERS = st.sampled_from([*"のカー々〇㐀中一，。 aZ9\n한ก", "\U0001f600", "\ufa11"])
TEXTS = st.lists(st.one_of(WORDS, CHARACTERS, OTHERS), max_size=60).map("".join)


def compare(text: str) -> None:
    counts, variety, japanese = _native.han_signs(text)
    expected = chinese.read(text)
    assert (dict(counts), variety, japanese) == (
        expected.counts,
        expected.variety,
        expected.japanese,
    )


@given(TEXTS)
@example("以以及及")
@example("百分之之")
def test_texts_have_the_signs_that_the_twin_sees(text: str) -> None:
    compare(text)


def test_cases_have_them_too() -> None:
    for line in DATA.read_text(encoding="utf-8").splitlines():
        compare(json.loads(line)["text"])


@pytest.mark.parametrize("name", sorted(chinese.SETS))
def test_every_character_is_in_the_same_sets(name: str) -> None:
    # encoding_rs and the codecs of Python each have their own tables of the standards.
    for point in range(0x3400, 0xA000):
        counts = dict(_native.han_signs(chr(point))[0])
        assert counts[name] == (chr(point) in chinese.SETS[name]), chr(point)
