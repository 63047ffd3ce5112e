"""Passages written for the project before the rule of the model; it was tuned on none of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glmdata import _native, filter
from glmdata.filter.offence_training import auc
from glmdata.filter.presets import preset_rules
from glmdata.reference import offence_model

DATA = Path(__file__).parents[1] / "data/offensive_passages.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
NAME = "offensive-model/passages"
(RULE,) = (rule for rule in preset_rules("offensive-model") if rule.name == NAME)


def offence(text: str) -> dict[str, float]:
    return dict(_native.offence(text)[0])


def goes(text: str) -> bool:
    signals = offence(text)
    assert RULE.measured is not None
    return signals["offence_max"] >= RULE.measured[2] and signals["offence_share"] >= 0.3


def pages(lang: str, *, drop: bool) -> list[str]:
    """Of each half of the cases of a kind, a page of all of them."""
    found: list[dict[str, Any]] = [c for c in CASES if c["lang"] == lang and c["drop"] == drop]
    return ["\n".join(c["text"] for c in found if c["half"] == half) for half in "ab"]


def test_half_of_the_cases_must_be_kept() -> None:
    assert len(CASES) == 48
    assert sum(case["drop"] for case in CASES) == 24
    assert len({case["text"] for case in CASES}) == 48


def test_the_default_does_not_ask_for_it() -> None:
    assert not any("offence_" in rule.condition for rule in preset_rules("glm4"))
    *others, last = preset_rules("offensive-model")
    assert [rule.name for rule in others] == [rule.name for rule in preset_rules("glm4")]
    assert last == RULE


def test_what_speaks_of_offence_stays() -> None:
    assert [case["text"] for case in CASES if not case["drop"] and goes(case["text"])] == []
    assert not any(goes(page) for lang in ("zh", "en") for page in pages(lang, drop=False))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_of_offensive_passages_goes(lang: str) -> None:
    assert all(goes(page) for page in pages(lang, drop=True))


def test_offensive_passages_score_higher() -> None:
    scores = {
        drop: np.array(
            [offence(case["text"])["offence_max"] for case in CASES if case["drop"] == drop]
        )
        for drop in (False, True)
    }
    assert auc(scores[False], scores[True]) >= 0.7


def test_one_paragraph_of_a_long_page_is_seen_and_removes_nothing() -> None:
    calm = "渔民在河口修补渔网，老师在山谷里清点种子。\n" * 60
    bad = pages("zh", drop=True)[0]
    text = f"{calm}{bad}\n{calm}"
    signals = offence(text)
    passage = filter.worst_passage(text)
    assert passage is not None
    assert signals["offence_max"] == passage.probability >= 0.9
    assert passage.text in text
    assert text.encode()[slice(*passage.place)].decode() == passage.text
    assert bad.splitlines()[0] in text[: text.index(passage.text) + len(passage.text)]
    assert not goes(text)
    assert filter.worst_passage(calm) is None


def test_the_threshold_of_the_rule_is_that_of_the_file() -> None:
    scale, bias, threshold, _, _ = offence_model.model()
    limit = 1 / (1 + np.exp(-(scale * threshold + bias)))
    assert RULE.measured is not None
    assert RULE.measured[2] <= limit < RULE.measured[2] + 1e-3


def test_terms_are_those_of_the_slow_twin() -> None:
    for case in CASES:
        text = case["text"]
        (window,) = _native.offence_terms([text])[0]
        expected = [at | may_be << 31 for at, may_be in offence_model.terms(text)]
        assert sorted(np.frombuffer(window, np.uint32).tolist()) == sorted(expected)
