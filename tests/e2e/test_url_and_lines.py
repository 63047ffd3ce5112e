"""`--url-dedup`, `--line-dedup` and `--paragraph-dedup` from the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from glmdata.dedup import apply_edits, read_edits
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

STAGE = Path("glmdata-out/dedup")
SHARE = "Share this page with all of your friends\r\n"
RIGHTS = "版权所有，未经许可不得转载本站文章"
STORIES = [
    "The ferry left the northern quay at dawn.",
    "渡船在黎明离开北岸的码头，载着整个乐团穿过海峡。",
    "👩‍👩‍👧 Nobody on deck had slept at all that night.",
    "คลื่นลมสงบลงเมื่อเรือแล่นเข้าสู่อ่าว",
]


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STAGE / "report.json").read_text())
    return found


def pages() -> list[dict[str, object]]:
    """Four pages with the same frame, and one that is nothing but the frame."""
    texts = [f"{SHARE}{story}\n\n{RIGHTS}" for story in STORIES]
    records: list[dict[str, object]] = [
        {"id": f"p{n}", "text": text} for n, text in enumerate(texts)
    ]
    return [*records, {"id": "frame", "text": f"{SHARE}\n{RIGHTS}"}]


def kept(kind: str) -> dict[str, str]:
    rows: list[dict[str, Any]] = []
    for part in sorted(STAGE.glob("data/part-*")):
        if kind == "parquet":
            rows += pq.read_table(part).to_pylist()
        elif kind == "jsonl.zst":
            data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(part.read_bytes())).read()
            rows += [json.loads(line) for line in data.splitlines()]
        else:
            rows += pa.ipc.open_file(str(part)).read_all().to_pylist()
    return {row["id"]: row["text"] for row in rows}


@pytest.mark.parametrize("kind", ["arrow", "parquet", "jsonl.zst"])
def test_edits_replayed_on_the_input_give_the_kept_text(
    glmdata: Glmdata, crawl: Crawl, kind: str
) -> None:
    crawl(*pages())
    lines = ("--line-dedup", "2", "--paragraph-dedup", "2", "--format", kind)
    done = glmdata("dedup", "--input", "crawl/", *lines)
    assert done.code == 0, done.err
    assert done.lines()["cut"].startswith("3 lines and 3 paragraphs")
    edits: dict[str, Any] = {}
    for doc, found in read_edits(STAGE):
        decisions = pa.ipc.open_file(str(STAGE / "decisions/part-000000.arrow")).read_all()
        edits[str(pages()[decisions["doc"].to_pylist().index(doc)]["id"])] = found
    assert len(edits) == 3
    texts = {str(page["id"]): str(page["text"]) for page in pages()}
    assert kept(kind) == {
        name: apply_edits(text, edits.get(name, []))
        for name, text in texts.items()
        if name != "frame"
    }
    whole = [name for name, text in kept(kind).items() if text == texts[name]]
    assert len(whole) == 1, "the first in keep order stays as it is"
    assert {name: text.strip() for name, text in kept(kind).items() if name not in whole} == {
        f"p{n}": story for n, story in enumerate(STORIES) if f"p{n}" not in whole
    }


def test_a_page_that_is_all_frame_goes_and_says_why(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    assert glmdata("dedup", "--input", "crawl/", "--line-dedup", "2").code == 0
    counts, text = report()["documents"], report()["text_bytes"]
    assert counts == {"in": 5, "kept": 4, "removed": 1, "quarantined": 0}
    assert text["in"] == text["kept"] + text["removed"] + text["cut"]
    assert report()["removed_by_rule"]["line"] == 1
    done = glmdata("explain", "frame")
    assert done.code == 0, done.err
    assert "removed by rule line" in done.out
    (row,) = pa.ipc.open_file(str(STAGE / "removed/part-000000.arrow")).read_all().to_pylist()
    assert (row["kept_doc"], row["kept_id"], row["rule"]) == (None, None, "line")


def test_nothing_is_cut_unless_asked_for(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    assert glmdata("dedup", "--input", "crawl/").code == 0
    assert report()["cut"] is None
    assert report()["text_bytes"]["cut"] == 0
    assert not (STAGE / "edits").exists()
    assert {"url", "line", "paragraph"}.isdisjoint(report()["removed_by_rule"])
    assert list(read_edits(STAGE)) == []
    assert kept("arrow") == {str(page["id"]): page["text"] for page in pages()}


def test_lines_can_be_cut_later(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    assert glmdata("dedup", "--input", "crawl/", "--bands", "16x8").code == 0
    late = ("--rethreshold", "0.9", "--line-dedup", "2", "--output", "late")
    assert glmdata("dedup", *late).code == 0
    full = ("--input", "crawl/", "--bands", "16x8", "--threshold", "0.9", "--line-dedup", "2")
    assert glmdata("dedup", *full, "--output", "full").code == 0
    for path in Path("full").rglob("*"):
        if path.is_file() and path.name != "run.json":
            assert path.read_bytes() == Path("late", path.relative_to("full")).read_bytes(), path


def test_one_document_of_each_address_stays(glmdata: Glmdata, crawl: Crawl) -> None:
    urls = [
        "http://a.com/x",
        "https://www.a.com/x/?utm_source=m#top",
        "http://a.com/y",
        "N/A",
        "N/A",
    ]
    texts = [*STORIES, "A fifth text that has nothing to do with the others"]
    crawl(
        *(
            {"id": f"{n}", "text": t, "url": u}
            for n, (t, u) in enumerate(zip(texts, urls, strict=True))
        )
    )
    done = glmdata("dedup", "--input", "crawl/", "--url-dedup")
    assert done.code == 0, done.err
    assert report()["removed_by_rule"]["url"] == 1
    assert report()["documents_with_url"] == 3
    assert done.lines()["duplicates"].startswith("1 of an address that another one has")
    assert set(kept("arrow")) == {"1", "2", "3", "4"}
    done = glmdata("explain", "0")
    assert "removed by rule url" in done.out
    refused = glmdata("dedup", "--rethreshold", "0.9", "--no-url-dedup")
    assert refused.code == 2
    assert "url_dedup: expected True" in refused.err


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_wrong_count_is_refused(glmdata: Glmdata, crawl: Crawl, value: str) -> None:
    crawl(*pages())
    for flag in ("--line-dedup", "--paragraph-dedup"):
        done = glmdata("dedup", "--input", "crawl/", flag, value)
        assert done.code == 2
        assert f"{flag}: expected a number of documents from 1" in done.err
