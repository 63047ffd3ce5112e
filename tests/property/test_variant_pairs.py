"""229 pairs of sentences, labelled: what differs makes two texts, or leaves them one.

The rules were tuned on every other pair; the figures of the others are held here.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.property.stages import run
from tests.property.texts import Document, units

PAIRS: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__)
    .parents[1]
    .joinpath("data/variants.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def texts(pair: dict[str, Any], seed: int) -> list[str]:
    """Both sides, each in the middle of the same lines, which no other pair has."""
    rng = random.Random(seed)
    end = "。" if pair["lang"] == "zh" else "."
    lines = ["".join(units(rng, pair["lang"], 18)).strip() + end for _ in range(20)]
    return ["\n".join([*lines[:10], pair[side], *lines[10:]]) for side in "ab"]


def judged(folder: Path, pairs: list[dict[str, Any]]) -> list[bool]:
    """Whether both sides of each pair stayed; both were compared."""
    documents: list[Document] = [
        {"id": f"{i:03}-{side}", "text": text}
        for i, pair in enumerate(pairs)
        for side, text in zip("ab", texts(pair, i), strict=True)
    ]
    stage = run(folder / "run", documents, write="decisions")
    report = stage.read("report.json")
    equal = report["removed_by_rule"]["exact-normalised"]
    assert report["pairs"]["verified"] + equal == len(pairs)
    kept = stage.kept
    return [{2 * i, 2 * i + 1} <= kept for i in range(len(pairs))]


@pytest.mark.parametrize("half", ["tuned on", "not looked at"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_variants_are_told_from_the_same(tmp_path: Path, lang: str, half: str) -> None:
    pairs = [pair for pair in PAIRS if pair["lang"] == lang][half != "tuned on" :: 2]
    stayed = judged(tmp_path, pairs)
    variant = [pair["verdict"] == "variant" for pair in pairs]
    wrong = [
        ("missed" if right else "split", pair["a"], pair["b"])
        for pair, both, right in zip(pairs, stayed, variant, strict=True)
        if both != right
    ]
    found = sum(both and right for both, right in zip(stayed, variant, strict=True))
    assert found >= 0.9 * sum(variant), wrong
    assert found >= 0.9 * sum(stayed), wrong
