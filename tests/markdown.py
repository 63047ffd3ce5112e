"""Markdown as tests read it: blocks of code with what is said before them, and one script of all.

A block says what it is by its language. `sh` and `python` are run; `toml` is written to the file
that its first line names (`# rules.toml`); `text` is to be read. A block that cannot run has the
reason in a comment directly before it: `<!-- not run: needs torch -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n\n?)?"
    r"^```(?P<kind>[\w-]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_NAMED = re.compile(r"# (\S+\.toml)\b")
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)\)")

KINDS = frozenset({"sh", "python", "toml", "text"})


@dataclass(frozen=True)
class Block:
    """A block of code between fences."""

    kind: str
    body: str
    reason: str | None
    """Why it is not run; None where it is."""
    line: int
    """Of its fence, from 1."""


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in their order."""
    text = page.read_text("utf-8")
    return [
        Block(m["kind"], m["body"], m["reason"], text.count("\n", 0, m.start("kind")) + 1)
        for m in _BLOCK.finditer(text)
    ]


def links(page: Path) -> list[str]:
    """Where the links of a page lead, without the place on that page."""
    return _LINK.findall(page.read_text("utf-8"))


def script(found: Iterable[Block]) -> str:
    """The blocks that run as one script of bash; it says on standard error where it is.

    Blocks of Python that follow each other are one session, as they are for who pastes them.
    """
    run = [block for block in found if block.reason is None and block.kind != "text"]
    parts = [
        part
        for kind, together in groupby(run, key=lambda block: block.kind)
        for part in _parts(kind, list(together))
    ]
    return "\n".join(["set -euo pipefail", *parts])


def _parts(kind: str, found: list[Block]) -> Iterator[str]:
    where = f"echo 'block at line {', '.join(str(block.line) for block in found)}' >&2"
    yield where
    if kind == "python":
        yield _fed("python -", "".join(block.body for block in found))
        return
    for block in found:
        if kind == "toml":
            named = _NAMED.match(block.body)
            assert named, f"line {block.line}: expected the name of a file in its first line"
            yield _fed(f"cat > {named[1]}", block.body)
        else:
            assert kind == "sh", f"line {block.line}: expected {sorted(KINDS)}, found `{kind}`"
            yield block.body


def _fed(command: str, text: str) -> str:
    return f"{command} <<'END'\n{text}END"


def sections(page: Path) -> list[tuple[int, str, str]]:
    """Level, title and text of every heading down to the next one; blocks are left out."""
    text = _BLOCK.sub("", page.read_text("utf-8"))
    parts = re.split(r"^(#+) (.*)$", text, flags=re.MULTILINE)[1:]
    return [(len(m), t, b) for m, t, b in zip(parts[::3], parts[1::3], parts[2::3], strict=True)]
