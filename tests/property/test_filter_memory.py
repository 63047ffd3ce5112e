"""The filter keeps below `--memory`, writes the same bytes under any, and refuses too little."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.property.stages import Stage, digests

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
LITTLE = 320


def write_pages(path: Path, documents: int, seed: int) -> None:
    """Short pages, so that their scores are about as large as they are."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("bdfgklmnprstvaeiou", k=rng.randint(3, 9))) for _ in range(5_000)]
    han = [chr(rng.randrange(0x4E00, 0x9000)) for _ in range(3_000)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", compresslevel=1) if path.suffix == ".gz" else path.open("w") as file:
        for number in range(documents):
            many = rng.randint(20, 120)
            chinese = rng.random() < 0.5
            text = (
                "".join(rng.choices(han, k=many))
                if chinese
                else " ".join(rng.choices(words, k=many))
            )
            lang = "zh" if chinese else "en"
            page = {"id": f"{seed}-{number}", "lang": lang, "label": lang, "text": f"{text}。"}
            file.write(json.dumps(page, ensure_ascii=False) + "\n")


def run(crawl: Path, output: Path, memory: str, *flags: str) -> subprocess.CompletedProcess[str]:
    command = ["filter", "--input", str(crawl), "--output", str(output), "--threads", "2"]
    return subprocess.run(
        [sys.executable, "-m", "glmdata", *command, "--memory", memory, *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_little_memory_writes_the_same_bytes_and_keeps_to_it(tmp_path: Path) -> None:
    """One unit has scores of four times as many bytes as a file of them may have."""
    write_pages(tmp_path / "crawl/web/a.jsonl.gz", 120_000, seed=1)
    write_pages(tmp_path / "crawl/web/b.jsonl", 20_000, seed=2)
    flags = ("--pii", "mask", "--removed-text")
    for output, memory in (("little", f"{LITTLE}MiB"), ("much", "8GiB")):
        done = run(tmp_path / "crawl", tmp_path / output, memory, *flags)
        assert done.returncode == 0, done.stderr
    little = Stage(tmp_path / "little")
    assert len(list((little.path / "scores").glob("part-*"))) > 1
    assert digests(little.path) == digests(tmp_path / "much")
    facts = little.read("run.json")
    assert facts["peak_memory_bytes"] <= LITTLE * MIB
    assert facts["memory_limit_bytes"] == LITTLE * MIB


def test_too_little_memory_is_refused(tmp_path: Path) -> None:
    write_pages(tmp_path / "crawl/a.jsonl", 3, seed=3)
    done = run(tmp_path / "crawl", tmp_path / "stage", "64MiB")
    assert done.returncode == 5
    assert "found 64 MiB" in done.stderr
    assert "hint: give at least --memory" in done.stderr
    assert not (tmp_path / "stage").exists()


@pytest.mark.parametrize("what", ["a long document", "the list of benchmark items", "a model"])
def test_what_does_not_fit_is_named_and_fits_with_more(tmp_path: Path, what: str) -> None:
    write_pages(tmp_path / "crawl/a.jsonl", 3, seed=3)
    flags: tuple[str, ...] = ()
    if what == "a long document":
        text = "".join(chr(0x4E00 + i * i % 5_000) for i in range(600_000))
        (tmp_path / "crawl/b.jsonl").write_text(json.dumps({"text": text}) + "\n")
    elif what == "a model":
        lessons = tmp_path / "lessons.jsonl"
        write_pages(lessons, 6_000, seed=4)
        model = tmp_path / "model"
        learn = [
            "train-classifier",
            "--input",
            str(lessons),
            "--dimension",
            "1024",
            "--epochs",
            "1",
        ]
        subprocess.run(
            [sys.executable, "-m", "glmdata", *learn, "--positive", "zh", "--output", str(model)],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        flags = ("--classifier", f"zh={model}")
    else:
        write_pages(tmp_path / "items.jsonl", 20_000, seed=5)
        flags = ("--benchmark", str(tmp_path / "items.jsonl"))
    done = run(tmp_path / "crawl", tmp_path / "stage", f"{LITTLE}MiB", *flags)
    assert done.returncode == 5, done.stderr
    assert f"{what} needs" in done.stderr
    assert "hint: give a larger --memory" in done.stderr
    assert not (tmp_path / "stage/manifest.json").exists()
    more = run(tmp_path / "crawl", tmp_path / "stage", "1GiB", *flags)
    assert more.returncode == 0, more.stderr
    assert Stage(tmp_path / "stage").read("run.json")["peak_memory_bytes"] <= 1024 * MIB
