"""Crawls as they are put together: files in one, stages over stages, one crawl twice."""

from __future__ import annotations

import bz2
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata, command, environment
from tests.e2e.test_filter import rows


def page(n: int) -> str:
    return f"Nine lamps were lit along quay {n} before boat {n * n} came in with {n + 7} crates."


def report(stage: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(stage, "report.json").read_text())
    return content


def test_a_stage_that_removed_nothing_is_read_by_all(glmdata: Glmdata, crawl: Crawl) -> None:
    """The second one has the config of the first, and was said to be made from itself."""
    crawl(*({"text": page(n), "lang": "en"} for n in range(9)))
    for before, after in (("crawl", "one"), ("one", "two"), ("two", "three")):
        done = glmdata("dedup", "--input", before, "--output", after)
        assert done.code == 0, done.err
    for call in (
        ("filter", "--preset", "none", "--input", "two", "--output", "filter-1"),
        ("filter", "--preset", "none", "--input", "filter-1", "--output", "filter-2"),
        ("filter", "--preset", "code", "--input", "filter-2", "--output", "filter-3"),
        ("shard", "--tokenizer", "cl100k_base", "--input", "two", "--output", "ids"),
    ):
        done = glmdata(*call)
        assert done.code == 0, done.err
    # A stage and one that was made from it hold the same documents twice.
    done = glmdata("dedup", "--input", "one", "two", "--output", "both")
    assert (done.code, "was made from one, which is read as well" in done.err) == (2, True)
    # What was refused leaves nothing that the next call stumbles over.
    assert glmdata("dedup", "--input", "two", "--output", "both").code == 0


@pytest.mark.parametrize("between", ["", "\r", "\x1e"])
def test_one_record_that_is_many_is_no_grace(glmdata: Glmdata, between: str) -> None:
    Path("crawl").mkdir()
    Path("crawl/a.jsonl").write_text(json.dumps({"text": page(0)}) + "\n")
    many = between.join(json.dumps({"text": page(n)}) for n in range(1, 400))
    Path("crawl/b.jsonl").write_bytes(many.encode())
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert (done.code, "bytes" in done.err) == (3, True), done.err
    assert report("out")["bytes"]["lost"] == len(many)


def test_a_wrong_checksum_of_a_page_is_a_damaged_file(glmdata: Glmdata) -> None:
    Path("crawl").mkdir()
    held = io.BytesIO()
    table = pa.table({"text": [page(n) for n in range(50)]})
    pq.write_table(table, held, compression="none", write_page_checksum=True, use_dictionary=False)
    data = held.getvalue()
    Path("crawl/a.parquet").write_bytes(data)
    assert glmdata("dedup", "--input", "crawl", "--output", "good").code == 0
    at = data.index(b"quay 23")
    Path("crawl/a.parquet").write_bytes(data[:at] + b"Q" + data[at + 1 :])
    done = glmdata("dedup", "--input", "crawl", "--output", "bad")
    assert done.code == 3, done.out
    assert "corrupt_file" in done.err + done.out


def test_one_crawl_twice_beside_an_index_is_refused(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"text": page(n)} for n in range(9)))
    call = ("dedup", "--input", "crawl", "--index", "index")
    assert glmdata(*call, "--output", "one").code == 0
    assert glmdata(*call, "--output", "one-again").code == 0
    done = glmdata(*call, "--keep", "first", "--output", "two")
    assert (done.code, "holds this crawl already" in done.err) == (2, True), done.err
    Path("crawl").rename("moved")
    done = glmdata("dedup", "--input", "moved", "--index", "index", "--output", "three")
    assert done.code == 0
    assert "nothing is new beside the index" in done.lines()["note"]


def test_too_many_names_are_the_wrong_column(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    from glmdata import filter
    from glmdata.errors import ConfigError
    from glmdata.filter import select

    monkeypatch.setattr(select, "MOST_NAMES", 20)
    for field, what in (("source", "sources"), ("lang", "languages")):
        crawl(*({"text": page(n), field: f"{n}"} for n in range(30)))
        with pytest.raises(ConfigError, match=f"{field}_field: expected at most 20 .*{what}"):
            filter.run("crawl/", f"out-{field}", lang_id="keep")


def test_a_fifo_in_a_stage_is_told_and_not_waited_for(crawl: Crawl, glmdata: Glmdata) -> None:
    crawl(*({"text": page(n)} for n in range(3)))
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    part = Path("out/data/part-000000.arrow")
    part.unlink()
    os.mkfifo(part)
    for call, code in (
        (("verify", "out"), 1),
        (("filter", "--input", "out", "--output", "kept"), 4),
        (("show", "out"), 4),
    ):
        done = subprocess.run(
            command(*call),
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        named = "part-000000.arrow" in done.stdout + done.stderr
        assert (done.returncode, named) == (code, True), done.stderr


def test_verify_misses_run_json(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    run = Path("out/run.json")
    whole = run.read_bytes()
    for content, word in ((b"{}", "changed"), (None, "missing")):
        run.unlink()
        if content is not None:
            run.write_bytes(content)
        done = glmdata("verify", "out", "--json")
        assert (done.code, json.loads(done.out)[word]) == (1, ["run.json"]), done.out
        run.write_bytes(whole)
    assert glmdata("verify", "out").code == 0


def test_rows_that_an_index_chooses_are_refused(glmdata: Glmdata) -> None:
    Path("saved").mkdir()
    table = pa.table({"text": [page(n) for n in range(5)]})
    with (
        pa.OSFile("saved/dataset.arrow", "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    state: dict[str, Any] = {"_data_files": [{"filename": "dataset.arrow"}]}
    Path("saved/state.json").write_text(json.dumps({**state, "_indices_data_files": None}))
    assert glmdata("dedup", "--input", "saved", "--output", "all").code == 0
    state["_indices_data_files"] = [{"filename": "indices.arrow"}]
    Path("saved/state.json").write_text(json.dumps(state))
    done = glmdata("dedup", "--input", "saved", "--output", "some")
    assert (done.code, "flatten_indices()" in done.err) == (2, True), done.err


def test_carriage_returns_alone_end_lines_of_text(glmdata: Glmdata) -> None:
    Path("crawl").mkdir()
    Path("crawl/a.txt").write_bytes(b"one two\rthree four\r\rfive\r\nsix\n")
    for split, texts in (
        ("line", ["one two", "three four", "five", "six"]),
        ("blank", ["one two\nthree four", "five\nsix"]),
    ):
        assert glmdata("dedup", "--input", "crawl", "--output", split, "--split", split).code == 0
        assert [row["text"] for row in rows(Path(split), "data")] == texts


@pytest.mark.parametrize("packed", ["bzip2", "zstd"])
def test_first_bytes_decide_what_is_packed(glmdata: Glmdata, packed: str) -> None:
    Path("crawl").mkdir()
    lines = "".join(json.dumps({"text": page(n)}) + "\n" for n in range(5)).encode()
    if packed == "bzip2":
        Path("crawl/a.jsonl").write_bytes(bz2.compress(lines))
        Path("crawl/b.txt").write_bytes(b"BZh9 is how a file of bzip2 begins.")
    else:
        Path("crawl/a.jsonl.zst").write_bytes(lines)
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert done.code == 0, done.err
    assert report("out")["documents"]["kept"] == (6 if packed == "bzip2" else 5)
    note = "looks like bzip2, read as such" if packed == "bzip2" else "is not packed, read as it is"
    assert note in done.out
