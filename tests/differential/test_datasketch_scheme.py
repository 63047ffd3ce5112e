"""`scheme="datasketch"`: the very values of datasketch 2.0, so that its indexes can be fed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import datasketch
import pytest

import glmdata.dedup
from glmdata import _native
from tests.property.stages import digests, rows_of, run
from tests.property.texts import corpus, units

pytestmark = pytest.mark.differential

SCRIPTS = ["en", "zh", "mixed", "thai", "code"]


def theirs(text: str, mode: str, num_perm: int) -> list[int]:
    sketch = datasketch.MinHash(num_perm=num_perm, seed=1)
    for shingle in glmdata.dedup.shingles(text, mode):
        sketch.update(shingle.encode())
    return [int(value) for value in sketch.hashvalues]


def check_equal(text: str, mode: str, num_perm: int) -> None:
    assert glmdata.dedup.minhash(text, mode, num_perm) == theirs(text, mode, num_perm)


@pytest.mark.parametrize("num_perm", [16, 128, 256, 1024])
@pytest.mark.parametrize("script", SCRIPTS)
def test_values_are_those_of_datasketch(script: str, num_perm: int) -> None:
    rng = random.Random(script)
    for length in (1, 7, 60, 300):
        text = "".join(units(rng, script, length))
        check_equal(text, "code" if script == "code" else "mixed", num_perm)


@pytest.mark.parametrize("mode", ["word:5", "char:8", "code"])
def test_values_of_other_shingles(mode: str) -> None:
    check_equal("Ｇood  morning, 早上好 — 🙂👍🏽 the 2nd time in a_row!", mode, 128)


def test_no_shingles() -> None:
    assert glmdata.dedup.minhash("") == [2**32 - 1] * 128 == theirs("", "mixed", 128)


def test_another_seed_would_be_seen() -> None:
    text = "a text that has more than five words in it"
    sketch = datasketch.MinHash(num_perm=128, seed=2)
    for shingle in glmdata.dedup.shingles(text):
        sketch.update(shingle.encode())
    assert glmdata.dedup.minhash(text) != [int(value) for value in sketch.hashvalues]


def test_a_run_compares_by_these_values(tmp_path: Path) -> None:
    """Its candidates are the pairs that share a band of datasketch's values."""
    documents = corpus(3, 120)
    options: dict[str, Any] = {
        "write": "decisions",
        "threshold": 0.5,
        "bands": "16x8",
        "num_perm": 128,
        "fuzzy_short": True,
        "variants": "remove",
    }
    stage = run(tmp_path / "run", documents, scheme="datasketch", **options)
    bands = [
        _native.band_keys(theirs(document["text"], mode_of(document), 128), 16, 8)
        for document in documents
    ]
    pairs = rows_of(stage.path / "pairs.arrow")
    assert len(pairs) > 20
    for pair in pairs:
        a, b = bands[pair["position_a"]], bands[pair["position_b"]]
        assert pair["followed"] or any(x == y for x, y in zip(a, b, strict=True))
    other = run(tmp_path / "other", documents, **options)
    assert digests(other.path)["pairs.arrow"] != digests(stage.path)["pairs.arrow"]


def mode_of(document: dict[str, str]) -> str:
    return "code" if document.get("source") == "code" else "mixed"
