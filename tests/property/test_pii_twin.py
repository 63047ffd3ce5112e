"""Personal data: the cases written before the rule, and the slow twin on anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.reference import pii as twin

DATA = Path(__file__).parents[1] / "data"
CASES = [json.loads(line) for line in (DATA / "personal.jsonl").read_text().splitlines()]
KINDS = [json.loads(line) for line in (DATA / "personal_kinds.jsonl").read_text().splitlines()]
"""Half of these, every other one of a kind, were not looked at while the rules were made."""
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


def expected_of(case: dict[str, object]) -> Found:
    return [tuple(pair) for pair in case["found"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case["text"][:30])
def test_the_twin_says_the_same_of_every_kind(case: dict[str, object]) -> None:
    assert compiled(str(case["text"])) == slow(str(case["text"]))


@pytest.mark.parametrize("half", ["tune", "held"])
def test_recall_and_false_alarms(half: str) -> None:
    of_half = [case for case in KINDS if case["half"] == half]
    wanted = [case for case in of_half if case["found"]]
    left = [case for case in of_half if not case["found"]]
    assert min(len(wanted), len(left)) >= 150
    right = sum(compiled(str(case["text"])) == expected_of(case) for case in wanted)
    false = sum(bool(compiled(str(case["text"]))) for case in left)
    assert right / len(wanted) >= 0.97
    assert false / len(left) <= 0.011


def test_no_kind_is_left_behind() -> None:
    kinds = {case["kind"] for case in KINDS if case["found"]}
    assert len(kinds) == 10
    for kind in kinds:
        of_kind = [case for case in KINDS if case["found"] and case["kind"] == kind]
        right = sum(compiled(str(case["text"])) == expected_of(case) for case in of_kind)
        assert right / len(of_kind) >= 0.9, kind


PIECES = [
    *(str(case["text"]) for case in [*CASES, *KINDS]),
    *("010", "0571", "(", ")", "（", "）", "+", "00", "+44 20 7946 0958", "SSN", "123-45-6789"),
    *(
        "护照",
        "passport",
        "E12345678",
        "京",
        "A",
        "·",
        "12345",
        "D",
        "警",
        "１",
        "２３",
        "＠",
        "．",
    ),
    *("浙江省", "杭州市", "西湖区", "文三路", "号", "3栋", "502", "地址：", "弄", "Oak", "Street"),
    *(" ", "12 ", "Lane", ", ", "London", "IL 62704", "[at]", " dot com", " at ", "#qq.com"),
    *(
        "à",
        "ü",
        "e\u0301",
        "\u0308",
        "37",
        "3712 345678 90126",
        "[dot]",
        "身份证",
        "110101900307231",
        "2a02:6b8::1",
    ),
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
