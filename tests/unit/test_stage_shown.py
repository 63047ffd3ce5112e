from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

import glmdata
from glmdata.errors import ConfigError
from tests.conftest import Crawl

PAGE = "Nine lamps were lit along quay {} before the boats came in with their crates of fish."


@pytest.fixture
def report(crawl: Crawl) -> glmdata.dedup.DedupReport:
    """A stage over pages of which one is there twice and one is broken."""
    pages = [{"id": f"p{n}", "text": PAGE.format(n * 1000), "source": "<b>web"} for n in range(4)]
    crawl(*pages, pages[0], "{broken")
    return glmdata.dedup.run("crawl", "out")


def test_a_report_is_a_line(report: glmdata.dedup.DedupReport) -> None:
    said = "<DedupReport out: 6 in = 4 kept + 1 removed + 1 quarantined>"
    assert repr(report) == said
    kept = glmdata.filter.run("out", "kept", preset="none")
    assert repr(kept).startswith("<FilterReport kept: 4 in = 4 kept")


def test_a_notebook_shows_tables_and_no_markup_of_the_crawl(
    report: glmdata.dedup.DedupReport,
) -> None:
    page = report._repr_html_()
    assert "<th>exact-raw</th><td>1</td>" in page
    assert "<th>&lt;b&gt;web</th><td>5</td><td>4</td><td>1</td>" in page
    assert "<b>web" not in page


def test_tables_are_frames_of_polars(report: glmdata.dedup.DedupReport) -> None:
    assert report.to_polars()["rule"].to_list() == ["exact-raw"]
    assert report.to_polars("kept")["id"].to_list() == ["p0", "p1", "p2", "p3"]
    assert report.to_polars("decisions").height == 5
    assert report.to_polars("pairs").height == 0
    assert report.to_polars("quarantine")["kind"].to_list() == ["broken_json"]
    scored = glmdata.filter.run("out", "scored", tag=True)
    assert scored.to_polars("scores")["n_chars"].to_list() == [
        len(PAGE.format(n * 1000)) for n in range(4)
    ]
    assert scored.to_polars("quarantine").height == 0
    with pytest.raises(ConfigError, match="no table `remvoed`") as caught:
        report.to_polars("remvoed")
    assert caught.value.hint == "did you mean `removed`?"


def test_parquet_is_read_too(crawl: Crawl) -> None:
    crawl({"id": "a", "text": PAGE})
    report = glmdata.dedup.run("crawl", Path("out"), format="parquet")
    assert report.to_polars("kept")["id"].to_list() == ["a"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes there")
def test_a_hint_stands_below_a_traceback(crawl: Crawl) -> None:
    crawl({"id": "a", "text": PAGE})
    with pytest.raises(ConfigError) as caught:
        glmdata.dedup.run("crawl", treshold=0.9)  # type: ignore[call-arg]
    shown = traceback.format_exception(caught.value)
    assert shown[-1] == "hint: did you mean `threshold`?\n"
    # Of the compiled module too.
    with pytest.raises(ConfigError) as wrong:
        glmdata.dedup.run("crawl", "out", text_field="nosuch")
    assert traceback.format_exception(wrong.value)[-1] == f"hint: {wrong.value.hint}\n"
