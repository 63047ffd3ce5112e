"""The one door to standard output and standard error.

What goes through it cannot move the cursor, hide text or turn it round, whoever wrote the text. A
reader that went away (`| head -1`, `2>&-`) ends nothing: what it would have read is dropped, the
work goes on, and the exit code is that of the work.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from typing import TextIO

import click

from glmdata.cli.terminal import escaped_json, visible, wants_color

_READER_GONE = {errno.EPIPE, errno.EBADF, errno.EIO}
"""What writing answers once nobody reads: a pipe, a closed descriptor, a terminal that hung up."""


class Shaded(str):
    """A line that stands in a colour where colours are wanted.

    Parameters
    ----------
    text
        The line.
    shade
        A colour of `click.style`.
    """

    shade: str

    __slots__ = ("shade",)

    def __new__(cls, text: str, shade: str) -> Shaded:
        """A string with a colour beside it."""
        line = super().__new__(cls, text)
        line.shade = shade
        return line


def say(text: str = "", *, err: bool = False, head: Shaded | None = None, nl: bool = True) -> None:
    """Write a line.

    Parameters
    ----------
    text
        Whatever could move the cursor, hide or reorder text is spelled as an escape.
    err
        Write to standard error.
    head
        A coloured word in front of the text.
    nl
        Whether the line ends here.

    Raises
    ------
    OSError
        Standard output cannot be written for another reason than that nobody reads it.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        return
    color = wants_color(stream)
    line = visible(text)
    if isinstance(text, Shaded) and color:
        line = click.style(line, fg=text.shade)
    if head is not None:
        word = click.style(visible(head), fg=head.shade, bold=True) if color else visible(head)
        line = f"{word}: {line}"
    _write(stream, line, err=err, color=color, nl=nl)


def say_json(content: object) -> None:
    """Write JSON with nothing in it that a terminal would obey.

    Raises
    ------
    OSError
        As for `say`.
    """
    stream = sys.stdout
    if stream is None:
        return
    encoding = str(getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-")
    ascii_only = encoding not in ("utf-8", "utf8")
    text = json.dumps(content, indent=2, ensure_ascii=ascii_only)
    _write(stream, escaped_json(text), err=False, color=False)


def say_drawn(text: str) -> None:
    """Write lines that were laid out and coloured after `visible` was put to what they hold.

    Raises
    ------
    OSError
        As for `say`.
    """
    if sys.stdout is not None:
        _write(sys.stdout, text.rstrip("\n"), err=False, color=wants_color(sys.stdout))


def open_streams() -> None:
    """Give the process the three streams it was started without.

    Otherwise the first file that a stage opens would be number 1 or 2, and what some library writes
    there would land in it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is given away, which is this one.
            os.open(os.devnull, os.O_RDONLY if descriptor == 0 else os.O_WRONLY)
    # Python has no stream for a number that was closed when it started.
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    # Names of files may hold what the encoding of the terminal has no letters for.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write out what is held back, as long as somebody reads."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError) as error:
                _gone(stream, error, err=stream is sys.stderr)


def _write(stream: TextIO, line: str, *, err: bool, color: bool, nl: bool = True) -> None:
    try:
        click.echo(line, err=err, color=color, nl=nl)
    except (OSError, ValueError) as error:
        _gone(stream, error, err=err)


def _gone(stream: TextIO, error: Exception, *, err: bool) -> None:
    """Let later writes succeed if nobody reads; messages never end the work."""
    closed = isinstance(error, ValueError) and stream.closed
    reader_gone = isinstance(error, OSError) and error.errno in _READER_GONE
    if not (err or closed or reader_gone):
        raise error
    if not closed:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
