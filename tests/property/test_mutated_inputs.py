"""Crawl files with damaged bytes: every document is read, quarantined, or lost with a word.

What a file holds after the damage is judged by other readers: Python's own for lines, gzip and CSV,
zstandard, pyarrow.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.property.crawls import crawl_documents
from tests.property.server import Server
from tests.property.stages import rows_of

DOCUMENTS = crawl_documents(9, 60, 40)
TABLE = pa.Table.from_pylist([dict(record) for record in DOCUMENTS])
LINES = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in DOCUMENTS).encode()

ENDS = {0, 2, 3, 4, 5}
"""Exit codes that are answers. 3 says that too much was lost."""


def as_parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink, row_group_size=20, write_page_checksum=True)
    return sink.getvalue()


def as_arrow() -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=20)
    return sink.getvalue()


def as_csv() -> bytes:
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, ["id", "text", "n"])
    writer.writeheader()
    writer.writerows(DOCUMENTS)
    return sink.getvalue().encode()


WHOLE: dict[str, bytes] = {
    "jsonl": LINES,
    "jsonl.gz": gzip.compress(LINES, mtime=0),
    "jsonl.zst": zstandard.ZstdCompressor(write_checksum=True).compress(LINES),
    "parquet": as_parquet(),
    "arrow": as_arrow(),
    "csv": as_csv(),
}


def lines_in(data: bytes) -> int:
    return sum(1 for line in data.split(b"\n") if line.strip(b" \t\r"))


def from_gzip(data: bytes) -> int | None:
    try:
        return lines_in(gzip.decompress(data))
    except (OSError, EOFError, zlib.error):
        return None


def from_zstandard(data: bytes) -> int | None:
    try:
        decoder = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        return lines_in(decoder.read()) if data.startswith(b"\x28\xb5\x2f\xfd") else None
    except zstandard.ZstdError:
        return None


def from_columns(read: Callable[[pa.BufferReader], pa.Table]) -> Callable[[bytes], int | None]:
    """Only a table that is as it was counts: another reader may forgive other things."""

    def count(data: bytes) -> int | None:
        try:
            return TABLE.num_rows if read(pa.BufferReader(data)).equals(TABLE) else None
        except (pa.ArrowException, OSError, ValueError):
            return None

    return count


def from_csv(data: bytes) -> int | None:
    try:
        rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    straight = all(len(row) in (0, len(rows[0])) for row in rows)
    return len([row for row in rows[1:] if row]) if straight and "text" in rows[0] else None


HOLDS: dict[str, Callable[[bytes], int | None]] = {
    "jsonl": lines_in,
    "jsonl.gz": from_gzip,
    "jsonl.zst": from_zstandard,
    "parquet": from_columns(pq.read_table),
    "arrow": from_columns(lambda source: pa.ipc.open_file(source).read_all()),
    "csv": from_csv,
}
"""How many documents a file holds; None where that reader finds fault with it, too."""


def mutated(rng: random.Random, data: bytes) -> tuple[bytes, str]:
    """Damaged bytes, and how."""
    way = rng.choice(["flip", "flip", "flip", "cut", "zeros", "noise", "gone", "twice", "moved"])
    at = rng.randrange(len(data))
    length = min(rng.choice([1, 4, 64, 1000]), len(data) - at)
    before, part, after = data[:at], data[at : at + length], data[at + length :]
    if way == "flip":
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 1, 4])):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        return bytes(flipped), way
    made = {
        "cut": before,
        "zeros": before + bytes(length) + after,
        "noise": before + rng.randbytes(length) + after,
        "gone": before + after,
        "twice": before + part + part + after,
        "moved": after + before + part,
    }
    return made[way], f"{way} {at} {length}"


def judged(stage: Path, holds: int | None, code: int) -> str | None:
    """What is wrong with a finished stage over one damaged file; None if nothing is."""
    report: dict[str, Any] = json.loads((stage / "report.json").read_text())
    documents, files = report["documents"], report["files"]
    decided = sum(len(rows_of(part)) for part in sorted(stage.glob("decisions/part-*.arrow")))
    told = documents["quarantined"] > 0 or files["lost"] > 0
    if documents["in"] != documents["kept"] + documents["removed"] + documents["quarantined"]:
        return "the sums do not hold"
    if decided != documents["kept"] + documents["removed"]:
        return f"{decided} decisions"
    if holds is not None and documents["in"] != holds and not told:
        return f"the file holds {holds}"
    if holds is None and documents["in"] < len(DOCUMENTS) and not told:
        return "documents are missing"
    if code == 3 and not told:
        return "too much was lost, but nothing is told"
    return None


def attack(server: Server, form: str, rounds: int) -> list[str]:
    rng = random.Random(f"{form} {rounds}")
    crawl, new = server.folder / "crawl", server.folder / "new"
    wrong = []
    for number in range(rounds):
        for folder in (crawl, new):
            shutil.rmtree(folder, ignore_errors=True)
        crawl.mkdir()
        data, way = mutated(rng, WHOLE[form])
        (crawl / f"a.{form}").write_bytes(data)
        verb = ("filter", "--preset", "none") if number % 3 == 2 else ("dedup",)
        arguments = (*verb, "--input", "crawl/", "--output", "new")
        code = server.run(arguments)
        said = server.said()
        case = f"{form}: {way}: {verb[0]}: exit {code}"
        if code not in ENDS or "Traceback" in said:
            wrong.append(f"{case}\n{said[-1500:]}")
        elif (new / "manifest.json").exists():
            fault = judged(new, HOLDS[form](data), int(code))
            if fault is not None:
                counts = json.loads((new / "report.json").read_text())
                wrong.append(f"{case}: {fault}: {counts['documents']} {counts['files']}")
        elif code == 0:
            wrong.append(f"{case}: nothing was written")
    return wrong


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("mutated"))
    try:
        yield server
    finally:
        server.close()


@pytest.mark.parametrize("form", sorted(WHOLE))
def test_a_whole_file_is_whole(server: Server, form: str) -> None:
    """What the other readers find, so that the tests below compare something."""
    assert HOLDS[form](WHOLE[form]) == len(DOCUMENTS)
    assert HOLDS[form](WHOLE[form][: len(WHOLE[form]) // 2]) != len(DOCUMENTS)


@pytest.mark.parametrize("form", sorted(WHOLE))
def test_a_few_damages_lose_nothing_in_silence(server: Server, form: str) -> None:
    assert attack(server, form, 15) == []


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("form", sorted(WHOLE))
def test_three_hundred_damages_lose_nothing_in_silence(server: Server, form: str) -> None:
    assert attack(server, form, 300) == []
