"""Floods: thousands of pages made from one. They cost time in proportion, and one of them stays."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from tests.property.stages import Stage, digests, run, run_on
from tests.property.texts import Document, edited, units


def dated(n: int, script: str) -> list[Document]:
    """One page, shown on other days to other numbers of readers."""
    rng = random.Random(n)
    lines = ["".join(units(rng, script, 40)) for _ in range(8)]
    pages = []
    for i in range(n):
        day = f"2021-{i % 12 + 1:02}-{i % 28 + 1:02} {i % 24:02}:{i % 60:02}"
        stamp = f"阅读 {i} 发布 {day}" if script == "zh" else f"Posted {day}, {i} views"
        pages.append({"id": f"{i}", "text": "\n".join([*lines[:3], stamp, *lines[3:]])})
    return pages


def reworded(n: int, script: str) -> list[Document]:
    """One page, in each copy of which a word was changed."""
    rng = random.Random(n)
    page = units(rng, script, 300)
    return [{"id": f"{i}", "text": "".join(edited(rng, page, script, 1))} for i in range(n)]


def check_flood(stage: Stage, n: int) -> None:
    report = stage.read("report.json")
    assert report["buckets"]["dense"] > 0
    assert report["pairs"]["followed"] > 0
    assert report["pairs"]["candidates"] < 60 * n
    assert report["documents"]["kept"] == 1


OPTIONS: dict[str, Any] = {"write": "decisions", "variants": "remove"}


@pytest.mark.parametrize("script", ["en", "zh"])
@pytest.mark.parametrize("flood", [dated, reworded])
def test_one_page_of_a_flood_stays(tmp_path: Path, flood: Any, script: str) -> None:
    check_flood(run(tmp_path / "run", flood(700, script), **OPTIONS), 700)


@pytest.mark.slow
@pytest.mark.parametrize("script", ["en", "zh"])
@pytest.mark.parametrize("flood", [dated, reworded])
def test_one_page_of_a_great_flood_stays(tmp_path: Path, flood: Any, script: str) -> None:
    stage = run(tmp_path / "run", flood(20_000, script), **OPTIONS)
    check_flood(stage, 20_000)


def test_pages_that_differ_in_date_are_the_same_page(tmp_path: Path) -> None:
    """Without being told to remove variants."""
    for script in ("en", "zh"):
        stage = run(tmp_path / script, dated(400, script), write="decisions")
        assert stage.read("report.json")["documents"]["kept"] == 1


@pytest.mark.parametrize("keep", ["first", "longest", "newest:date"])
def test_rethreshold_of_a_flood_is_a_full_run(tmp_path: Path, keep: str) -> None:
    """What follows from decisions follows anew when another page is to stay."""
    rng = random.Random(1)
    documents = dated(150, "en") + reworded(150, "zh")
    dates = (f"20{rng.randrange(100):02}-01-01" for _ in documents)
    documents = [
        {**page, "date": date, "rank": 1} for page, date in zip(documents, dates, strict=True)
    ]
    old = run(tmp_path / "run", documents, keep="best:rank")
    assert old.read("report.json")["pairs"]["followed"] > 0
    for threshold in (0.8, 0.93):
        name, options = f"{threshold}", {"keep": keep, "threshold": threshold}
        glmdata.dedup.rethreshold(old.path, tmp_path / f"again-{name}", **options)
        full = run_on(tmp_path / "run" / "crawl", tmp_path / f"full-{name}", **options)
        assert digests(tmp_path / f"again-{name}") == digests(full.path)
