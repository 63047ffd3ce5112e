"""Whole recipes killed at random moments: the end is as if nobody had killed anything."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from glmdata import engine
from glmdata.errors import StorageError
from glmdata.stage.atomic import TEMPORARY_PREFIX
from glmdata.stage.folder import WORK_FOLDER
from glmdata.stage.manifest import Manifest
from tests.e2e.conftest import command, environment
from tests.e2e.test_run import stages
from tests.property.crawls import crawl_documents, write_crawl

RECIPE = """
[pipeline]
input = ["crawl/"]
threads = 2

[score]

[dedup]
keep = "best:n_words"

[filter]
preset = "none"
pii = "mask"

[tokenizer]
base = "none"
vocab_size = 3000

[shard]

[mix]
row_length = 512
infill_rate = 0.3
"""
"""Every stage there is, and scores before dedup."""


def begin(workspace: Path) -> subprocess.Popen[bytes]:
    """Start the recipe; returns once the first stage is named, when imports are done."""
    told = Path("told")
    with told.open("wb") as file:
        process = subprocess.Popen(
            command("run", "recipe.toml", "--workspace", str(workspace)),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    while process.poll() is None and b"[1/" not in told.read_bytes():
        time.sleep(0.01)
    return process


def finish(workspace: Path) -> float:
    """Let the recipe run to its end; seconds it worked."""
    process = begin(workspace)
    clock = time.monotonic()
    assert process.wait() == 0, Path("told").read_text()
    return time.monotonic() - clock


def check_kills(seed: int, moments: int) -> None:
    """Kill the recipe so often, each time at another moment.

    A workspace is killed until a run gets through, then compared, and another one is begun.
    """
    draw = random.Random(seed)
    seconds = finish(Path("whole"))
    whole = stages(Path("whole"))
    kills = 0
    while kills < moments:
        workspace = Path("killed")
        done = False
        while not done:
            process = begin(workspace)
            try:
                assert process.wait(draw.uniform(0, seconds)) == 0, Path("told").read_text()
                done = True
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        finish(workspace)
        assert stages(workspace) == whole
        shutil.rmtree(workspace)


def write_scene(documents: int, files: int) -> None:
    write_crawl(Path("crawl"), crawl_documents(7, documents, 600), files)
    Path("recipe.toml").write_text(RECIPE)


def test_six_moments(clean_place: Path) -> None:
    write_scene(3_000, 60)
    check_kills(1, 6)


@pytest.mark.parametrize(("stage", "unit"), [("score", "*.scores"), ("dedup", "*.scan")])
def test_killed_between_two_units(clean_place: Path, stage: str, unit: str) -> None:
    """What a stage had finished when it was killed is not done again."""
    write_scene(1_500, 60)
    finish(Path("whole"))
    process = begin(Path("killed"))
    while len(list(Path("killed", stage, ".work").glob(unit))) < 6:
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not Path("killed", stage, "manifest.json").exists(), "it ended before it was killed"
    finish(Path("killed"))
    run = json.loads(Path("killed", stage, "run.json").read_text())
    assert run["units_reused"] >= 6
    assert stages(Path("killed")) == stages(Path("whole"))


def test_half_written_files_of_every_stage_go_away(
    clean_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill in the middle of a write leaves a file under its temporary name."""
    write_scene(200, 4)
    whole = engine.run("recipe.toml", workspace="whole")

    def die(_: Manifest, folder: Path) -> None:
        for place in (folder, folder / WORK_FOLDER, *folder.glob("[a-z]*/")):
            (place / f"{TEMPORARY_PREFIX}half").write_bytes(b"half")
        raise StorageError("no manifest, as if killed")

    for step in whole.steps:
        with monkeypatch.context() as patch:
            patch.setattr(Manifest, "write", die)
            with pytest.raises(StorageError, match="as if killed"):
                engine.run("recipe.toml", workspace="killed", until=step.stage)
        engine.run("recipe.toml", workspace="killed", until=step.stage)
    assert stages(Path("killed")) == stages(Path("whole"))


@pytest.mark.slow
def test_fifty_moments(clean_place: Path) -> None:
    write_scene(24_000, 240)
    check_kills(2, 50)
