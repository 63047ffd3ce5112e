"""What a run may use. None of it changes a byte of the result, so none of it is hashed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from glmdata.config.fields import option
from glmdata.config.model import Config
from glmdata.config.sizes import Size
from glmdata.errors import MemoryBudgetError

MEMORY_SHARE = 0.7
"""The share of the machine's memory a run takes when `--memory` is not given."""

THREAD_MEMORY = 40 << 20
"""Bytes a worker holds beside the budgets: a unit on its way in, shards on their way out."""

LEAST_WORKING_MEMORY = 32 << 20
"""Budgets below this spill all the time."""


@dataclass(frozen=True, init=False)
class StageLimits(Config):
    """Threads and place of a run; unset means: what this machine has."""

    threads: int | None = option(
        None,
        help="worker threads; unset: all cores this process may use",
        expected="a whole number from 1",
        group="run",
        metavar="N",
        ge=1,
    )
    output: str | None = option(
        None,
        help="stage folder; unset: a folder in the workspace, named like the stage",
        expected="a path",
        group="run",
        metavar="DIR",
    )


@dataclass(frozen=True, init=False)
class RunLimits(StageLimits):
    """The same for a stage that keeps to a limit of memory."""

    memory: Size | None = option(
        None,
        help="peak memory of the process; unset: 70 % of the machine",
        expected="a size such as 8GiB",
        group="run",
        metavar="SIZE",
        ge=1,
    )


def available_threads() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_memory() -> int:
    """70 % of the memory this process may use, in bytes."""
    return int(machine_memory() * MEMORY_SHARE)


def working_memory(memory: int, threads: int, least: int = LEAST_WORKING_MEMORY) -> int:
    """What is left of a limit for the budgets, in bytes, once process and workers have theirs.

    It is `least` bytes or more.

    Raises
    ------
    MemoryBudgetError
        Too little to work with.
    """
    taken = resident_memory() + threads * THREAD_MEMORY
    if memory - taken < least:
        # Rounded up, so that the hint holds although the process has grown a little by then.
        needed = -(-(taken + least) // (32 << 20)) * 32
        hint = f"give at least --memory {needed}MiB"
        raise MemoryBudgetError(
            f"--memory: expected at least {needed} MiB for {threads} threads, "
            f"found {memory / 2**20:.0f} MiB",
            hint=f"{hint}, or fewer --threads" if threads > 1 else hint,
        )
    return memory - taken


def resident_memory() -> int:
    """Bytes this process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine_memory() -> int:
    """Bytes of memory of the machine, or of the container if that is less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [physical]
    for place in (
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ):
        try:
            limits.append(int(Path(place).read_text().strip()))
        except (OSError, ValueError):
            continue  # no such control group, or its limit is the word "max"
    return min(limits)
