"""Lines and paragraphs that many kept documents have, cut out of all but the first of them.

A line ends at a line feed. A paragraph is a run of lines that are not blank, and takes the blank
lines behind it along. Passages are compared in normal form, a paragraph line by line. Never cut:
code between fences or indented; headings, list items, articles of a statute, rows of tables, tags,
targets of links (a paragraph may hold some, if not these alone); what introduces the next passage;
single lines of a hard-wrapped paragraph; and passages of less than one window of `mixed` shingles.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from glmdata.reference.normalise import WHITE_SPACE, normalise
from glmdata.reference.units import Kind, units

SHORTEST = 40
"""Five words of weight 8, eight characters of weight 5."""


_STRUCTURE = re.compile(
    r"""
    [#|<{:] | \.\. | \[.*\]:             # heading, table row, tag, directive, target of a link
    | [-*+•·●][SPACES]                   # - item
    | [(（第]?[0-9〇零一二三四五六七八九十百千]+[.．)）、条條章节節款]   # 1. item, 第三条
    """.replace("SPACES", "".join(map(re.escape, sorted(WHITE_SPACE)))),
    re.DOTALL | re.VERBOSE,
)


class Passage(NamedTuple):
    """Bytes of a text as UTF-8, and what equal passages have in common."""

    start: int
    end: int
    rule: str
    form: tuple[str, ...]


class Line(NamedTuple):
    """A line with its end, and whether it is a fence or between fences."""

    text: str
    fenced: bool

    @property
    def body(self) -> str:
        """The line without blanks around it."""
        return self.text.strip("".join(WHITE_SPACE))

    @property
    def unquoted(self) -> str:
        """The same without the signs of a quotation."""
        return self.body.lstrip("> \t")

    @property
    def blank(self) -> bool:
        """Whether it parts paragraphs."""
        return not self.body and not self.fenced

    @property
    def structure(self) -> bool:
        """Whether other lines rely on it."""
        return _STRUCTURE.match(self.body) is not None

    @property
    def code(self) -> bool:
        """Between fences, a fence, or indented."""
        return self.fenced or (not self.blank and self.text.startswith(("\t", "    ")))

    @property
    def introduces(self) -> bool:
        """Whether the next passage belongs to it."""
        return self.body.startswith("#") or self.body.endswith((":", "："))


def passages(text: str) -> list[Passage]:
    """The passages of a text that may be cut, by their start; a paragraph before its lines."""
    found = []
    at = 0
    for paragraph in _paragraphs(lines_of(text)):
        start, own = at, []
        solid = [line for line in paragraph if not line.blank]
        wrapped = any(goes_on(a, b) for a, b in pairwise(solid))
        for line in paragraph:
            end = at + len(line.text.encode())
            form = normalise(line.text)
            protected = line.code or line.structure or line.introduces or wrapped
            if not protected and weight(form) >= SHORTEST:
                own.append(Passage(at, end, "line", (form,)))
            at = end
        forms = tuple(normalise(line.text) for line in solid)
        damaged = any(line.code for line in solid) or all(line.structure for line in solid)
        damaged = damaged or not solid or solid[-1].introduces
        if not damaged and sum(map(weight, forms)) >= SHORTEST:
            found.append(Passage(start, at, "paragraph", forms))
        found += own
    return found


def weight(form: str) -> int:
    """How much a normal form says: 8 a word, 5 a character of scripts without spaces."""
    return sum(8 if unit.kind is Kind.WORD else 5 for unit in units(form))


def lines_of(text: str) -> list[Line]:
    """The lines of a text."""
    lines, fence = [], ""
    for piece in re.findall(r"[^\n]*\n|[^\n]+", text):
        body = piece.strip("".join(WHITE_SPACE)).lstrip("> \t")
        mark = re.match(r"`{3,}(?=[^`]*\Z)|~{3,}", body)
        lines.append(Line(piece, fenced=bool(fence or mark)))
        if mark and not fence:
            fence = mark[0]
        elif mark and mark[0] == body and body.startswith(fence):
            fence = ""
    return lines


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of solid lines with the blank ones behind them; the first may be blank alone."""
    found: list[list[Line]] = []
    for line in lines:
        if not found or (not line.blank and found[-1][-1].blank):
            found.append([])
        found[-1].append(line)
    return found


def goes_on(line: Line, following: Line) -> bool:
    """Whether a sentence goes on in the next line."""
    return line.body[-1:] not in set(".。!！?？:：;；") and following.unquoted[:1].islower()


def cut(
    texts: Mapping[int, str],
    ranks: Sequence[int],
    limits: Mapping[str, int],
    scopes: Mapping[int, Hashable],
) -> dict[int, list[tuple[Passage, int]]]:
    """What to cut out of each document, with the number of documents that have it.

    Parameters
    ----------
    texts
        Of the documents that may be cut, by position.
    ranks
        The keep order of all documents.
    limits
        Rule (`line`, `paragraph`) -> documents that may have a passage.
    scopes
        Documents of different scopes do not count together.
    """
    having: dict[Hashable, set[int]] = defaultdict(set)
    for document, text in texts.items():
        for passage in passages(text):
            having[passage.rule, passage.form, scopes[document]].add(document)
    spans: dict[int, list[tuple[Passage, int]]] = defaultdict(list)
    for document, text in texts.items():
        gone = 0
        for passage in passages(text):
            among = having[passage.rule, passage.form, scopes[document]]
            limit = limits.get(passage.rule)
            frequent = limit is not None and len(among) > limit
            if frequent and document != min(among, key=ranks.__getitem__) and passage.start >= gone:
                spans[document].append((passage, len(among)))
                gone = passage.end
    return spans
