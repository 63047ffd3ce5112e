"""Personal data: the cases written before the rule, and the slow twin on anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.reference import pii as twin

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/personal.jsonl").read_text().splitlines()
]
Found = list[tuple[str, str]]


def compiled(text: str) -> Found:
    data = text.encode()
    return [(kind, data[start:end].decode()) for kind, start, end in _native.pii(text)]


def slow(text: str) -> Found:
    return [(kind, text[start:end]) for kind, start, end in twin.pii(text)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30] or "empty")
def test_the_cases(case: dict[str, object]) -> None:
    text = str(case["text"])
    expected = [tuple(pair) for pair in case["found"]]  # type: ignore[attr-defined]
    assert compiled(text) == expected
    assert slow(text) == expected


def test_half_of_the_cases_are_to_be_kept() -> None:
    assert len(CASES) >= 100
    assert sum(not case["found"] for case in CASES) * 2 >= len(CASES)


PIECES = [
    *(str(case["text"]) for case in CASES),
    *("138", "1234", "5678", "13812345678", "86", "+86", "6217", "0000", "1098", "7654", "321"),
    *(
        "110101199003072316",
        "QQ",
        "qq",
        "微信",
        "微信号",
        "号",
        "群",
        "：",
        ":",
        "ID",
        "vx",
        "weixin",
    ),
    *(
        "a.b",
        "@",
        "@mail.cn",
        "example.com",
        "git@",
        ".png",
        "-",
        "_",
        ".",
        " ",
        "\t",
        "x",
        "9",
        "中",
    ),
    *("58.30.15.255", "10.0.0.1", "8.8.8.8", "版本", "version ", "v", "第", "255", ".1", "abc_123"),
]


@settings(max_examples=1500)
@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join))
def test_the_twin_finds_the_same(text: str) -> None:
    assert compiled(text) == slow(text)


@settings(max_examples=500)
@given(st.text(alphabet="0123456789 -.+@abQqvx_：:微信", max_size=60))
def test_the_twin_finds_the_same_in_noise(text: str) -> None:
    assert compiled(text) == slow(text)
