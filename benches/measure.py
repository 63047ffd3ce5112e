"""Wall time, processor time and peak memory of a command with all the processes it starts.

`measured(command, ...)` starts this file as a small process between the caller and the command. It
adopts every descendant (Linux), also those whose parent ends first, as multiprocessing's fork
server does, and waits for all of them, so their processor time is complete. Peak memory is the
larger of the kernel's peak of the largest process, and of the sum over all processes seen ten times
a second, where a page that several share is divided among them (PSS). On macOS only the former is
known.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.1
PR_SET_CHILD_SUBREAPER = 36


class CommandError(Exception):
    """The command ended with another exit code than 0."""


@dataclass(frozen=True)
class Measurement:
    """What one run took; `lines` is its standard output."""

    wall_s: float
    user_s: float
    system_s: float
    peak_mb: float
    lines: list[str]


def measured(command: list[str], environment: dict[str, str], folder: Path) -> Measurement:
    """Run a command in a folder."""
    # What earlier runs left to write must not be written on this one's time.
    os.sync()
    with tempfile.NamedTemporaryFile("r", suffix=".json") as report:
        done = subprocess.run(
            [sys.executable, __file__, report.name, *command],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            cwd=folder,
        )
        if done.returncode:
            raise CommandError(
                f"{' '.join(command)}\nexit {done.returncode}\n{done.stderr[-4000:]}"
            )
        return Measurement(**json.load(report), lines=done.stdout.splitlines())


def descendants(root: int) -> list[int]:
    """Processes below `root`."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold anything; state and parent follow it.
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def shared_out_kilobytes(process: int) -> int:
    """Memory of a process, shared pages divided among those who share them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def watch(stop: threading.Event, peak: list[int]) -> None:
    """Keep the highest sum over all descendants in `peak`, until told to stop."""
    while not stop.wait(INTERVAL):
        processes = descendants(os.getpid())
        # Of a single process the kernel keeps the peak itself, and reading maps slows it down.
        if len(processes) > 1:
            peak[0] = max(peak[0], sum(map(shared_out_kilobytes, processes)))


def main() -> None:
    """Run the command in the arguments and write what it took to the file named first."""
    report, command = Path(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    stop, peak = threading.Event(), [0]
    watcher = threading.Thread(target=watch, args=(stop, peak))
    start = time.perf_counter()
    process = subprocess.Popen(command)
    watcher.start()
    code = process.wait()
    wall = time.perf_counter() - start
    # What was started and not waited for by its parent.
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    stop.set()
    watcher.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest = used.ru_maxrss // 1024 if sys.platform == "darwin" else used.ru_maxrss
    result = {
        "wall_s": wall,
        "user_s": used.ru_utime,
        "system_s": used.ru_stime,
        "peak_mb": max(largest, peak[0]) * 1024 / 1e6,
    }
    report.write_text(json.dumps(result))
    sys.exit(code)


if __name__ == "__main__":
    main()
