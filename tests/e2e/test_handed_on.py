"""Kept documents lie alone in `data/`: other tools read them, all of them, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.dataset as ds
import pytest

from glmdata import dedup
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata


def page(number: int) -> str:
    """Sentences that no two numbers share."""
    return " ".join(f"Word {number}-{place} stands alone." for place in range(30))


SCANS: dict[str, Callable[[Path], pl.LazyFrame]] = {
    "arrow": pl.scan_ipc,
    "parquet": pl.scan_parquet,
}


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """Three documents that stay, and two that do not."""
    crawl(*({"id": f"{n}", "lang": "no", "text": page(n)} for n in range(3)), name="a.jsonl")
    return crawl({"text": page(1)}, "{broken", {"text": page(2)}, name="b.jsonl")


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_polars_and_pyarrow_read_the_folder(pages: Path, format: str) -> None:
    dedup.run("crawl", "out", format=format)  # type: ignore[arg-type]
    by_polars = SCANS[format](Path("out/data")).collect()
    assert sorted(by_polars["text"]) == [page(n) for n in range(3)]
    by_pyarrow = ds.dataset("out/data", format=format).to_table()
    assert sorted(by_pyarrow["text"].to_pylist()) == [page(n) for n in range(3)]


@pytest.mark.parametrize("format", ["arrow", "parquet", "jsonl.zst"])
def test_the_card_names_the_documents_alone(pages: Path, format: str) -> None:
    dedup.run("crawl", "out", format=format)  # type: ignore[arg-type]
    card = Path("out/README.md").read_text()
    named = [line for line in card.splitlines() if "data_files" in line]
    assert named == [f'  data_files: "data/part-*.{format}"']
    assert '- "no"' in card
    assert "| 6 | 3 | 2 | 1 |" in card
    described = json.loads(Path("out/croissant.json").read_text())["distribution"]
    listed = json.loads(Path("out/manifest.json").read_text())["files"]
    hashes = {entry["path"]: entry["sha256"] for entry in listed}
    assert {file["contentUrl"]: file["sha256"] for file in described} == {
        name: digest for name, digest in hashes.items() if name.startswith("data/")
    }


def test_a_card_may_be_completed(pages: Path, glmdata: Glmdata) -> None:
    dedup.run("crawl", "out")
    card = Path("out/README.md")
    card.write_text(card.read_text().replace("license: other", "license: cc0-1.0"))
    assert glmdata("verify", "out").code == 0
    dedup.run("crawl", "out")
    assert "cc0-1.0" in card.read_text()


def test_decisions_alone_have_no_card(pages: Path) -> None:
    dedup.run("crawl", "out", write="decisions")
    assert not Path("out/README.md").exists()
    assert not Path("out/data").exists()


@pytest.mark.parametrize("named", ["out", "out/data", "out/data/", "out/data/part-*", "ou*/data"])
def test_the_folder_of_documents_is_checked_as_the_stage_is(
    pages: Path, glmdata: Glmdata, named: str
) -> None:
    dedup.run("crawl", "out")
    call = ("filter", "--preset", "none", "--output", "kept", "--json", "--input", named)
    done = glmdata(*call)
    assert done.code == 0, done.err
    assert json.loads(done.out)["documents"]["in"] == 3
    part = Path("out/data/part-000000.arrow")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    done = glmdata(*call, "--fresh")
    assert done.code == 4, done.err
    assert "dedup" in done.err


def test_an_earlier_format_is_refused_and_made_anew(pages: Path, glmdata: Glmdata) -> None:
    dedup.run("crawl", "out")
    manifest = json.loads(Path("out/manifest.json").read_text())
    del manifest["sealed"]
    Path("out/manifest.json").write_text(json.dumps({**manifest, "format_version": 1}))
    Path("out/data/part-000000.arrow").rename("out/part-000000.arrow")
    for call in (
        ("dedup", "--input", "crawl", "--output", "out"),
        ("filter", "--input", "out", "--output", "kept"),
        ("show", "out"),
        ("verify", "out"),
    ):
        done = glmdata(*call)
        assert (done.code, "a stage of format 1" in done.err) == (2, True), done.err
    assert glmdata("dedup", "--input", "crawl", "--output", "out", "--fresh").code == 0
    assert not Path("out/part-000000.arrow").exists()
    assert glmdata("verify", "out").code == 0


def test_a_source_of_that_name_is_no_folder_of_documents(glmdata: Glmdata, crawl: Crawl) -> None:
    rows: list[Any] = [{"source": "data", "text": page(n)} for n in range(3)]
    crawl(*rows)
    done = glmdata("shard", "--input", "crawl", "--output", "store", "--tokenizer", "cl100k_base")
    assert done.code == 0, done.err
    assert Path("store/data/part-000000.arrow").exists()
    assert not Path("store/README.md").exists()
    done = glmdata("dedup", "--input", "store", "--output", "again")
    assert (done.code, "a shard stage" in done.err) == (2, True), done.err
