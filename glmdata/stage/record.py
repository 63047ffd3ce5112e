"""What run.json tells about the process and the machine."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from pathlib import Path

from glmdata import _native
from glmdata.config.limits import machine_memory


def now() -> str:
    """The time in UTC, such as 2026-11-21T23:07:43+00:00."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())


def peak_memory() -> int:
    """The largest resident size this process has had, in bytes."""
    # getrusage would count what the parent held when it started this process.
    status = Path("/proc/self/status")
    if status.exists():
        lines = (line.split() for line in status.read_text().splitlines())
        for name, *value in lines:
            if name == "VmHWM:":
                return int(value[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_peak_memory() -> None:
    """Let `peak_memory` count from here on, so that a stage is not told what one before it held.

    Where the system cannot forget, peaks stay those of the whole process.
    """
    with contextlib.suppress(OSError):
        # 5 resets the high water mark (proc(5), clear_refs).
        Path("/proc/self/clear_refs").write_text("5")


def host_facts() -> dict[str, object]:
    """The machine, as far as it explains times."""
    # Not the module `platform`, which starts a process to ask for the processor: 15 ms at the end
    # of a run.
    system = os.uname()
    return {
        "name": system.nodename,
        "system": f"{system.sysname}-{system.release}",
        "machine": system.machine,
        "simd": _native.simd_level(),
        "cores": os.cpu_count(),
        "memory_bytes": machine_memory(),
        "python": sys.version.split()[0],
    }
