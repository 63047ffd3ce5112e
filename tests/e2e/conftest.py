"""Drive the command line from outside: exit code, both streams, files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What a command left on its streams."""

    code: int
    out: str
    err: str

    def lines(self) -> dict[str, str]:
        """Lines of a summary by their first word."""
        split = (line.split(None, 1) for line in self.out.splitlines() if line.strip())
        return {parts[0]: parts[1] if len(parts) > 1 else "" for parts in split}


def command(*arguments: str) -> list[str]:
    """The command line for a subprocess."""
    return [sys.executable, "-m", "glmdata", *arguments]


def environment() -> dict[str, str]:
    """An environment in which this checkout is found from any folder."""
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [known, str(ROOT)]))}


def run_script(
    script: str, place: Path, installed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script of bash in the current folder, with `glmdata` and `python` of this checkout.

    They are put beside `place`. With `installed`, a folder of programs, they are those, and nothing
    of this checkout is found, however the tests were started.
    """
    known = environment()
    if installed:
        programs = Path(installed)
        known.pop("PYTHONPATH", None)
    else:
        programs = place.parent / "programs"
        programs.mkdir()
        for name, words in (("glmdata", "-m glmdata"), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            (programs / name).chmod(0o755)
    return subprocess.run(
        ["bash", "-c", script],
        env={**known, "PATH": f"{programs}:{known['PATH']}"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


Glmdata = Callable[..., Outcome]


@pytest.fixture
def glmdata() -> Glmdata:
    """Run `glmdata` with arguments; `stdin` and `env` go to the process."""

    def run(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Outcome:
        done = subprocess.run(
            command(*arguments),
            input=stdin,
            capture_output=True,
            env={**environment(), **(env or {})},
            timeout=120,
            check=False,
        )
        assert b"\x1b" not in done.stdout, "no escape sequences off a terminal"
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
