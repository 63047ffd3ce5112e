"""Cases: what the default rules keep and remove where a text is not all prose."""

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
    for line in (Path(__file__).parents[1] / "data/prose.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def removed_by(cases: list[dict[str, Any]]) -> list[list[str]]:
    """Of every case the rules of the default preset that remove it, or move it."""
    rows = [
        {**dict(_native.signals(case["text"])), "lang": case["lang"], "kind": "web"}
        for case in cases
    ]
    frame = pl.DataFrame(rows)
    found: list[list[str]] = [[] for _ in cases]
    for rule in preset_rules("glm4"):
        hits = frame.select(compiled(rule.name, rule.condition)).to_series()
        for place in hits.arg_true():
            found[place].append(rule.name)
    return found


def test_half_of_the_cases_must_be_kept_in_both_halves_and_languages() -> None:
    assert len(CASES) >= 160
    assert (
        len({case["text"] for case in CASES}) == len({case["id"] for case in CASES}) == len(CASES)
    )
    for half in ("tune", "held"):
        for lang in ("zh", "en"):
            part = [case for case in CASES if (case["half"], case["lang"]) == (half, lang)]
            kept = sum(case["verdict"] == "keep" for case in part)
            assert 0.45 <= kept / len(part) <= 0.55


@pytest.mark.parametrize("half", ["tune", "held"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_garbage_goes_and_texts_of_other_forms_stay(half: str, lang: str) -> None:
    part = [case for case in CASES if (case["half"], case["lang"]) == (half, lang)]
    drops = {rule.name for rule in preset_rules("glm4") if rule.to is None}
    gone = [bool(drops & set(names)) for names in removed_by(part)]
    garbage = [case["verdict"] == "remove" for case in part]
    right = sum(a and b for a, b in zip(garbage, gone, strict=True))
    recall, precision = right / sum(garbage), right / max(sum(gone), 1)
    assert recall >= 0.95, f"recall {recall:.3f}, precision {precision:.3f}"
    assert precision >= 0.95, f"recall {recall:.3f}, precision {precision:.3f}"


def test_formulas_are_no_program_text() -> None:
    part = [case for case in CASES if case["kind"] in ("latex", "abstract")]
    moved = [
        case["id"]
        for case, names in zip(part, removed_by(part), strict=True)
        if any(name.startswith("code-noise/") for name in names)
    ]
    assert moved == []


def test_published_presets_ask_nothing_of_prose() -> None:
    for preset in ("gopher", "fineweb", "c4", "mc4", "fineweb2-zh"):
        for rule in preset_rules(preset):
            assert "prose_" not in rule.condition
    assert any("prose_" in rule.condition for rule in preset_rules("glm4"))
