"""Run verbs in forks of a process that has imported everything: a start costs milliseconds.

Read from standard input: one JSON array of [seconds, arguments...] a line. Written for each: the
exit code, minus a signal, or `hang`; what a verb says goes to `out` and `err` in the folder.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def serve() -> None:
    """Answer until standard input ends."""
    import polars  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import glmdata.cli.main as cli
    from glmdata import _native  # noqa: F401
    from glmdata.cli import verbs  # noqa: F401

    for line in sys.stdin:
        seconds, *arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            for name, number in (("out", 1), ("err", 2)):
                file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, number)
            code = cli.run(arguments)
            sys.stdout.flush()
            os._exit(code)
        sys.stdout.write(f"{_wait(child, seconds)}\n")
        sys.stdout.flush()


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
