"""The running line on standard error: what is done, how fast, how long still, how much memory.

On a terminal it is a bar redrawn ten times a second; elsewhere one line now and then, so that the
log of a night's job stays short. The figures are read from the counters of the compiled module by
a thread of its own; the work never waits for the terminal.
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
from typing import Protocol

from glmdata.cli.output import say
from glmdata.cli.terminal import wants_color
from glmdata.config.sizes import show_size

REDRAW_SECONDS = 0.1
LOG_SECONDS = 10.0

_SHOWN_PHASES = {
    "discover": "listing",
    "scan": "reading",
    "match": "matching",
    "verify": "verifying",
    "write": "writing",
    "learn": "learning",
    "hash": "hashing",
    "export": "writing",
}
_COUNTED = {"hash": "files", "export": "rows"}
"""What a phase counts, where that is not documents."""


class Running(Protocol):
    """What a running call adds to: of the compiled module, or of `glmdata.stage.counters`."""

    def read(self) -> tuple[str, int, int, int]:
        """(phase, documents, bytes, total bytes; 0 = unknown)."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """Counters of a phase, `seconds` after it began."""

    phase: str
    documents: int
    n_bytes: int
    total_bytes: int
    seconds: float

    def line(self, memory_bytes: int) -> str:
        """The figures in words: documents/s, MB/s, time left, memory."""
        rate = self.n_bytes / self.seconds if self.seconds > 0 else 0.0
        # Learning counts tokens where reading counts bytes.
        learns = self.phase == "learn"
        things = _COUNTED.get(self.phase, "documents")
        done = f"{self.n_bytes:,} tokens" if learns else f"{self.documents:,} {things}"
        parts = [f"{_SHOWN_PHASES.get(self.phase, self.phase)}: {done}"]
        if self.total_bytes:
            parts.append(f"{min(1.0, self.n_bytes / self.total_bytes):.0%}")
        if self.seconds > 0 and learns:
            parts.append(f"{rate:,.0f} tokens/s")
        elif self.seconds > 0:
            parts.append(f"{self.documents / self.seconds:,.0f} {things}/s")
            parts.append(f"{rate / 1e6:,.1f} MB/s")
        if self.total_bytes and rate:
            left = max(0, self.total_bytes - self.n_bytes) / rate
            parts.append(f"{show_seconds(left)} left")
        parts.append(f"{show_size(memory_bytes)} memory")
        return ", ".join(parts)


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
        name, documents, n_bytes, total_bytes = progress.read()
        now = time.monotonic()
        if name != phase:
            phase, began = name, now
        if now - told >= period and now > began and (documents or n_bytes):
            told = now
            yield Snapshot(name, documents, n_bytes, total_bytes, now - began)


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
    columns = (BarColumn(bar_width=16), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False)
    with contextlib.ExitStack() as stack:
        task = None
        for snapshot in _snapshots(progress, stop, REDRAW_SECONDS):
            if task is None:
                stack.enter_context(bar)
                task = bar.add_task("", total=None)
            bar.update(
                task,
                description=snapshot.line(resident_bytes()),
                completed=snapshot.n_bytes,
                total=snapshot.total_bytes or None,
                refresh=True,
            )


def resident_bytes() -> int:
    """Memory this process holds now; where the system does not tell, the most it has held."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
