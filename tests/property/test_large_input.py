"""What a record, a file or a column makes of memory: the peak stays within `--memory`, or the run
ends and says what for.

A run that ended so and gets more memory gives the bytes of one that had enough from the start.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from tests.property.stages import digests

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
STRAY = 1.05
"""What a peak may be beyond the limit: pages of libraries, the allocator's own."""

# The peak of a run that failed is in no run.json. VmHWM is of this process alone.
AND_TELL = """
import atexit, runpy, sys
from glmdata.stage.record import peak_memory
atexit.register(lambda: print("peak", peak_memory(), file=sys.stderr))
runpy.run_module("glmdata", run_name="__main__", alter_sys=True)
"""


def run(stage: str, crawl: Path, output: Path, memory: int, *flags: str) -> tuple[int, str]:
    """Under a limit of so many MiB; the exit code and what was said."""
    command = [stage, "--input", str(crawl), "--output", str(output), "--threads", "2"]
    done = subprocess.run(
        [sys.executable, "-c", AND_TELL, *command, "--memory", f"{memory}MiB", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    *said, last = done.stderr.strip().splitlines()
    assert last.startswith("peak "), done.stderr
    assert int(last.split()[1]) <= memory * MIB * STRAY, done.stderr
    return done.returncode, "\n".join(said)


def write(path: Path, texts: Iterable[str]) -> Path:
    with path.open("w") as file:
        for text in texts:
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    return path


def prose(megabytes: float, seed: int = 1) -> str:
    rng = random.Random(seed)
    words = ["".join(rng.choices("bdfgklmnprstvaeiou", k=rng.randint(3, 9))) for _ in range(5_000)]
    many = int(megabytes * MIB / 7)
    return " ".join(rng.choices(words, k=many))


def units(megabytes: float) -> str:
    """Two bytes a unit, and no two neighbours of one weight."""
    rng = random.Random(2)
    return "".join(
        chr(0x4E00 + rng.randrange(5_000)) + rng.choice("abc ")
        for _ in range(int(megabytes * MIB / 4))
    )


def growing(megabytes: float) -> str:
    """U+FDFA is three bytes and has a normal form of 33."""
    rng = random.Random(3)
    many = int(megabytes * MIB / 12)
    return "".join("\ufdfa\ufdfa\ufdfa" + chr(0x4E00 + rng.randrange(5_000)) for _ in range(many))


def goes_on(stage: str, crawl: Path, place: Path, memory: int, enough: int) -> None:
    """The run in `little` goes on with `memory`, and writes what one in `enough` writes."""
    for output, limit in (("little", memory), ("enough", enough)):
        code, said = run(stage, crawl, place / output, limit)
        assert code == 0, said
    assert digests(place / "little") == digests(place / "enough")


LONG = {"prose": prose, "units": units, "growing": growing}


@pytest.mark.parametrize("name", LONG)
def test_a_long_record_is_not_held_many_times(tmp_path: Path, name: str) -> None:
    crawl = write(tmp_path / "a.jsonl", [LONG[name](16), prose(0.01)])
    code, said = run("dedup", crawl, tmp_path / "stage", 320)
    assert code == 0, said


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", LONG)
def test_a_record_of_sixty_megabytes(tmp_path: Path, name: str) -> None:
    crawl = write(tmp_path / "a.jsonl", [LONG[name](60), prose(0.01)])
    code, said = run("dedup", crawl, tmp_path / "little", 512)
    assert code == 5, said
    assert f"{crawl}: the record at 0 needs" in said
    assert "--max-record" in said
    goes_on("dedup", crawl, tmp_path, 1024, 1024)


@pytest.mark.parametrize("stage", ["dedup", "filter"])
def test_a_record_without_room_is_named_and_fits_with_more(tmp_path: Path, stage: str) -> None:
    crawl = write(tmp_path / "a.jsonl", [prose(0.01), prose(20)])
    code, said = run(stage, crawl, tmp_path / "little", 288)
    assert code == 5, said
    assert f"{crawl}: the record at " in said
    assert "--max-record" in said
    goes_on(stage, crawl, tmp_path, 4096, 4096)


def test_long_copies_are_compared_or_named(tmp_path: Path) -> None:
    texts = [prose(12, seed) for seed in range(2)]
    copies = [f"{text[: 8 * MIB]} changed {text[8 * MIB :]}" for text in texts]
    crawl = write(tmp_path / "a.jsonl", [*texts, *copies])
    code, said = run("dedup", crawl, tmp_path / "little", 288)
    assert code == 5, said
    assert f"{crawl}: record " in said
    assert "comparing long texts needs" in said
    goes_on("dedup", crawl, tmp_path, 1024, 1024)
    report = json.loads((tmp_path / "little/report.json").read_text())
    assert report["removed_by_rule"]["fuzzy"] == 2


def test_a_million_documents_that_say_little(tmp_path: Path) -> None:
    crawl = write(tmp_path / "a.jsonl", map(str, range(1_000_000)))
    code, said = run("dedup", crawl, tmp_path / "stage", 256)
    assert code == 5, said
    assert f"{crawl}: the table of documents needs" in said


def quarantined(stage: Path) -> tuple[int, list[dict[str, Any]]]:
    """What the report says of bad records, and the lines of the quarantine."""
    report = json.loads((stage / "report.json").read_text())
    lines = (stage / "quarantine/part-000000.jsonl").read_text().splitlines()
    return report["documents"]["quarantined"], list(map(json.loads, lines))


@pytest.mark.parametrize("stage", ["dedup", "filter"])
def test_a_million_broken_lines_are_counted(tmp_path: Path, stage: str) -> None:
    """Of a unit, 16,384 are listed one by one."""
    crawl = tmp_path / "a.jsonl"
    crawl.write_text('{"text":"a"}\n' + "".join(f"{{{n}\n" for n in range(1_000_000)))
    code, said = run(stage, crawl, tmp_path / "stage", 288)
    assert code == 3, said
    count, events = quarantined(tmp_path / "stage")
    assert count == 1_000_000 == sum(event["rows"] or 1 for event in events)
    assert 16_384 < len(events) < 40_000
    assert [event["row"] for event in events[:16_384]] == list(range(1, 16_385))


@pytest.mark.parametrize("stage", ["dedup", "filter"])
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_rows_that_a_few_bytes_claim_are_counted(tmp_path: Path, kind: str, stage: str) -> None:
    """Four million nulls took 1.4 GB as events of their own."""
    nulls = 1 << 22
    table = pa.table({"text": pa.chunked_array([pa.array(["a"]), pa.nulls(nulls, pa.string())])})
    crawl = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(table, crawl, compression="zstd")
    else:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(str(crawl), table.schema, options=options) as file:
            file.write_table(table, max_chunksize=1 << 16)
    code, said = run(stage, crawl, tmp_path / "stage", 288)
    assert code == 3, said
    count, events = quarantined(tmp_path / "stage")
    assert count == nulls
    places = [(event["row"], event["rows"] or 1) for event in events]
    assert [row for row, _ in places[1:]] == [row + rows for row, rows in places[:-1]]
    assert (places[0][0], sum(rows for _, rows in places)) == (1, nulls)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_million_short_documents_fit_into_little_more(tmp_path: Path) -> None:
    rng = random.Random(4)
    texts = (" ".join(str(rng.randrange(10**6)) for _ in range(30)) for _ in range(1_000_000))
    crawl = write(tmp_path / "a.jsonl", texts)
    goes_on("dedup", crawl, tmp_path, 640, 4096)


def test_copies_out_of_a_dictionary_are_not_held_until_one_is_kept(tmp_path: Path) -> None:
    """A file of a kilobyte that stands for six hundred."""
    keys = pa.array([0] * 600, pa.int32())
    column = pa.DictionaryArray.from_arrays(keys, pa.array(["x y z " * (MIB // 6)]))
    batch = pa.record_batch({"text": column})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    crawl = tmp_path / "a.arrow"
    with (
        pa.OSFile(str(crawl), "wb") as out,
        pa.ipc.new_file(out, batch.schema, options=options) as file,
    ):
        file.write_batch(batch)
    code, said = run("dedup", crawl, tmp_path / "stage", 256)
    assert code == 0, said


def test_one_large_batch_waits_or_is_named(tmp_path: Path) -> None:
    batch = pa.record_batch({"text": [prose(0.5, seed) for seed in range(90)]})
    crawl = tmp_path / "a.arrow"
    with pa.OSFile(str(crawl), "wb") as out, pa.ipc.new_file(out, batch.schema) as file:
        file.write_batch(batch)
    code, said = run("dedup", crawl, tmp_path / "little", 208)
    assert code == 5, said
    assert f"{crawl}: one page or batch of a column file needs" in said
    goes_on("dedup", crawl, tmp_path, 448, 1024)
