"""The same bytes for any threads, listing, memory, and after any number of kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from glmdata.stage.atomic import TEMPORARY_PREFIX
from tests.property.crawls import crawl_documents, write_crawl
from tests.property.stages import Stage, digests, run_on
from tests.property.texts import Document, units

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Scene:
    """A crawl, and what a run on it with plenty of memory wrote."""

    documents: list[Document]
    files: int
    crawl: Path
    whole: dict[str, str]


def scene(folder: Path, n: int, length: int, files: int) -> Scene:
    documents = crawl_documents(1, n, length)
    crawl = write_crawl(folder / "crawl", documents, files)
    stage = run_on(crawl, folder / "whole")
    facts = stage.read("run.json")
    assert (facts["runs_spilled"], facts["partitions"], facts["units_spooled"]) == (0, 0, 0)
    removed = stage.read("report.json")["removed_by_rule"]
    assert removed["fuzzy"] > n // 20
    assert removed["exact-raw"] > n // 20
    return Scene(documents, files, crawl, digests(stage.path))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """9 MB in 40 files."""
    return scene(tmp_path_factory.mktemp("small"), n=2_000, length=600, files=40)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """90 MB in 60 files."""
    return scene(tmp_path_factory.mktemp("large"), n=20_000, length=600, files=60)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_any_number_of_threads_writes_the_same_bytes(
    small: Scene, tmp_path: Path, threads: int
) -> None:
    assert digests(run_on(small.crawl, tmp_path / "stage", threads=threads).path) == small.whole


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_a_listing_changes_nothing(small: Scene, tmp_path: Path, seed: int) -> None:
    order = random.Random(seed)
    crawl = write_crawl(tmp_path / "crawl", small.documents, small.files, order)
    assert digests(run_on(crawl, tmp_path / "stage").path) == small.whole
    names = [str(path) for path in crawl.rglob("*.*")]
    order.shuffle(names)
    # Named one by one in any order.
    one = run_on(names, tmp_path / "one")
    order.shuffle(names)
    assert digests(run_on(names, tmp_path / "two").path) == digests(one.path)


def check_spilled(scene: Scene, stage: Stage, runs: bool) -> None:
    """`runs`: also band keys, most of which are dropped unsorted, did not fit."""
    facts = stage.read("run.json")
    assert (facts["runs_spilled"] > 0) == runs
    assert facts["partitions"] > 1
    assert facts["units_spooled"] > 0
    assert facts["bytes_read_per_input_byte"] <= 3
    assert digests(stage.path) == scene.whole


@pytest.mark.usefixtures("as_asked")
@pytest.mark.parametrize(("memory", "runs"), [("3MiB", True), ("6MiB", False)])
def test_little_memory_writes_the_same_bytes(
    small: Scene, tmp_path: Path, memory: str, runs: bool
) -> None:
    check_spilled(small, run_on(small.crawl, tmp_path / "stage", memory=memory), runs)


@pytest.mark.slow
@pytest.mark.usefixtures("as_asked")
@pytest.mark.parametrize(("memory", "runs"), [("12MiB", True), ("24MiB", True)])
def test_little_memory_for_much_input(
    large: Scene, tmp_path: Path, memory: str, runs: bool
) -> None:
    check_spilled(large, run_on(large.crawl, tmp_path / "stage", memory=memory), runs)


def start(scene: Scene, output: Path) -> subprocess.Popen[bytes]:
    arguments = ["dedup", "--input", str(scene.crawl), "--output", str(output), "--threads", "2"]
    # What it says goes to a file: nobody reads a pipe of a process that is killed.
    with output.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "glmdata", *arguments], cwd=ROOT, stdout=log, stderr=log
        )


def check_kills(scene: Scene, folder: Path, kills: int, seed: int) -> None:
    """Kill runs at random moments; a folder is killed up to three times, then its run may end."""
    rng = random.Random(seed)
    began = time.monotonic()
    assert start(scene, folder / "timing").wait() == 0
    seconds = time.monotonic() - began
    killed = tries = 0
    # A short run may end before its moment comes.
    while killed < kills and tries < 6 * kills:
        output = folder / f"stage-{tries}"
        for _ in range(3):
            tries += 1
            process = start(scene, output)
            try:
                process.wait(seconds * rng.uniform(0.1, 1.0))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            if process.wait() == 0:
                break
            assert process.returncode == -signal.SIGKILL, output.with_suffix(".log").read_text()
        finish(scene, output)
    assert killed >= kills


def finish(scene: Scene, output: Path) -> int:
    """Let a run end, compare; units it took from the killed one before it."""
    process = start(scene, output)
    assert process.wait() == 0, output.with_suffix(".log").read_text()
    assert digests(output) == scene.whole
    assert not (output / ".work").exists()
    return int(Stage(output).read("run.json")["units_reused"])


def test_a_killed_run_goes_on_to_the_same_bytes(small: Scene, tmp_path: Path) -> None:
    check_kills(small, tmp_path, kills=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_runs_killed_at_fifty_moments(large: Scene, tmp_path: Path) -> None:
    check_kills(large, tmp_path, kills=50, seed=2)


def test_a_resumed_run_takes_what_is_there(small: Scene, tmp_path: Path) -> None:
    """Killed as soon as ten of its units are done, so that the next run must take them."""
    output = tmp_path / "stage"
    process = start(small, output)
    while process.poll() is None and len(list(output.glob(".work/unit-*.scan"))) < 10:
        time.sleep(0.001)
    process.kill()
    process.wait()
    if (output / "manifest.json").exists():
        pytest.fail("the run ended before it could be killed: give it more to do")
    assert finish(small, output) >= 10


def test_a_torn_unit_is_scanned_again(small: Scene, tmp_path: Path) -> None:
    """A power cut may leave a file that is no whole scan."""
    output = tmp_path / "stage"
    process = start(small, output)
    while process.poll() is None and len(list(output.glob(".work/unit-*.scan"))) < 5:
        time.sleep(0.001)
    process.kill()
    process.wait()
    scans = sorted(output.glob(".work/unit-*.scan"))
    for scan in scans[:2]:
        os.truncate(scan, scan.stat().st_size // 2)
    scans[2].write_bytes(scans[2].read_bytes()[:-8] + b"\0\0\0\1\0\0\0\0")
    assert finish(small, output) <= len(scans) - 3


def test_what_a_kill_left_half_written_goes_away(small: Scene, tmp_path: Path) -> None:
    """Files are written under a temporary name; killed in between, that name stays behind."""
    output = tmp_path / "stage"
    process = start(small, output)
    while process.poll() is None and not list(output.glob(".work/unit-*.scan")):
        time.sleep(0.001)
    process.kill()
    process.wait()
    for folder in (output, output / "decisions"):
        folder.mkdir(exist_ok=True)
        (folder / f"{TEMPORARY_PREFIX}half").write_bytes(b"half")
    finish(small, output)


def check_equal_documents(folder: Path, n: int, seconds: float) -> None:
    text = "".join(units(random.Random(1), "mixed", 200))
    folder.mkdir()
    with (folder / "a.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(f'{{"id":"{i}","text":"{text}"}}\n' for i in range(n))
    began = time.monotonic()
    stage = run_on(folder, folder.with_name("stage"))
    assert time.monotonic() - began < seconds
    report = stage.read("report.json")
    assert report["documents"] == {"in": n, "kept": 1, "removed": n - 1, "quarantined": 0}
    assert report["removed_by_rule"]["exact-raw"] == n - 1


def test_a_hundred_thousand_equal_documents_take_seconds(tmp_path: Path) -> None:
    check_equal_documents(tmp_path / "crawl", 100_000, seconds=15)


@pytest.mark.slow
def test_a_million_equal_documents_take_seconds(tmp_path: Path) -> None:
    check_equal_documents(tmp_path / "crawl", 1_000_000, seconds=60)
