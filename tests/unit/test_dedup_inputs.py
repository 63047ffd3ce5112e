from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from glmdata import dedup
from glmdata.errors import ConfigError, InputError
from glmdata.stage.inputs import source_of
from tests.unit.fake_native import FakeNative

ROWS = [{"id": "a", "text": "x"}, {"id": "b", "text": "x"}, {"id": "c", "text": "y"}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def rows() -> Iterator[dict[str, str]]:
    yield from ROWS


MEMORY: dict[str, Callable[[], Any]] = {
    "table": lambda: pa.Table.from_pylist(ROWS),
    "reader": lambda: pa.Table.from_pylist(ROWS).to_reader(),
    "frame": lambda: pl.DataFrame(ROWS),
    "lazy frame": lambda: pl.LazyFrame(ROWS),
    "iterator": rows,
    "list of dicts": lambda: list(ROWS),
    "binary file": lambda: io.BytesIO(LINES),
}


@pytest.mark.parametrize("kind", MEMORY)
def test_what_is_no_file_is_spooled(native: FakeNative, kind: str) -> None:
    report = dedup.run(MEMORY[kind](), "out")
    assert (report.documents_in, report.documents_kept) == (3, 2)
    assert not Path("out/.work").exists()


@pytest.mark.parametrize("kind", ["table", "iterator", "binary file"])
def test_spooled_input_is_recognised_by_content(native: FakeNative, kind: str) -> None:
    dedup.run(MEMORY[kind](), "out")
    assert dedup.run(MEMORY[kind](), "out").already_complete
    with pytest.raises(ConfigError, match="inputs changed"):
        dedup.run(iter([{"text": "other"}]), "out")
    assert not Path("out/.work").exists()


def test_an_interrupted_run_keeps_its_spooled_file(native: FakeNative) -> None:
    native.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        dedup.run(rows(), "out")
    spooled = Path("out/.work/input/memory.jsonl")
    before = spooled.stat().st_mtime_ns
    with pytest.raises(KeyboardInterrupt):
        dedup.run(rows(), "out")
    assert spooled.stat().st_mtime_ns == before
    native.failure = None
    dedup.run(rows(), "out")
    assert [call["resume"] for _, call in native.calls] == [False, True, True]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x1f\x8b\x08", "stdin.jsonl.gz"),
        (b"\x28\xb5\x2f\xfd", "stdin.jsonl.zst"),
        (b"PAR1", "stdin.parquet"),
        (b"ARROW1\0\0", "stdin.arrow"),
        (b'{"text": 1}', "stdin.jsonl"),
        (b"", "stdin.jsonl"),
    ],
)
def test_a_stream_is_named_by_its_first_bytes(
    native: FakeNative, tmp_path: Path, head: bytes, name: str
) -> None:
    content = head + bytes(3 << 20)
    paths, listing = source_of(io.BytesIO(content)).prepare(tmp_path)
    assert Path(paths[0]).name == name
    assert Path(paths[0]).read_bytes() == content
    assert listing[0]["bytes"] == len(content)


def test_a_late_key_and_a_lone_surrogate_are_kept(native: FakeNative, tmp_path: Path) -> None:
    records = [{"text": "x"}, {"text": "\ud800", "late": 1}]
    paths, _ = source_of(records).prepare(tmp_path)
    assert [json.loads(line) for line in Path(paths[0]).read_text().splitlines()] == records


@pytest.mark.parametrize("data", [7, None, {"text": "x"}, b"bytes"])
def test_what_is_no_input_is_refused(data: object) -> None:
    with pytest.raises(InputError, match=f"found {type(data).__name__}"):
        source_of(data)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("text", "record 1: expected a dict, found str"),
        ({"text": b"x"}, "record 1: not a JSON value"),
        ({"text": {1, 2}}, "record 1: not a JSON value"),
    ],
)
def test_a_wrong_record_is_numbered(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        source_of(iter([{"text": "x"}, record])).prepare(tmp_path)


def test_standard_input_stands_alone() -> None:
    with pytest.raises(InputError, match="alone"):
        source_of(["-", "crawl"])
