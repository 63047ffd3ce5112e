"""Decisions handed on: the filter reads the crawl again and passes over what dedup removed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from glmdata import dedup, filter
from glmdata.errors import ConfigError
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import EN, ZH, digests, rows


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """Two files with a copy across them, a near copy, a short page, and lines that are broken."""
    crawl(
        {"id": "zh", "lang": "zh", "text": ZH, "title": "t"},
        {"id": "near", "lang": "en", "text": f"{EN} Two of them sang on the way home."},
        "{broken",
        {"id": "short", "lang": "en", "text": "Too short to be a page."},
    )
    crawl(
        {"lang": "zh", "text": ZH},
        {"id": "en", "lang": "en", "text": EN},
        {"id": 7, "text": 1},
        name="news/b.jsonl",
    )
    Path("crawl/empty.jsonl").write_text("")
    return Path("crawl")


def documents(stage: str, name: str = "data") -> list[dict[str, Any]]:
    return rows(Path(stage), name)


def test_what_is_kept_is_the_same(pages: Path) -> None:
    for write in ("all", "decisions"):
        dedup.run("crawl/", workspace=write, write=write)
        report = filter.run(workspace=write)
        assert report.documents_in == report.documents_kept + sum(report.removed.values()) == 3
        assert report.quarantined == 0
    assert not list(Path("decisions/dedup").glob("data/part-*"))
    for name in ("data", "decisions", "removed", "scores"):
        assert documents("all/filter", name) == documents("decisions/filter", name)
    # Of the two equal texts the one stays whose name comes first.
    names = [row["id"] for row in documents("decisions/filter")]
    assert names == ["news/b.jsonl#0", "near"]


def test_a_recipe_writes_texts_once(glmdata: Glmdata, pages: Path) -> None:
    recipe = "[pipeline]\ninput = ['crawl/']\n[dedup]\n[filter]\n"
    Path("once.toml").write_text(recipe)
    assert glmdata("run", "once.toml").code == 0
    assert not list(Path("glmdata-out/dedup").glob("data/part-*"))
    Path("twice.toml").write_text(recipe.replace("[dedup]", "[dedup]\nwrite = 'all'"))
    assert glmdata("run", "twice.toml", "--workspace", "two").code == 0
    assert list(Path("two/dedup").glob("data/part-*"))
    assert documents("two/filter") == documents("glmdata-out/filter")
    Path("cut.toml").write_text(recipe.replace("[dedup]", "[dedup]\nline_dedup = 5"))
    assert glmdata("run", "cut.toml", "--workspace", "three").code == 0
    assert list(Path("three/dedup").glob("data/part-*"))


def test_other_decisions_from_the_same_scores(pages: Path) -> None:
    for write in ("all", "decisions"):
        dedup.run("crawl/", workspace=write, write=write)
        filter.run(workspace=write)
        again = filter.run(rescore_from=f"{write}/filter", output=f"{write}/again", preset="none")
        assert again.removed == {"encoding/mojibake": 0}
        fresh = filter.run(workspace=write, output=f"{write}/fresh", preset="none")
        assert fresh.documents_kept == again.documents_kept == 3
        assert digests(Path(write, "again")) == digests(Path(write, "fresh"))


def test_changed_inputs_are_refused(pages: Path) -> None:
    dedup.run("crawl/", write="decisions")
    path = Path("crawl/web/a.jsonl")
    path.write_text(path.read_text() + json.dumps({"text": "new"}) + "\n")
    with pytest.raises(ConfigError, match=r"its inputs changed since: crawl/web/a\.jsonl had"):
        filter.run()
    path.unlink()
    os.rename("crawl/news", "elsewhere")  # noqa: PTH104
    with pytest.raises(ConfigError, match=r"its inputs changed since: crawl/news/b\.jsonl is gone"):
        filter.run()


def test_cut_texts_must_have_been_written(pages: Path) -> None:
    dedup.run("crawl/", write="decisions", line_dedup=5)
    with pytest.raises(ConfigError, match="expected kept documents, found decisions only"):
        filter.run()


def test_explain_finds_texts_behind(glmdata: Glmdata, pages: Path) -> None:
    dedup.run("crawl/", write="decisions")
    filter.run()
    (gone,) = [row for row in documents("glmdata-out/dedup", "removed") if row["rule"] == "fuzzy"]
    done = glmdata("explain", gone["doc"].hex())
    assert done.code == 0, done.err
    assert "Two of them sang" in done.out
    short = glmdata("explain", "short")
    assert "outcome      kept" in short.out
    assert (
        "then         removed by the filter's rule english-web/few_words: 6, threshold 50"
        in short.out
    )
    found = json.loads(glmdata("explain", "short", "--json").out)
    assert found["filter"]["rule"] == "english-web/few_words"
    assert json.loads(glmdata("explain", "zh", "--json").out)["filter"] is None


def test_decisions_of_a_filter_are_not_read_as_documents(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "a text of some words, and no more than that"})
    assert (
        glmdata("filter", "--input", "crawl/", "--preset", "none", "--write", "decisions").code == 0
    )
    done = glmdata("filter", "--input", "glmdata-out/filter", "--output", "again")
    assert done.code == 2
    assert "expected kept documents, found decisions only" in done.err
