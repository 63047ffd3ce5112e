"""A process of `forked_verbs.py`, and the faults it can be asked for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.e2e.conftest import environment

CALLS = ("read", "write", "fsync", "rename", "open", "list")
"""The kinds of calls that `faults.c` counts and fails, in its order."""


@dataclass(frozen=True)
class Fault:
    """Calls number `first` to `last` of a kind fail, of those on files in the server's folder."""

    call: str
    first: int
    last: int
    errno: int


NOTHING_FAILS = Fault("read", 0, 0, 0)


class Server:
    """Runs verbs in forks; their calls can fail if the library of `fault_library` is preloaded."""

    def __init__(self, folder: Path, seconds: float = 30.0, preload: Path | None = None) -> None:
        self.folder = folder
        self._seconds = seconds
        preloaded = {} if preload is None else {"LD_PRELOAD": str(preload)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.property.forked_verbs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={**environment(), **preloaded},
            text=True,
        )

    def run(self, arguments: tuple[str, ...], fault: Fault | None = None) -> int | str:
        """The exit code, minus a signal, or `hang`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = None
        if fault is not None:
            asked = {**asdict(fault), "call": CALLS.index(fault.call), "calls": len(CALLS)}
            asked["folder"] = f"{self.folder}/"
        self._process.stdin.write(json.dumps([self._seconds, asked, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        return answer if answer == "hang" else int(answer)

    def said(self) -> str:
        """What the last verb wrote to standard error."""
        return (self.folder / "err").read_text(errors="replace")

    def calls(self) -> dict[str, int]:
        """How many calls of each kind the last verb made that ran with a fault."""
        return dict(zip(CALLS, json.loads((self.folder / "calls").read_text()), strict=True))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def fault_library(folder: Path) -> Path:
    """Compile `faults.c`."""
    compiler = shutil.which("cc")
    assert compiler is not None, "the native module needs a C compiler, too"
    library = folder / "faults.so"
    source = Path(__file__).with_name("faults.c")
    options = ["-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *options, "-o", library, source, "-ldl"], check=True)
    return library
