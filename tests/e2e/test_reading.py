"""What was not read is an error that says why, and what a tool wrote is read as what it is."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.sealed import reseal


def page(n: int) -> str:
    """A text that resembles no other."""
    return " ".join(f"word{(n * 7919 + i * 104729) % 99991}" for i in range(60))


def kept(stage: str) -> list[dict[str, Any]]:
    with pa.OSFile(f"{stage}/data/part-000000.arrow") as file:
        rows: list[dict[str, Any]] = pyarrow.ipc.open_file(file).read_all().to_pylist()
    return rows


def report(stage: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(stage, "report.json").read_text())
    return content


@pytest.mark.parametrize("verb", ["dedup", "filter", "train-tokenizer"])
def test_nothing_to_read_is_exit_3_and_leaves_nothing(glmdata: Glmdata, verb: str) -> None:
    Path("bare").mkdir()
    done = glmdata(verb, "--input", "bare", "--output", "out")
    assert done.code == 3, done.err
    assert "no document was read" in done.err
    assert ".jsonl" in done.err, "it says what can be read"
    Path("bare/a.html").write_text("<p>x</p>")
    done = glmdata(verb, "--input", "bare", "--output", "out")
    assert (done.code, "bare/a.html: no reader" in done.err) == (3, True), done.err
    # Nothing of the failed runs stands in the way of the one that works.
    Path("bare/a.jsonl").write_text(json.dumps({"text": page(1)}) + "\n")
    again = glmdata(verb, "--input", "bare", "--output", "out")
    assert again.code == 0, again.err


def test_the_wrong_field_fails_at_once_and_names_the_others(glmdata: Glmdata) -> None:
    Path("crawl").mkdir()
    table = pa.table({"id": ["1", "2"], "content": [page(1), page(2)]})
    pq.write_table(table, "crawl/a.parquet")
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert (done.code, "content, id" in done.err, "--text-field" in done.err) == (2, True, True)
    done = glmdata("dedup", "--input", "crawl", "--output", "out", "--text-field", "text,content")
    assert done.code == 0, done.err
    assert [row["text"] for row in kept("out")] == [page(1), page(2)]


def test_lost_files_count_by_files_and_rows(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    for n in range(10):
        Path(f"crawl/p{n}.parquet").write_bytes(b"PAR1" + bytes(5000))
    rows = pa.table({"content": [page(n) for n in range(20)]})
    pq.write_table(rows, "crawl/other.parquet")
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert done.code == 3, done.err
    assert "10 files: Parquet error" in done.out, "the reason stands in the terminal, once"
    assert "1 file, 20 documents: no column `text`; it has content" in done.out
    data = report("out")
    assert data["files"] == {"in": 12, "lost": 11}
    counts = {"in": 21, "kept": 1, "removed": 0, "quarantined": 20}
    assert data["documents"] == counts, "rows that a footer knows are in the sums"


def test_files_that_break_off_are_no_grace(glmdata: Glmdata) -> None:
    import gzip

    Path("crawl").mkdir()
    for n in range(12):
        packed = gzip.compress((json.dumps({"text": page(n)}) + "\n").encode())
        Path(f"crawl/{n:02}.jsonl.gz").write_bytes(packed if n < 2 else packed[:40])
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert (done.code, report("out")["files"]) == (3, {"in": 12, "lost": 10})


def test_a_stage_folder_is_its_kept_documents(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"id": "a", "text": page(1)}, {"id": "b", "text": page(1) + " more"})
    done = glmdata("dedup", "--input", "crawl", "--output", "first", "--removed-text")
    assert done.code == 0, done.err
    for verb, output in (("dedup", "second"), ("filter", "third")):
        preset = ["--preset", "none"] if verb == "filter" else []
        done = glmdata(verb, "--input", "first", "--output", output, *preset)
        assert done.code == 0, done.err
        assert report(output)["documents"]["in"] == 1, "removed documents do not come back"
    assert glmdata("verify", "third").code == 0


@pytest.mark.parametrize("verb", ["dedup", "filter", "shard", "train-tokenizer"])
def test_a_flipped_byte_in_a_stage_is_exit_4(glmdata: Glmdata, crawl: Crawl, verb: str) -> None:
    crawl(*({"id": str(n), "text": page(n)} for n in range(50)))
    assert glmdata("dedup", "--input", "crawl", "--output", "first").code == 0
    part = Path("first/data/part-000000.arrow")
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    vocabulary = ["--tokenizer", "cl100k_base"] if verb == "shard" else []
    done = glmdata(verb, "--input", "first", "--output", "out", *vocabulary)
    assert done.code == 4, done.err
    assert "part-000000.arrow" in done.err
    assert "dedup stage" in done.err


@pytest.mark.parametrize("form", ["arrow", "parquet", "jsonl.zst"])
def test_fields_survive_every_stage(glmdata: Glmdata, form: str) -> None:
    for name, date in (("old", "2020-01-01"), ("new", "2024-06-01")):
        Path(name).mkdir()
        text = page(1) + (" and a little more of the old" if name == "old" else "")
        record = {"id": name, "date": date, "text": text}
        Path(name, "a.jsonl").write_text(json.dumps(record) + "\n")
        done = glmdata("dedup", "--input", name, "--output", f"{name}-out", "--format", form)
        assert done.code == 0, done.err
    options = ["--keep", "newest:date", "--output", "both"]
    done = glmdata(
        "dedup", "--input", "old-out/data/part-*", "--input", "new-out/data/part-*", *options
    )
    assert done.code == 0, done.err
    (row,) = kept("both")
    assert (row["id"], json.loads(row["meta"])) == ("new", {"date": "2024-06-01"})


def test_a_policy_needs_its_column(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1), "date": "2024-01-01"}, {"text": page(2)})
    done = glmdata("dedup", "--input", "crawl", "--keep", "newest:nosuch", "--output", "out")
    assert (done.code, "`nosuch`" in done.err) == (2, True), done.err
    done = glmdata("dedup", "--input", "crawl", "--keep", "newest:date", "--output", "out")
    assert (done.code, report("out")["documents_without_keep"]) == (0, 1)
    assert "1 of 2 documents" in done.lines()["keep"]


def test_the_shell_may_write_the_globs_out(glmdata: Glmdata, crawl: Crawl) -> None:
    for n in range(3):
        crawl({"text": page(n)}, name=f"{n}.jsonl")
    names = [f"crawl/{n}.jsonl" for n in range(3)]
    assert glmdata("dedup", "--input", *names, "--output", "one").code == 0
    assert glmdata("dedup", *names, "--output", "two").code == 0
    for output in ("one", "two"):
        assert report(output)["documents"]["in"] == 3


def test_names_that_are_no_utf8(glmdata: Glmdata) -> None:
    folder = os.fsdecode(b"w\xd6\xd0")
    Path("crawl").mkdir()
    Path(os.fsdecode(b"crawl/\xd6\xd0.jsonl")).write_text(json.dumps({"text": page(1)}) + "\n")
    for verb in ("dedup", "filter", "train-tokenizer"):
        first = {"dedup": ["--input", "crawl"], "filter": ["--preset", "none"]}
        inputs = first.get(verb, [])
        done = glmdata(verb, *inputs, "--workspace", folder, "--memory", "2G")
        assert done.code == 0, done.err
        again = glmdata(verb, *inputs, "--workspace", folder, "--memory", "2GB")
        assert (again.code, "already complete" in again.err) == (0, True), again.err
    manifest = json.loads(Path(folder, "dedup/manifest.json").read_text())
    assert manifest["inputs"][0]["relative"] == r"\xd6\xd0.jsonl"


def test_text_files_links_and_windows_as_asked(glmdata: Glmdata) -> None:
    Path("crawl").mkdir()
    Path("outside.txt").write_text(page(9))
    Path("crawl/link.txt").symlink_to("../outside.txt")
    Path("crawl/a.txt").write_text(f"{page(1)}\n{page(2)}\n\n{page(3)}\n")
    documents = {}
    for split in ("file", "line", "blank"):
        for links in ("follow", "inside"):
            output, options = f"{split}-{links}", ["--split", split, "--links", links]
            done = glmdata("dedup", "--input", "crawl", "--output", output, *options)
            # A link that is not followed is a lost file, and one of two files is too many.
            assert done.code == (0 if links == "follow" else 3), done.err
            documents[output] = report(output)["documents"]["in"]
    assert documents == {
        "file-follow": 2,
        "file-inside": 1,
        "line-follow": 4,
        "line-inside": 3,
        "blank-follow": 3,
        "blank-inside": 2,
    }
    for wrong in (["--split", "page"], ["--links", "none"], ["--zst-window", "4GiB"]):
        assert glmdata("dedup", "--input", "crawl", "--output", "x", *wrong).code == 2


def test_verify_counts_along_the_chain(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"id": str(n), "text": page(n)} for n in range(5)))
    assert glmdata("dedup", "--input", "crawl").code == 0
    assert glmdata("filter", "--preset", "none").code == 0
    stage = Path("glmdata-out/filter")
    assert glmdata("verify", str(stage)).code == 0
    # A report whose own sums hold, of fewer documents than deduplication kept.
    manifest = json.loads((stage / "manifest.json").read_text())
    content = json.loads((stage / "report.json").read_text())
    content["documents"]["in"] -= 1
    content["documents"]["kept"] -= 1
    (stage / "report.json").write_text(json.dumps(content))
    manifest["counts"] = content["documents"]
    for entry in manifest["files"]:
        if entry["path"] == "report.json":
            data = (stage / "report.json").read_bytes()
            entry["bytes"], entry["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    reseal(stage / "manifest.json", manifest)
    done = glmdata("verify", str(stage))
    assert (done.code, "kept by" in done.out) == (1, True), done.out


def test_the_summary_says_what_was_wrong_with_records(glmdata: Glmdata) -> None:
    """A file with another field among good ones, a broken line, and a file that is lost whole."""
    folder = Path("crawl")
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(json.dumps({"text": page(n)}) + "\n" for n in range(9)))
    (folder / "b.jsonl").write_text(json.dumps({"id": "x", "content": page(20)}) + "\n{broken\n")
    (folder / "c.parquet").write_bytes(b"PAR1 no parquet")
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert done.code == 3, done.out
    assert "quarantined 2 (18.2%): 1 broken_json, 1 missing_text\n" in done.out
    assert "missing_text: no field `text`; it has id, content, such as b.jsonl, row 0" in done.out
    assert "broken_json: " in done.out
