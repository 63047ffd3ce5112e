"""Readers that go away: the work goes on, and the exit code is that of the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import environment

SHUT = {"stdout": ">&-", "stderr": "2>&-", "both": ">&- 2>&-", "all": "<&- >&- 2>&-"}


def shell(line: str) -> int:
    """Run a line of bash in which G is glmdata; the exit code of glmdata."""
    script = f'G="{sys.executable} -m glmdata"; {line}'
    done = subprocess.run(
        ["bash", "-c", script], env=environment(), capture_output=True, timeout=120, check=False
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done.returncode


@pytest.mark.parametrize("shut", SHUT)
def test_closed_streams_change_nothing(crawl: Crawl, shut: str) -> None:
    crawl({"id": "1", "text": "one text"}, {"id": "2", "text": "one text"})
    assert shell("$G dedup --input crawl --output open > /dev/null 2>&1") == 0
    assert shell(f"$G dedup --input crawl --output shut {SHUT[shut]}") == 0
    names = sorted(path.relative_to("open") for path in Path("open").rglob("*") if path.is_file())
    for name in names:
        if name.name != "run.json":
            assert Path("open", name).read_bytes() == Path("shut", name).read_bytes(), name
    assert shell(f"$G dedup --input crawl --output shut --json {SHUT[shut]}") == 0
    assert shell(f"$G dedup --input nowhere {SHUT[shut]}") == 2


def test_the_reader_of_a_pipe_that_goes_ends_nothing(crawl: Crawl) -> None:
    crawl(*({"id": str(n), "text": "one text", "source": "web"} for n in range(4)))
    Path("recipe.toml").write_text(
        "[pipeline]\ninput = ['crawl/']\n[dedup]\nmax_source_loss = 0.5\n"
    )
    gone = "| true; exit ${PIPESTATUS[0]}"
    assert shell(f"$G dedup --input crawl --output a {gone}") == 0
    assert Path("a/manifest.json").exists()
    assert shell(f"$G dedup --input crawl --output a --max-source-loss 0.5 --fresh {gone}") == 1
    assert shell(f"$G run recipe.toml 2>&1 {gone}") == 1
    assert Path("glmdata-out/dedup/manifest.json").exists()
    assert shell(f"$G show a --json {gone}") == 0
    assert shell(f"$G --help {gone}") == 0


def test_a_full_disk_behind_standard_output_is_told(crawl: Crawl) -> None:
    crawl({"id": "1", "text": "one text"})
    assert shell("$G dedup --input crawl --json > /dev/full") == 4
    assert Path("glmdata-out/dedup/manifest.json").exists()
