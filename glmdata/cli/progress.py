"""The running line on standard error: what is done, how fast, how long still, how much memory.

On a terminal it is a bar redrawn ten times a second; elsewhere a line a minute, so that the log of
a night's job stays short. What is counted is the work itself: bytes of files as they lie on disk,
pairs that are compared, tokens, rows. Nothing says 100 % before the end. The figures are read from
the counters of the compiled module by a thread of its own; the work never waits for the terminal.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from glmdata.cli.output import say
from glmdata.cli.terminal import wants_color
from glmdata.config.sizes import show_size

REDRAW_SECONDS = 0.1
LOG_SECONDS = 60.0


class Kind(NamedTuple):
    """What a phase is called, what it counts, and what its share and time left are of."""

    word: str
    things: str
    bytes: bool
    """The work is in bytes; else in things or, of `tokens`, in themselves."""


_KINDS = {
    "discover": Kind("listing", "files", False),
    "scan": Kind("reading", "documents", True),
    "match": Kind("matching", "documents", False),
    "load": Kind("loading", "documents", True),
    "verify": Kind("verifying", "pairs", False),
    "follow": Kind("verifying families", "pairs", False),
    "write": Kind("writing", "documents", True),
    "learn": Kind("learning", "tokens", False),
    "pack": Kind("packing", "documents", False),
    "rows": Kind("writing", "rows", False),
    "hash": Kind("hashing", "files", True),
    "export": Kind("writing", "rows", True),
}


class Running(Protocol):
    """What a running call adds to: of the compiled module, or of `glmdata.stage.counters`."""

    def read(self) -> tuple[str, int, int, int]:
        """(phase, things, finished work, all work; 0 = unknown)."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """Counters of a phase, `seconds` after it began."""

    phase: str
    things: int
    done: int
    total: int
    seconds: float

    def parts(self) -> dict[str, str]:
        """The figures in words: phase, share, count, rate, time left; empty where unknown."""
        kind = _KINDS.get(self.phase, Kind(self.phase, "things", False))
        # Learning counts tokens in the place of things.
        things = self.things or (0 if kind.bytes else self.done)
        rate = self.done / self.seconds if self.seconds > 0 else 0.0
        share, left, speed = "", "", ""
        if self.total:
            # It is not over before the phase is: nothing is rounded up.
            share = f"{min(99, 100 * self.done // self.total)}%"
            rest = self.total - self.done
            if rest <= 0:
                left = "finishing"
            elif rate:
                left = f"{show_seconds(max(0.1, rest / rate))} left"
        if self.seconds > 0 and kind.bytes and rate:
            speed = f"{rate / 1e6:,.1f} MB/s"
        elif self.seconds > 0:
            speed = f"{things / self.seconds:,.0f} {kind.things}/s"
        count = f"{things:,} {kind.things}"
        return {"phase": kind.word, "share": share, "count": count, "rate": speed, "left": left}

    def line(self, memory_bytes: int) -> str:
        """The same in one line, and memory."""
        parts = self.parts()
        shown = [parts[name] for name in ("count", "share", "rate", "left") if parts[name]]
        return f"{parts['phase']}: {', '.join(shown)}, {show_size(memory_bytes)} memory"


def show_seconds(seconds: float) -> str:
    """A duration for people.

    >>> show_seconds(3.21), show_seconds(75), show_seconds(7322)
    ('3.2 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


@contextlib.contextmanager
def watched(progress: Running) -> Iterator[None]:
    """Show the counters on standard error while the block runs."""
    stop = threading.Event()
    drawn = sys.stderr is not None and sys.stderr.isatty()
    show = _draw if drawn else _log
    thread = threading.Thread(target=show, args=(progress, stop), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _snapshots(progress: Running, stop: threading.Event, period: float) -> Iterator[Snapshot]:
    """A snapshot each period until the stop; none before there is something to tell."""
    phase, began, told = "", time.monotonic(), time.monotonic()
    # A phase is timed from when it is first seen, so it is looked for more often than shown.
    while not stop.wait(min(period, REDRAW_SECONDS)):
        name, things, done, total = progress.read()
        now = time.monotonic()
        if name != phase:
            phase, began = name, now
        if now - told >= period and now > began and (things or done):
            told = now
            yield Snapshot(name, things, done, total, now - began)


def _log(progress: Running, stop: threading.Event) -> None:
    for snapshot in _snapshots(progress, stop, LOG_SECONDS):
        say(snapshot.line(resident_bytes()), err=True)


def _draw(progress: Running, stop: threading.Event) -> None:
    # A terminal that hung up is no reason to end what it showed.
    with contextlib.suppress(OSError):
        _draw_bar(progress, stop)


def _draw_bar(progress: Running, stop: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True, no_color=not wants_color(sys.stderr))
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        *(
            TextColumn(f"{{task.fields[{name}]}}", markup=False)
            for name in ("share", "count", "rate", "left", "memory")
        ),
    ]
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False)
    with contextlib.ExitStack() as stack:
        task = None
        for snapshot in _snapshots(progress, stop, REDRAW_SECONDS):
            parts = snapshot.parts()
            fields: dict[str, Any] = {**parts, "memory": show_size(resident_bytes())}
            phase = fields.pop("phase")
            if task is None:
                stack.enter_context(bar)
                task = bar.add_task(phase, total=None, **fields)
            bar.update(
                task,
                description=phase,
                completed=snapshot.done,
                total=snapshot.total or None,
                refresh=True,
                **fields,
            )


def resident_bytes() -> int:
    """Memory this process holds now; where the system does not tell, the most it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
