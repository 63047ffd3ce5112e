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
