from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from pyarrow import parquet

from glmdata import sample


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        n_records, files = sample.write(tmp_path / folder)
    assert 3_000 < n_records < 3_200
    for path in files:
        twin = tmp_path / "one" / path.relative_to(tmp_path / "two")
        assert path.read_bytes() == twin.read_bytes()
    assert sample.documents(1) != sample.documents(2)


def test_a_second_write_leaves_files_alone(tmp_path: Path) -> None:
    _, files = sample.write(tmp_path)
    before = [path.stat().st_mtime_ns for path in files]
    sample.write(tmp_path)
    assert [path.stat().st_mtime_ns for path in files] == before


def test_every_format_can_be_read(tmp_path: Path) -> None:
    _, (plain, gz, zst, book, _) = sample.write(tmp_path)
    tables = sample.documents()
    lines = gzip.decompress(gz.read_bytes()).splitlines()
    assert [json.loads(line) for line in lines] == tables["news-en"]
    reader = zstandard.ZstdDecompressor().stream_reader(zst.read_bytes(), read_across_frames=True)
    assert [json.loads(line) for line in reader.read().splitlines()] == tables["wiki"]
    assert parquet.read_table(book).to_pylist() == tables["exercises"]
    assert len(plain.read_bytes().splitlines()) == len(tables["news-zh"]) + 5


def test_it_has_what_crawls_have() -> None:
    texts = Counter(row["text"] for table in sample.documents().values() for row in table)
    assert sum(n - 1 for n in texts.values()) > 300
    assert len([t for t in texts if t.startswith(("发布时间", "Posted on"))]) > 300
    assert any("列货车" in text for text in texts)
    assert len([text for text in texts if "harbour-post.net" in text or "联系电话" in text]) == 60
    assert any("暂无内容" in text for text in texts)
    assert {row.get("lang") for row in sample.documents()["wiki"]} == {"zh", "en", None}


def test_one_folder_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["sample"])
    with pytest.raises(SystemExit, match="expected one folder"):
        sample.main()
