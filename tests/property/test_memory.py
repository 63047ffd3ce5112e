"""Peak memory of the process stays below `--memory`, and what does not fit is spilled."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from tests.property.stages import Stage

ROOT = Path(__file__).parents[2]
MIB = 1 << 20


def write_much(file: IO[bytes], megabytes: int) -> None:
    """Pages of 600 made-up words; every fourth is an earlier one with some words changed."""
    rng = random.Random(megabytes)
    words = ["".join(rng.choices("bdfgklmnprstvaeiou", k=rng.randint(3, 9))) for _ in range(5_000)]
    pages: list[list[str]] = []
    written = number = 0
    while written < megabytes * MIB:
        if len(pages) > 400 and rng.random() < 0.25:
            page = list(rng.choice(pages))
            for _ in range(rng.randrange(12)):
                page[rng.randrange(len(page))] = rng.choice(words)
        else:
            page = rng.choices(words, k=600)
            pages.append(page)
            del pages[:-800]
        line = f'{{"id":"{number}","text":"{" ".join(page)}"}}\n'.encode()
        written += file.write(line)
        number += 1


def check_peak(crawl: Path, output: Path, memory: int) -> dict[str, Any]:
    """Run under a limit of so many MiB; what the run says of itself."""
    command = ["dedup", "--input", str(crawl), "--output", str(output), "--threads", "2"]
    subprocess.run(
        [sys.executable, "-m", "glmdata", *command, "--memory", f"{memory}MiB"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    facts = Stage(output).read("run.json")
    assert facts["peak_memory_bytes"] <= memory * MIB
    assert facts["units_spooled"] > 0
    assert facts["bytes_read_per_input_byte"] <= 3
    report = Stage(output).read("report.json")
    assert report["removed_by_rule"]["fuzzy"] > report["documents"]["in"] // 10
    return facts


def test_a_crawl_is_larger_than_memory(tmp_path: Path) -> None:
    """Text and shingle hashes of 100 MB would take 300 MB."""
    with (tmp_path / "a.jsonl").open("wb") as file:
        write_much(file, 100)
    assert check_peak(tmp_path / "a.jsonl", tmp_path / "stage", 224)["partitions"] > 1


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_two_gigabytes_in_half_a_gigabyte(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".gz":
        with gzip.open(path, "wb", compresslevel=1) as file:
            write_much(file, 2_048)
    else:
        with path.open("wb") as file:
            write_much(file, 2_048)
    facts = check_peak(path, tmp_path / "stage", 512)
    assert facts["partitions"] > 1
    assert facts["runs_spilled"] > 0
    assert facts["decoded_bytes"] > 2_048 * MIB


def test_too_little_memory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text":"a"}\n')
    command = ["dedup", "--input", str(tmp_path / "a.jsonl"), "--memory", "64MiB"]
    done = subprocess.run(
        [sys.executable, "-m", "glmdata", *command, "--output", str(tmp_path / "stage")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    assert "found 64 MiB" in done.stderr
    assert "hint: give at least --memory" in done.stderr
    assert not (tmp_path / "stage" / "manifest.json").exists()
