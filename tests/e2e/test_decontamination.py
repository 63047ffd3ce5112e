"""Benchmark items in the filter: found, named, and never missed in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import filter
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import digests, rows

ITEM = "一个水池有两个进水管和一个排水管，单开甲管六小时注满，三管同时打开要几小时？"
SHORT = "黄河发源于哪座山脉的北麓？"


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """A page with each kind of item, and one with none; items in two forms."""
    crawl(
        {"id": "long", "text": f"论坛上有人贴了一道题：\n{ITEM.replace('，', ',')}\n大家都不会。"},
        {"id": "short", "text": f"他忽然问：“{SHORT}”没有人回答。"},
        {"id": "clean", "text": "黄河发源于青藏高原，流过九个省区。"},
    )
    folder = Path("bench")
    folder.mkdir()
    Path("bench/a.jsonl").write_text(
        json.dumps({"id": "pool", "question": ITEM}, ensure_ascii=False) + "\n"
    )
    Path("bench/b.jsonl").write_text(
        json.dumps({"question": SHORT}) + "\n" + json.dumps({"question": "几点了？"}) + "\n"
    )
    return Path("crawl")


FLAGS = ("--input", "crawl/", "--preset", "none")
ITEMS = ("--benchmark", "bench", "--benchmark-field", "question")


def test_items_are_found_and_named(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata("filter", *FLAGS, *ITEMS, "--output", "out")
    assert done.code == 0, done.err
    assert done.lines()["benchmark"] == "3 items, 1 of them too short to look for"
    removed = {row["id"]: row for row in rows(Path("out"), "removed")}
    assert set(removed) == {"long", "short"}
    assert {row["rule"] for row in removed.values()} == {"benchmark/overlap"}
    assert (removed["short"]["value"], removed["short"]["threshold"]) == (1.0, 0.8)
    scores = {row["id"]: row["benchmark"] for row in rows(Path("out"), "scores")}
    assert scores == {"long": "pool", "short": "b.jsonl#0", "clean": None}


def test_other_thresholds_need_no_search(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", *FLAGS, *ITEMS, "--output", "out").code == 0
    again = filter.run(rescore_from="out", output="again", preset="none")
    assert again.removed == {"encoding/mojibake": 0, "benchmark/overlap": 2}
    assert digests(Path("again")) == digests(Path("out"))
    Path("own.toml").write_text("[[rule]]\nname = 'any'\ndrop_when = 'contamination > 0'\n")
    own = filter.run(rescore_from="out", output="own", preset="none", rules="own.toml")
    assert own.removed["own/any"] == 2
    bare = glmdata("filter", *FLAGS, "--rules", "own.toml", "--output", "bare")
    assert bare.code == 2
    assert "rule own/any: asks for `contamination`, and there are no benchmark items" in bare.err


def test_moved_items_are_the_same_items(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", *FLAGS, *ITEMS, "--output", "out").code == 0
    Path("bench").rename("elsewhere")
    moved = ("--benchmark", "elsewhere", "--benchmark-field", "question")
    assert glmdata("filter", *FLAGS, *moved, "--output", "two").code == 0
    assert digests(Path("two")) == digests(Path("out"))
    text = Path("elsewhere/a.jsonl").read_text()
    Path("elsewhere/a.jsonl").write_text(text.replace("六", "七"))
    assert glmdata("filter", *FLAGS, *moved, "--output", "out").code == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--benchmark", "nowhere"), "benchmark: expected files with items in nowhere, found none"),
        (("--benchmark", "bench"), "expected benchmark items, found missing_text"),
    ],
)
def test_items_that_cannot_be_read_stop_the_run(
    glmdata: Glmdata, pages: Path, flags: tuple[str, ...], message: str
) -> None:
    done = glmdata("filter", *FLAGS, *flags, "--output", "out")
    assert done.code == 2
    assert message in done.err
