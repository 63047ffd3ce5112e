"""Formulas of LaTeX, code between backticks, tags, and the signs before the text of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glmdata.reference.markup import TAG, Span, entity

ENVIRONMENTS = {
    "align",
    "alignat",
    "aligned",
    "array",
    "bmatrix",
    "cases",
    "displaymath",
    "eqnarray",
    "equation",
    "flalign",
    "gather",
    "gathered",
    "lstlisting",
    "math",
    "matrix",
    "multline",
    "pmatrix",
    "smallmatrix",
    "split",
    "tabular",
    "tikzcd",
    "tikzpicture",
    "verbatim",
    "vmatrix",
}
BULLETS = "•●·▪◦‣○■□◆★"
BLANKS = "[ \t\u3000]"
ASCII_BLANKS = " \t\n\f\r"
MARKERS = re.compile(
    rf"[-*+]{BLANKS}+|\#{{1,6}}{BLANKS}+|[>][> ]*|[(（][0-9]{{1,3}}[)）]{BLANKS}*"
    rf"|[0-9]{{1,3}}[.)]{BLANKS}+|[0-9]{{1,3}}[、．）]{BLANKS}*|[{BULLETS}]{BLANKS}*",
)


class Display:
    """Whether a formula that began on an earlier line is open, and what ends it."""

    def __init__(self) -> None:
        self.closing = ""

    def holds(self, line: str) -> bool:
        """Whether a line, without white space at its ends, is one of a formula."""
        if self.closing:
            if self.closing in line:
                self.closing = ""
            return True
        environment = re.match(r"\\begin\{([^}]*)\}", line)
        if line.startswith("$$"):
            rest, closing = line[2:], "$$"
        elif line.startswith(r"\["):
            rest, closing = line[2:], r"\]"
        elif environment and environment[1].removesuffix("*") in ENVIRONMENTS:
            rest, closing = line[environment.end() :], rf"\end{{{environment[1]}}}"
        else:
            return line.startswith((r"\begin{", r"\end{")) and " " not in line
        if closing not in rest:
            self.closing = closing
            return True
        behind = rest.split(closing, 1)[1]
        return not any(not c.isascii() or c.isalnum() for c in behind)


def spans(line: str) -> list[Span]:
    """Start, end and kind of every formula, tag, entity and piece of code between backticks.

    The kind of an entity is `&` and the character it stands for.
    """
    found: list[Span] = []
    at = 0
    while True:
        start = next((i for i in range(at, len(line)) if line[i] in "$\\`<&"), None)
        if start is None:
            return found
        if line[start] == "<":
            tag = TAG.match(line, start)
            end, at = (tag.end() if tag else None), start + 1
            kind = "plain tag" if tag and tag["plain"] else "tag"
        elif line[start] == "&":
            known = entity(line, start)
            end, at = (known[0] if known else None), start + 1
            kind = f"&{known[1] if known else ''}"
        else:
            end, at = _end(line, start)
            kind = "formula"
            if line[start] == "`" and end is not None:
                kind = _within_ticks(line[start:end])
        if end is not None:
            found.append((start, end, kind))
            at = end


def _within_ticks(code: str) -> str:
    """A formula between backticks is one all the same."""
    inside = code.strip("`").strip(" ")
    whole = inside[:1] in ("$", "\\") and _end(inside, 0)[0] == len(inside)
    return "formula" if whole else "code"


def _end(line: str, start: int) -> tuple[int | None, int]:
    """Behind what begins at `start`, if it is closed; where to look on if not."""
    rest = line[start:]
    if rest[0] == "`":
        ticks = len(rest) - len(rest.lstrip("`"))
        opening, closing = ticks, "`" * ticks
    elif rest.startswith("$$"):
        opening, closing = 2, "$$"
    elif rest.startswith((r"\(", r"\[")):
        opening, closing = 2, r"\)" if rest[1] == "(" else r"\]"
    elif rest[0] == "\\":
        return None, start + (2 if rest[1:2].isascii() and rest[1:] else 1)
    else:
        # A price or a variable of the shell is no formula.
        inner = rest[1:]
        ends = (i for i, c in enumerate(inner) if c == "$" and inner[i - 1 : i] != "\\")
        end = next(ends, 0)
        if not end or inner[0] in ASCII_BLANKS or inner[end - 1] in ASCII_BLANKS:
            return None, start + 1
        behind = inner[end + 1 : end + 2]
        if behind and behind.isascii() and (behind.isalnum() or behind in "{($"):
            return None, start + 1
        return start + end + 2, start
    place = rest.find(closing, opening)
    return (None if place < 0 else start + place + len(closing)), start + opening


def without_spans(line: str) -> Iterator[str]:
    """The parts of a line around its formulas, code and tags, with its entities as characters."""
    at = 0
    for start, end, kind in spans(line):
        yield line[at:start]
        if kind.startswith("&"):
            yield kind[1]
        at = end
    yield line[at:]


def marker(line: str) -> tuple[int, bool]:
    """Characters of the sign before the text of a line, and whether it is a bullet."""
    found = MARKERS.match(line)
    if found is None:
        return 0, False
    return found.end(), line[0] in "-*+" + BULLETS
