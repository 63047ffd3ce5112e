"""Families of near copies: every two documents that both stay and share a band have been compared.

However many documents a bucket holds. Who stays is then what plain banding, with all pairs of all
buckets compared, would have left: no more, and none like another.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import glmdata.dedup
from glmdata import _native
from glmdata.reference.dedup import Options, shingle_set
from tests.property.stages import Stage, digests, run, run_on
from tests.property.texts import Document, units

NUM_PERM = 256
"""The default of `--num-perm`."""


@dataclass(frozen=True)
class Shape:
    """Copies of templates with a few units of each replaced; a quarter are cut shorter if `cut`."""

    script: str
    pages: int
    replaced: int
    templates: int = 1
    units: int = 200
    cut: int = 0


SHAPES = [
    Shape("en", 300, 3),
    Shape("en", 1_500, 1),
    Shape("en", 1_500, 2),
    Shape("en", 2_500, 3),
    Shape("en", 1_500, 5),
    Shape("en", 1_500, 3, templates=4),
    Shape("en", 1_500, 3, cut=40),
    Shape("zh", 1_500, 3, units=300),
    Shape("zh", 1_500, 5, units=300, templates=3, cut=30),
]


def family(shape: Shape, seed: int = 5) -> list[Document]:
    """The pages of all templates, taking turns."""
    rng = random.Random(seed)
    templates = [units(rng, shape.script, shape.units) for _ in range(shape.templates)]
    pages = []
    for number in range(shape.pages):
        page = list(templates[number % shape.templates])
        for _ in range(shape.replaced):
            page[rng.randrange(shape.units)] = units(rng, shape.script, 1)[0]
        if shape.cut and number % 4 == 0:
            page = page[: shape.units - rng.randrange(shape.cut)]
        pages.append({"id": f"{number:05}", "text": "".join(page)})
    return pages


def similarities(pages: list[Document]) -> NDArray[np.float32]:
    """J of every page with every page, by the shingle sets of the twin; 0 of each with itself."""
    sets = [shingle_set(page, Options()) for page in pages]
    holders: dict[object, list[int]] = {}
    for page, shingles in enumerate(sets):
        for shingle in shingles:
            holders.setdefault(shingle, []).append(page)
    common = [pages_of for pages_of in holders.values() if len(pages_of) > 1]
    holds = np.zeros((len(pages), len(common)), np.float32)
    for column, pages_of in enumerate(common):
        holds[pages_of, column] = 1
    shared = holds @ holds.T
    sizes = np.array([len(shingles) for shingles in sets], np.float32)
    jaccard: NDArray[np.float32] = shared / (sizes[:, None] + sizes[None, :] - shared)
    np.fill_diagonal(jaccard, 0)
    return jaccard


def shared_bands(pages: list[Document], bands: int, rows: int) -> NDArray[np.bool_]:
    """Which pages share the key of a band."""
    keys = []
    for page in pages:
        hashes = _native.shingle_hashes(page["text"], "mixed")
        keys.append(_native.band_keys(_native.sketch(hashes, NUM_PERM), bands, rows))
    table = np.array(keys, np.uint64)
    shared = np.zeros((len(pages), len(pages)), bool)
    for band in range(bands):
        shared |= table[:, band][:, None] == table[:, band][None, :]
    return shared


def check_family(stage: Stage, pages: list[Document]) -> None:
    report = stage.read("report.json")
    shape = report["bands"]
    alike = similarities(pages) >= 0.8
    candidates = alike & shared_bands(pages, shape["bands"], shape["rows"])
    kept = sorted(stage.kept)
    # Pairs at the threshold itself may fall on either side of it by rounding.
    assert not candidates[np.ix_(kept, kept)].any(), "two that stay, alike, of one bucket"
    left: list[int] = []
    order = sorted(
        range(len(pages)), key=lambda i: (-len(pages[i]["text"].encode()), pages[i]["id"])
    )
    for page in order:
        if not candidates[page, left].any():
            left.append(page)
    # Decisions may ask for pairs beyond the bands, so a few more can leave, and others stay.
    assert abs(len(kept) - len(left)) <= 2 + len(left) // 100
    for page, (rule, other) in stage.removed.items():
        assert rule != "fuzzy" or alike[page, other]
    pairs = report["pairs"]
    assert pairs["candidates"] == pairs["verified"] + pairs["rejected"] + pairs["unread"]
    assert pairs["unread_of_kept"] == 0
    expected = [_native.detection(shape["bands"], shape["rows"], j) for j, _ in shape["detection"]]
    assert [found for _, found in shape["detection"]] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_of_a_bucket_that_stay_were_compared(tmp_path: Path, shape: Shape) -> None:
    pages = family(shape)
    stage = run(tmp_path / "run", pages, write="decisions", variants="remove")
    assert stage.read("report.json")["buckets"]["dense"] > 0
    check_family(stage, pages)


@pytest.mark.slow
@pytest.mark.parametrize("script", ["en", "zh"])
def test_all_of_a_great_family_that_stay_were_compared(tmp_path: Path, script: str) -> None:
    pages = family(Shape(script, 10_000, 3, units=200 if script == "en" else 300))
    check_family(run(tmp_path / "run", pages, write="decisions", variants="remove"), pages)


def test_a_family_costs_little_more_than_its_pages(tmp_path: Path) -> None:
    """Each page needs one that stays: one in a hundred pairs and fewer is measured."""
    pages = family(Shape("en", 2_500, 1))
    stage = run(tmp_path / "run", pages, write="decisions", variants="remove")
    assert stage.read("report.json")["pairs"]["candidates"] < 30 * len(pages)


def test_components_of_a_family_are_whole(tmp_path: Path) -> None:
    """With `cluster = components` a page goes with what has left, too."""
    pages = family(Shape("en", 600, 4))
    stage = run(tmp_path / "run", pages, write="decisions", variants="remove", cluster="components")
    bands = stage.read("report.json")["bands"]
    joined = (similarities(pages) >= 0.8) & shared_bands(pages, bands["bands"], bands["rows"])
    component = np.arange(len(pages))
    for a, b in zip(*np.nonzero(joined), strict=True):
        component[component == component[b]] = component[a]
    assert len(stage.kept) == len(np.unique(component))
    assert 1 < len(stage.kept) < len(pages)


def test_what_nobody_read_is_told(tmp_path: Path) -> None:
    """Exercises of one template, each a variant of all others: the texts of a few are read."""
    rng = random.Random(1)
    body = "".join(units(rng, "en", 120))
    pages = [{"id": f"{i}", "text": f"# Exercise {i}\n\n{body}"} for i in range(400)]
    stage = run(tmp_path / "run", pages, write="decisions")
    report = stage.read("report.json")
    assert len(stage.kept) == len(pages)
    pairs = report["pairs"]
    assert pairs["unread_of_kept"] == pairs["unread"] > 0
    assert pairs["candidates"] == pairs["verified"] + pairs["rejected"] + pairs["unread"]
    assert pairs["verified"] < 40 * len(pages)
    reached = dict(report["bands"]["detection"])
    read = pairs["verified"] / (pairs["verified"] + pairs["unread"])
    assert reached[0.9] == pytest.approx(read, abs=1e-3)
    assert reached[0.7] == pytest.approx(_native.detection(32, 8, 0.7), abs=1e-4)


@pytest.mark.parametrize("shape", [Shape("en", 700, 3), Shape("zh", 500, 4, units=300)], ids=str)
def test_threads_memory_and_rethreshold_change_nothing(
    tmp_path: Path, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(3)
    pages = [{**page, "date": f"20{rng.randrange(100):02}-01-01"} for page in family(shape)]
    options: dict[str, Any] = {"variants": "remove"}
    one = run(tmp_path / "run", pages, threads=1, **options)
    crawl = tmp_path / "run" / "crawl"
    two = run_on(crawl, tmp_path / "two", threads=2, **options)
    assert digests(one.path) == digests(two.path)
    with monkeypatch.context() as patch:
        # No room for the shingle sets of a family: they are brought together in parts.
        patch.setattr(sys.modules["glmdata.dedup.run"], "working_memory", lambda *_, **__: 4 << 20)
        small = run_on(crawl, tmp_path / "small", **options)
    assert small.read("run.json")["partitions"] > 0
    assert digests(small.path) == digests(one.path)
    for number, change in enumerate(
        [{"threshold": 0.9}, {"keep": "newest:date"}, {"cluster": "components"}]
    ):
        again = tmp_path / f"again-{number}"
        glmdata.dedup.rethreshold(one.path, again, **options, **change)
        full = run_on(crawl, tmp_path / f"full-{number}", **options, **change)
        assert digests(again) == digests(full.path)


def test_where_containment_does_not_act_is_told(tmp_path: Path) -> None:
    documents = [{"text": text} for text in ("one two three " * 9, "four five six " * 9)]
    said = run(tmp_path / "whole", documents, cluster="components").read("report.json")["notes"]
    assert said == ["--containment has no effect with --cluster components"]
    off = {"cluster": "components", "containment": None}
    assert run(tmp_path / "off", documents, **off).read("report.json")["notes"] == []
