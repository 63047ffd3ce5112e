"""The example on shards the pipeline made: it learns, and goes on exactly after a kill."""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from glmdata import sample

ROOT = Path(__file__).parents[2]
KILLED_AFTER = 0.55
"""Of the steps: behind a checkpoint, and not at one."""

for needed in ("torch", "transformers"):
    pytest.importorskip(needed)


@pytest.fixture
def environment() -> dict[str, str]:
    known = os.environ.get("PYTHONPATH", "")
    paths = os.pathsep.join(filter(None, [known, str(ROOT)]))
    # Two processes of several threads on two cores would wait for each other most of the time.
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def plan(environment: dict[str, str]) -> Path:
    """A pack plan of the sample, by the verbs a user would type."""
    sample.write(Path("crawl"))
    for arguments in (
        ("dedup", "--input", "crawl"),
        ("filter",),
        ("train-tokenizer", "--base", "none", "--vocab-size", "2000"),
        ("shard",),
        ("mix", "--row-length", "128"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "glmdata", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return Path("glmdata-out/mix")


def command(plan: Path, output: str, steps: int, *more: str) -> list[str]:
    example = str(ROOT / "examples/train_tiny_glm.py")
    saving = ("--save-every", str(steps // 4), "--threads", "1", *more)
    places = ("--plan", str(plan), "--output", output, "--steps", str(steps))
    return [sys.executable, example, *places, *saving]


def log_of(output: str) -> list[dict[str, Any]]:
    path = Path(output, "log.jsonl")
    lines = path.read_text().splitlines() if path.exists() else []
    # The kill may have come in the middle of a line.
    return [json.loads(line) for line in lines if line.endswith("}")]


def run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("steps", [60, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.timeout(1_200)
def test_it_learns_and_goes_on_exactly_after_a_kill(
    plan: Path, environment: dict[str, str], steps: int
) -> None:
    run(command(plan, "whole", steps), environment)
    whole = log_of("whole")
    assert [line["step"] for line in whole] == list(range(steps))

    # A model that knows nothing loses the logarithm of its vocabulary.
    assert abs(whole[0]["loss"] - math.log(2_048)) < 0.5
    losses = [line["loss"] for line in whole]
    first, last = statistics.mean(losses[:10]), statistics.mean(losses[-10:])
    assert last < 0.75 * first, (first, last)

    killed = subprocess.Popen(command(plan, "killed", steps), env=environment)
    while len(log_of("killed")) < steps * KILLED_AFTER:
        assert killed.poll() is None, "ended before it could be killed"
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    before = log_of("killed")
    assert steps * KILLED_AFTER <= len(before) < steps, "killed in the middle"
    # It goes on with another number of workers.
    run(command(plan, "killed", steps, "--workers", "2"), environment)
    after = log_of("killed")[len(before) :]
    start = after[0]["step"]
    assert 0 < start <= len(before)
    assert [line["step"] for line in after] == list(range(start, steps))
    for line in before + after:
        expected = whole[line["step"]]
        assert line["batch"] == expected["batch"]
        assert line["loss"] == pytest.approx(expected["loss"], abs=1e-3)
    assert len({line["batch"] for line in whole}) == steps
