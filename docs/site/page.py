"""Markdown that generated pages are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(lines) + "\n"


def filled(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table without the columns that have nothing in them."""
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    return table([heads[place] for place in kept], ([row[place] for place in kept] for row in rows))


def cell(text: object) -> str:
    """Text as a cell shows it."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def code(text: object) -> str:
    """A name or expression as a cell shows it."""
    return "`" + " ".join(str(text).split()).replace("|", "\\|") + "`" if str(text) else ""


def fenced(kind: str, text: str) -> str:
    """A block of code."""
    return f"```{kind}\n{text.rstrip()}\n```\n"


def page(title: str, *parts: str) -> str:
    """A page of paragraphs, tables and blocks."""
    return "\n".join([f"# {title}\n", *(part.rstrip() + "\n" for part in parts if part)])
