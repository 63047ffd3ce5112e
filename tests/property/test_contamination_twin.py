"""Benchmark items: the cases written before the rule, and the slow twin on anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.filter.presets import OVERLAP
from glmdata.reference.contamination import contamination as slow

DATA = Path(__file__).parents[1] / "data"


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


ITEMS: list[tuple[str, str, list[str]]] = [
    (row["id"], row["text"], []) for row in lines("benchmark.jsonl")
]
CASES = lines("contaminated.jsonl")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_cases(number: int) -> None:
    case = CASES[number]
    ((share, name, _),) = _native.contamination(ITEMS, [case["text"]])
    assert (name if share >= OVERLAP else None) == case["item"]
    assert slow(ITEMS, [case["text"]]) == [(pytest.approx(share), name)]


def test_half_of_the_cases_are_to_be_kept() -> None:
    assert len(CASES) >= 100
    assert sum(case["item"] is None for case in CASES) * 2 >= len(CASES)


WORDS = [
    *("河", "水", "船", "river", "boat", "the", "A", "ｘ", "，", ". ", " ", "1", "ไ", "\n"),
    *("三", "十", "seven", "twenty-one", "12kg", "3.5", "two", "gpt4"),
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.lists(st.lists(TEXTS, max_size=3), max_size=4),
    st.lists(TEXTS, max_size=3),
    st.data(),
)
def test_the_twin_finds_the_same(
    items: list[str], options: list[list[str]], texts: list[str], data: st.DataObject
) -> None:
    options += [[] for _ in items]
    named = [(str(n), text, options[n]) for n, text in enumerate(items)]
    pieces = st.sampled_from(
        [*items, *(text for some in options for text in some), *texts, "河 水"]
    )
    glued = ["".join(data.draw(st.lists(pieces, max_size=4))) for _ in range(2)]
    found = _native.contamination(named, [*texts, *glued])
    expected = slow(named, [*texts, *glued])
    assert [share for share, *_ in found] == pytest.approx([share for share, _ in expected])
    assert [name for _, name, _ in found] == [name for _, name in expected]


def test_what_many_items_share_is_no_item() -> None:
    phrase = "请阅读下面这一段文字然后从四个选项里选出正确的一个并说明理由"
    items = [
        (str(n), f"{phrase}，第{n}题问的是{'甲乙丙丁戊己庚辛壬癸子丑'[n]}城的河", [])
        for n in range(12)
    ]
    ((share, *_),) = _native.contamination(items, [phrase])
    assert share == 0.0
    ((share, name, _),) = _native.contamination(items[:5], [phrase])
    assert share > 0
    assert name == "0"
