"""Cases: pages that say nothing, and texts about the same things that stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from glmdata import _native
from glmdata.filter.presets import preset_rules
from glmdata.filter.rules import compiled

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/garbage.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def removed_by(cases: list[dict[str, Any]], preset: str = "glm4") -> list[list[str]]:
    """Of every case the rules on garbage that meet it, where its language is not known."""
    rows = [{**dict(_native.signals(case["text"])), "lang": "und", "kind": "web"} for case in cases]
    frame = pl.DataFrame(rows)
    found: list[list[str]] = [[] for _ in cases]
    for rule in preset_rules(preset):
        if rule.name.startswith("garbage/"):
            for place in frame.select(compiled(rule.name, rule.condition)).to_series().arg_true():
                found[place].append(rule.name)
    return found


def test_half_of_the_cases_must_be_kept_in_both_halves_and_languages() -> None:
    assert len(CASES) >= 200
    assert len({case["text"] for case in CASES}) == len(CASES)
    assert len({case["id"] for case in CASES}) == len(CASES)
    for half in ("tune", "held"):
        for lang in ("zh", "en"):
            part = [case for case in CASES if (case["half"], case["lang"]) == (half, lang)]
            kept = sum(case["verdict"] == "keep" for case in part)
            assert 0.4 <= kept / len(part) <= 0.5


@pytest.mark.parametrize("half", ["tune", "held"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_garbage_goes_and_what_speaks_of_it_stays(half: str, lang: str) -> None:
    part = [case for case in CASES if (case["half"], case["lang"]) == (half, lang)]
    gone = [bool(names) for names in removed_by(part)]
    garbage = [case["verdict"] == "remove" for case in part]
    right = sum(a and b for a, b in zip(garbage, gone, strict=True))
    recall, precision = right / sum(garbage), right / max(sum(gone), 1)
    assert precision == 1, f"recall {recall:.3f}, precision {precision:.3f}"
    assert recall >= 0.85, f"recall {recall:.3f}, precision {precision:.3f}"


def test_every_rule_removes_a_case() -> None:
    met = {name for names in removed_by(CASES) for name in names}
    assert met == {rule.name for rule in preset_rules("garbage")}


def test_published_presets_ask_nothing_of_garbage() -> None:
    for preset in ("gopher", "fineweb", "c4", "mc4", "fineweb2-zh"):
        assert not any(rule.name.startswith("garbage/") for rule in preset_rules(preset))
