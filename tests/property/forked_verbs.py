"""Run verbs in forks of a process that has imported everything: a start costs milliseconds.

Read from standard input: one JSON array of [seconds, fault, arguments...] a line, where a fault is
null or what `server.py` sends. Written for each: the exit code, minus a signal, or `hang`; what a
verb says goes to `out` and `err` in the folder, how many calls of each kind it made to `calls`.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def serve() -> None:
    """Answer until standard input ends."""
    import polars  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import glmdata.cli.main as cli
    from glmdata import _native  # noqa: F401
    from glmdata.cli import verbs  # noqa: F401

    for line in sys.stdin:
        seconds, fault, *arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            for name, number in (("out", 1), ("err", 2)):
                file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, number)
            code = cli.run(arguments) if fault is None else _run_with(fault, arguments)
            sys.stdout.flush()
            os._exit(code)
        sys.stdout.write(f"{_wait(child, seconds)}\n")
        sys.stdout.flush()


def _run_with(fault: dict[str, Any], arguments: list[str]) -> int:
    """Run a verb while the preloaded library of `faults.c` lets calls fail."""
    import glmdata.cli.main as cli

    library = ctypes.CDLL(None)
    library.fault_seen.restype = ctypes.c_long
    first, last = (ctypes.c_long(fault[name]) for name in ("first", "last"))
    folder = fault["folder"].encode()
    library.fault_arm(folder, fault["call"], first, last, fault["errno"])
    code = cli.run(arguments)
    calls = [library.fault_seen(call) for call in range(fault["calls"])]
    library.fault_arm(b"", -1, ctypes.c_long(0), ctypes.c_long(0), 0)
    Path("calls").write_text(json.dumps(calls))
    return code


def _wait(child: int, seconds: float) -> int | str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hang"


if __name__ == "__main__":
    serve()
