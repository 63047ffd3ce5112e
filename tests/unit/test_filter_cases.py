"""Cases written for the project before the rules: what must go, move and stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glmdata import _native
from glmdata.filter.presets import preset_rules
from glmdata.filter.rules import compiled
from glmdata.reference import offence

DATA = Path(__file__).parents[1] / "data"


def cases(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def judged(found: list[dict[str, Any]], preset: str) -> list[str]:
    """Of every case: drop, the source it is moved to, or keep."""
    frame = pl.DataFrame([dict(_native.signals(case["text"])) for case in found])
    verdicts = ["keep"] * len(found)
    for rule in reversed(preset_rules(preset)):
        hits = frame.select(compiled(rule.name, rule.condition)).to_series()
        for place, hit in enumerate(hits):
            if hit and (rule.to is None or verdicts[place] != "drop"):
                verdicts[place] = rule.to or "drop"
    return verdicts


def scores(wanted: list[bool], found: list[bool]) -> tuple[float, float]:
    """Recall and precision."""
    both = sum(w and f for w, f in zip(wanted, found, strict=True))
    return both / sum(wanted), both / max(sum(found), 1)


def test_half_of_the_cases_must_be_kept() -> None:
    for name in ("placeholder.jsonl", "code_in_prose.jsonl", "offensive.jsonl"):
        found = cases(name)
        kept = sum(not case.get("drop", case.get("expect") != "keep") for case in found)
        assert len(found) >= 100
        assert 2 * kept >= len(found)
        assert len({case["text"] for case in found}) == len(found)


def test_placeholder_text_goes() -> None:
    found = cases("placeholder.jsonl")
    verdicts = judged(found, "placeholder")
    wrong = [
        case["text"]
        for case, verdict in zip(found, verdicts, strict=True)
        if case["drop"] != (verdict == "drop")
    ]
    assert wrong == []


def test_program_text_goes_or_moves() -> None:
    found = cases("code_in_prose.jsonl")
    verdicts = judged(found, "code-noise")
    expected = [case["expect"] for case in found]
    touched = scores([e != "keep" for e in expected], [v != "keep" for v in verdicts])
    dropped = scores([e == "residue" for e in expected], [v == "drop" for v in verdicts])
    assert touched[0] >= 0.97
    assert touched[1] == 1, "prose was taken for program text"
    assert dropped[0] >= 0.95
    assert dropped[1] == 1, "a page that explains was dropped"


def test_offensive_text_goes_and_what_speaks_of_it_stays() -> None:
    found = cases("offensive.jsonl")
    verdicts = judged(found, "offensive")
    wrong = [
        case["text"]
        for case, verdict in zip(found, verdicts, strict=True)
        if case["drop"] != (verdict == "drop")
    ]
    assert wrong == []


def test_every_allowed_expression_holds_a_term() -> None:
    """And begins with it or before it, or the automaton would not see it."""
    terms = offence.terms()
    for expression in (term for term, weight in terms.items() if weight == 0):
        plain = [term for term, weight in terms.items() if weight and term in expression]
        assert plain, expression


@pytest.mark.parametrize(
    "text",
    [
        "网站正在建设中的消息传开以后，" + "村里的人都来打听究竟要卖些什么，" * 4,
        "{{ name }} " + "is replaced by what the reader is called, " * 5,
    ],
)
def test_prose_around_a_phrase_keeps_a_page(text: str) -> None:
    assert judged([{"text": text}], "placeholder") == ["keep"]
