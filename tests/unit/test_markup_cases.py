"""Cases: tags, formulas, entities, gaps and runs of words that rules took for what they are not."""

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
    for line in (Path(__file__).parents[1] / "data/markup.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
ASKED = {
    "tags": ("code-noise/",),
    "formula": ("code-noise/",),
    "entities": ("code-noise/", "garbage/digits"),
    "table": ("english-web/bare_table", "chinese-web/bare_table"),
    "grams": ("english-lines/top_", "english-lines/duplicate_", "english-lines/few_letters"),
    "quotes": ("english-lines/top_", "english-lines/duplicate_", "chinese-lines/"),
    "repeats": ("books/repeated", "books/duplicate", "paper/repeated", "paper/duplicate"),
    "length": ("books/few", "wiki/few"),
}
"""The rules that a group of cases is about."""


def met(cases: list[dict[str, Any]]) -> list[bool]:
    """Of every case, whether one of the rules it is about removes or moves it."""
    rows = [
        {
            **dict(_native.signals(case["text"])),
            # Runs of words are asked of English alone; what is said in them may be Chinese.
            "lang": "en" if case["asks"] == "grams" else case["lang"],
            "kind": case.get("kind", "web"),
        }
        for case in cases
    ]
    frame = pl.DataFrame(rows)
    found = [False] * len(cases)
    for rule in preset_rules("glm4"):
        for place in frame.select(compiled(rule.name, rule.condition)).to_series().arg_true():
            found[place] |= rule.name.startswith(ASKED[cases[place]["asks"]])
    return found


@pytest.mark.parametrize("asks", ASKED)
def test_half_of_the_cases_must_be_kept_in_both_halves_and_languages(asks: str) -> None:
    assert len({case["text"] for case in CASES}) == len({case["id"] for case in CASES})
    for half in ("tune", "held"):
        for lang in ("zh", "en"):
            part = [c for c in CASES if (c["asks"], c["half"], c["lang"]) == (asks, half, lang)]
            kept = sum(case["verdict"] == "keep" for case in part)
            assert 0.4 <= kept / len(part) <= 0.6


@pytest.mark.parametrize("half", ["tune", "held"])
@pytest.mark.parametrize("asks", ASKED)
def test_what_the_rules_are_for_goes_and_the_rest_stays(asks: str, half: str) -> None:
    part = [case for case in CASES if (case["asks"], case["half"]) == (asks, half)]
    gone = met(part)
    wanted = [case["verdict"] != "keep" for case in part]
    right = sum(a and b for a, b in zip(wanted, gone, strict=True))
    recall, precision = right / sum(wanted), right / max(sum(gone), 1)
    assert precision == 1, f"recall {recall:.3f}, precision {precision:.3f}"
    assert recall >= 0.9, f"recall {recall:.3f}, precision {precision:.3f}"
