"""What the template of a site prints on its pages, cut out of all of them but the first.

A page is split into blocks: a line, a hard-wrapped paragraph, a title with its underline. A block
is frequent if enough pages of its host have it; one that they have with other digits is so only
beside one that is equal. Frequent blocks in a row are a run, and a run is a template if it stands
at the head or the tail of a page or is long. What says something where it repeats (program text,
tables, numbered items, turns of a dialogue, rows of data) is in no run.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from glmdata.reference.normalise import WHITE_SPACE, normalise
from glmdata.reference.passages import Line, goes_on, lines_of

LEAST_PAGES = 5
LEAST_SHARE = 10
"""A block is frequent on so many pages, and on one of so many pages of its host."""

MOST_PAGES = 2
"""One of so many pages: what the only line of a head or tail, or two lines of it, must reach."""

LONG = 3
"""Blocks, headings not counted, of a run that stands amid a page or at an end of few pages."""

WIDE = 60
"""Characters of a line that may be broken because a page has no more room."""

WIDE_BEFORE_SMALL = 40
"""The same where the next line begins in small letters."""

LONGEST_LABEL = 12

_BLANKS = "".join(WHITE_SPACE)
_NUMBER = re.compile(r"[0-9]+(?:[.,:/-][0-9]+)*")
_NUMBERED = re.compile(r"[(（第]?[0-9〇零一二三四五六七八九十百千]+[.．)）、条條章节節款]")
_FIXED = re.compile(r"[|<{:]|\.\.|\[.*\]:|//|--|;|[“\"「『«—–]", re.DOTALL)
_LABEL = re.compile(rf"([^:：]{{1,{LONGEST_LABEL}}})[:：](?!//)", re.DOTALL)
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_BRACKETS = re.compile(r"[<>{}\[\]()|/`]")
_ITEM = re.compile(rf"[-*+•·●][{''.join(map(re.escape, sorted(WHITE_SPACE)))}]|>")


@dataclass
class Block:
    """Lines `first` to `end` of a text and what they are."""

    first: int
    end: int
    start: int
    stop: int
    """Bytes of the text as UTF-8."""
    role: str
    """`member` of a run if it is frequent, `fixed`: ends a run, `sign`: no letter, does neither."""
    form: tuple[str, ...] = ()
    level: int | None = None
    """Of a heading."""
    introduces: bool = False
    item: str = ""
    """The sign of a list or a quotation, whose lines go together or not at all."""

    @property
    def masked(self) -> tuple[str, ...] | None:
        """The form with one digit for every number; None without numbers."""
        found = tuple(_NUMBER.sub("0", form) for form in self.form)
        return found if any(_NUMBER.search(form) for form in self.form) else None


class Cut(NamedTuple):
    """Bytes of a text, and the pages of its host that have them."""

    start: int
    end: int
    pages: int


def blocks(text: str) -> list[Block]:
    """The blocks of a text."""
    lines = lines_of(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.text.encode()))
    labels = Counter(label for line in lines if (label := _label(line.body)))
    comment = _comments(lines)
    found: list[Block] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if line.blank:
            at = end
            continue
        underline = None
        if not line.code:
            if end < len(lines) and not lines[end].code:
                underline = _UNDERLINE.fullmatch(lines[end].body)
            if underline:
                end += 1
            else:
                while end < len(lines) and _wrapped(lines[end - 1], lines[end]):
                    end += 1
        group = lines[at:end]
        block = Block(at, end, starts[at], starts[end], "fixed")
        form = tuple(normalise(each.text) for each in group)
        own = group[:1] if underline else group
        code = any(each.code or comment[at + n] for n, each in enumerate(own))
        kinds = {unicodedata.category(c)[0] for each in form for c in each}
        if _ITEM.match(line.body):
            block.item = ">" if line.body[0] == ">" else "-"
        if not code and not kinds & {"L", "N"}:
            if not any(_BRACKETS.search(each.body) for each in own):
                block.role = "sign"
        elif not code and "L" in kinds and not any(_is_fixed(each.body, labels) for each in own):
            block.role, block.form = "member", form
            block.introduces = group[-1].body.endswith((":", "："))
            hashes = len(line.body) - len(line.body.lstrip("#"))
            if underline:
                block.level = 1 if underline[0][0] == "=" else 2
            elif hashes:
                block.level = min(hashes, 6)
        found.append(block)
        at = end
    return found


def _label(body: str) -> str | None:
    match = _LABEL.match(body)
    return match[1] if match else None


def _is_fixed(body: str, labels: Mapping[str, int]) -> bool:
    label = _label(body)
    if label is not None and labels[label] > 1:
        return True
    return bool(_FIXED.match(body) or _NUMBERED.match(body))


def _wrapped(line: Line, following: Line) -> bool:
    """Whether a line was broken for want of room."""
    if line.blank or following.blank or line.code or following.code:
        return False
    if goes_on(line, following):
        return len(line.body) >= WIDE_BEFORE_SMALL
    ends = line.body.endswith(tuple(".。!！?？:：;；"))
    begins_anew = following.structure or following.body.startswith(">")
    return not ends and not begins_anew and len(line.body) >= WIDE


def _comments(lines: Sequence[Line]) -> list[bool]:
    """Lines of comments in program text: `/* ... */`, and signs `#` in a row."""
    found = [False] * len(lines)
    inside = False
    for at, line in enumerate(lines):
        inside = inside or line.body.startswith("/*")
        found[at] = inside
        if "*/" in line.body:
            inside = False
    for at, (line, following) in enumerate(pairwise(lines)):
        if line.body.startswith("#") and following.body.startswith("#"):
            found[at] = found[at + 1] = True
    return found


@dataclass
class _Standing:
    """A block on its page."""

    block: Block
    strong: bool = False
    pages: int = 0
    often: bool = False
    """On half of the pages."""
    first: bool = False
    """On the first page that has it."""
    cut: bool = False

    @property
    def frequent(self) -> bool:
        return self.pages > 0


def cut(
    texts: Mapping[int, str], ranks: Sequence[int], hosts: Mapping[int, Hashable]
) -> dict[int, list[Cut]]:
    """What to cut out of each document.

    Parameters
    ----------
    texts
        Of the documents that may be cut, by position.
    ranks
        The keep order of all documents.
    hosts
        Of the documents that have one.
    """
    pages = Counter(hosts[document] for document in texts if document in hosts)
    having: dict[Hashable, set[int]] = defaultdict(set)
    read = {document: blocks(text) for document, text in texts.items() if document in hosts}
    for document, found in read.items():
        for block in found:
            if block.role == "member":
                having[hosts[document], True, block.form].add(document)
                if block.masked:
                    having[hosts[document], False, block.masked].add(document)
    cuts: dict[int, list[Cut]] = {}
    for document, found in read.items():
        host = hosts[document]
        standings = [_Standing(block) for block in found if block.role != "sign"]
        for each in standings:
            if each.block.role != "member":
                continue
            for strong, form in ((True, each.block.form), (False, each.block.masked)):
                among = having.get((host, strong, form), set())
                n = len(among)
                if n >= LEAST_PAGES and n * LEAST_SHARE >= pages[host]:
                    each.strong = strong
                    each.pages, each.often = n, n * MOST_PAGES >= pages[host]
                    each.first = min(among, key=ranks.__getitem__) == document
                    break
        _judge(standings)
        if spans := _spans(texts[document], standings):
            cuts[document] = spans
    return cuts


def _judge(standings: list[_Standing]) -> None:
    """Mark what is cut."""
    strong = [each.strong for each in standings]
    for at, each in enumerate(standings):
        beside = strong[max(at - 1, 0) : at + 2]
        if each.frequent and not any(beside):
            each.pages = 0
    for each in standings:
        each.cut = each.frequent
    _keep_together(standings)
    for each in standings:
        each.pages *= each.cut
        each.cut = False
    times = Counter(each.block.form for each in standings if each.block.role == "member")
    at = 0
    while at < len(standings):
        end = at
        while end < len(standings) and standings[end].frequent:
            end += 1
        run = standings[at:end]
        long = sum(each.block.level is None for each in run) >= LONG
        edge = at == 0 or end == len(standings)
        again = any(times[each.block.form] > 1 for each in run)
        often = any(each.often and each.strong for each in run)
        if (often or long) if edge else (long and not again):
            for each in run:
                each.cut = not each.first
        at = max(end, at + 1)
    _keep_together(standings)


def _keep_together(standings: list[_Standing]) -> None:
    """Spare lists and quotations of which a part stays, headings and what ends in a colon."""
    at = 0
    while at < len(standings):
        end = at + 1
        item = standings[at].block.item
        while item and end < len(standings) and standings[end].block.item == item:
            if standings[end].block.first != standings[end - 1].block.end:
                break
            end += 1
        if item and not all(each.cut for each in standings[at:end]):
            for each in standings[at:end]:
                each.cut = False
        at = end
    # From the end: whether a heading stays depends on what follows.
    section_stays = [False] * 7
    next_stays = False
    for each in reversed(standings):
        level = each.block.level
        if level is not None and section_stays[level]:
            each.cut = False
        if each.block.introduces and next_stays:
            each.cut = False
        if level is not None:
            section_stays[level:] = [False] * (7 - level)
        if not each.cut:
            section_stays[: 7 if level is None else level] = [True] * (
                7 if level is None else level
            )
        next_stays = not each.cut


def _spans(text: str, standings: Sequence[_Standing]) -> list[Cut]:
    """The bytes of what is cut, with signs and blank lines between and blank lines behind."""
    lines = lines_of(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.text.encode()))
    spans = []
    opens = False
    for at, each in enumerate(standings):
        if not each.cut:
            continue
        if not (at and standings[at - 1].cut):
            before = each.block.first - 1
            opens = before < 0 or lines[before].blank
        end = each.block.stop
        if at + 1 < len(standings) and standings[at + 1].cut:
            end = standings[at + 1].block.start
        elif opens:
            behind = each.block.end
            while behind < len(lines) and lines[behind].blank:
                behind += 1
            end = starts[behind]
        spans.append(Cut(each.block.start, end, each.pages))
    return spans
