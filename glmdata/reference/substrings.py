"""Passages that stand in several places of the kept texts, cut out of all but the first.

A unit is a Han character, a word or a letter of Thai with its marks, as it stands in the text, and
is compared in normal form. A window of `least` units goes if an equal one stands before it (in keep
order, and within a text) and does not overlap with it. What goes of a text is the union of these
windows, but for what would tear it: a sentence and a block of code (between fences, or indented) go
as a whole or not at all, a heading goes only where nothing of its section stays, and no piece that
goes is shorter than `least`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from glmdata.reference.normalise import WHITE_SPACE, normalise
from glmdata.reference.units import Kind, kind_of

SHORTEST = 40
"""A text of which less is left goes: five words of weight 8, eight characters of weight 5."""

OPENING = "([{<“‘「『《〈（【〔［｛«‹"
"""Marks that open what follows."""

_BLANKS = "".join(WHITE_SPACE)
_SENTENCE = tuple(".。!！?？;；,，:：…、|")


class Piece(NamedTuple):
    """Units `start` to `end` of a text; `places` up to it have some of it."""

    start: int
    end: int
    places: int


class Cut(NamedTuple):
    """Bytes of a text as UTF-8 that go."""

    start: int
    end: int
    places: int


class _Unit(NamedTuple):
    start: int
    end: int
    kind: Kind
    form: str


@dataclass
class _Block:
    """Lines of a text, as character places, and the numbers of their units."""

    start: int
    end: int
    code: bool = False
    level: int | None = None
    units: range = range(0)

    @property
    def whole(self) -> bool:
        """Whether it goes as a whole or not at all."""
        return self.code or self.level is not None


class Left(NamedTuple):
    """What is cut out of a text, and how much what is left of it says."""

    cuts: list[Cut]
    weight: int


def cut(
    texts: Mapping[int, str],
    ranks: Sequence[int],
    least: int,
    scopes: Mapping[int, Hashable],
    others: Mapping[int, Sequence[tuple[int, int]]],
) -> dict[int, Left]:
    """What to cut out of each document that has anything to cut.

    Parameters
    ----------
    texts
        Of the documents that may be cut, by position.
    ranks
        The keep order of all documents.
    least
        Units of the shortest passage.
    scopes
        Documents of different scopes are not compared.
    others
        Bytes that other rules cut out of a document; these are theirs.
    """
    first: dict[Hashable, tuple[int, int]] = {}
    places: dict[Hashable, int] = defaultdict(int)
    found: dict[int, Left] = {}
    for document in sorted(texts, key=ranks.__getitem__):
        text = texts[document]
        units = _units(text)
        forms = [unit.form for unit in units]
        covered: dict[int, int] = {}
        for at in range(len(units) - least + 1):
            window = (scopes[document], *forms[at : at + least])
            places[window] += 1
            owner, place = first.setdefault(window, (document, at))
            if owner != document or place + least <= at:
                for unit in range(at, at + least):
                    covered[unit] = max(places[window], covered.get(unit, 0))
        blocks = _blocks(text, units, least)
        pieces = settle(blocks, _begins(text, units, blocks), covered, least)
        if pieces:
            found[document] = _left(text, units, blocks, pieces, others.get(document, ()))
    return found


def settle(
    blocks: Sequence[_Block], begins: Sequence[int], covered: Mapping[int, int], least: int
) -> list[Piece]:
    """What may go of the units that are covered: the largest choice that tears nothing.

    `begins` are the units that begin a sentence, and one past the last unit.
    """
    counts = {unit: count for start, end, count in _runs(covered) for unit in range(start, end)}
    gone = set(counts)
    whole = [block.units for block in blocks if block.whole]
    for units in [*whole, *(range(*sentence) for sentence in pairwise(begins))]:
        if not gone.issuperset(units):
            gone.difference_update(units)
    before = None
    while before != gone:
        before = set(gone)
        for start, end, _ in _runs(dict.fromkeys(gone, 0)):
            if end - start < least:
                gone.difference_update(range(start, end))
        for number, block in enumerate(blocks):
            if block.level is not None and not gone.issuperset(_section(blocks, number)):
                gone.difference_update(block.units)
    return [Piece(start, end, counts[start]) for start, end, _ in _runs(dict.fromkeys(gone, 0))]


def _section(blocks: Sequence[_Block], number: int) -> list[int]:
    """The units behind a heading, up to the next one that is not below it."""
    own = blocks[number].level
    found: list[int] = []
    for block in blocks[number + 1 :]:
        if own is not None and block.level is not None and block.level <= own and block.units:
            break
        found += block.units
    return found


def _runs(covered: Mapping[int, int]) -> Iterator[Piece]:
    """Units in a row, with the largest count of them."""
    row: list[int] = []
    for unit in [*sorted(covered), -1]:
        if row and unit != row[-1] + 1:
            yield Piece(row[0], row[-1] + 1, max(covered[own] for own in row))
            row = []
        row.append(unit)


def _units(text: str) -> list[_Unit]:
    spans: list[tuple[int, int, Kind]] = []
    open_unit = False
    for at, character in enumerate(text):
        kind = kind_of(character)
        if kind is Kind.SEPARATOR:
            open_unit = False
        elif open_unit and (kind is Kind.MARK or kind is spans[-1][2] is Kind.WORD):
            spans[-1] = (spans[-1][0], at + 1, spans[-1][2])
        elif kind is not Kind.MARK:
            spans.append((at, at + 1, kind))
            open_unit = True
    return [_Unit(start, end, kind, normalise(text[start:end])) for start, end, kind in spans]


def _blocks(text: str, units: Sequence[_Unit], least: int) -> list[_Block]:
    blocks: list[_Block] = []
    fence = ""
    indented: _Block | None = None
    for line in re.finditer(r"[^\n]*\n|[^\n]+", text):
        body = line[0].strip(_BLANKS)
        mark = re.match(r"`{3,}(?=[^`]*\Z)|~{3,}", body.lstrip("> \t"))
        if fence:
            blocks[-1].end = line.end()
            if mark and mark[0] == body.lstrip("> \t") and mark[0].startswith(fence):
                fence = ""
            continue
        plain = bool(blocks) and blocks[-1].level is None and not blocks[-1].code
        above = text[blocks[-1].start : blocks[-1].end].strip(_BLANKS) if plain else ""
        if above and re.fullmatch(r"={3,}|-{3,}", body):
            blocks[-1].end, blocks[-1].level = line.end(), 1 if body[0] == "=" else 2
            continue
        fence = mark[0] if mark else ""
        block = _Block(line.start(), line.end(), code=bool(mark))
        signs = len(body) - len(body.lstrip("#"))
        if body and not mark and line[0].startswith(("\t", "    ")):
            solid = (own for own in reversed(blocks) if text[own.start : own.end].strip(_BLANKS))
            if indented and next(solid, None) is indented:
                del blocks[blocks.index(indented) + 1 :]
                indented.end = line.end()
                continue
            block.code, indented = True, block
        elif signs and not mark:
            block.level = min(signs, 6)
        blocks.append(block)
    starts = [unit.start for unit in units]
    for block in blocks:
        block.units = range(bisect_left(starts, block.start), bisect_left(starts, block.end))
    first = next((block for block in blocks if block.units), None)
    if first and not first.code and first.level is None:
        ends = text[first.start : first.end].strip(_BLANKS).endswith(_SENTENCE)
        if not ends and len(first.units) < min(least, len(units)):
            first.level = 0
    return blocks


def _begins(text: str, units: Sequence[_Unit], blocks: Sequence[_Block]) -> list[int]:
    """Units that begin a sentence or a line, and one past the last."""
    found = [0]
    block_of = {unit: block for block in blocks for unit in block.units}
    for number in range(1, len(units)):
        before, unit = units[number - 1], units[number]
        above, own = block_of[number - 1], block_of[number]
        gap = text[before.end : unit.start]
        introduced = "\n" in gap and gap.split("\n")[0].rstrip(_BLANKS).endswith((":", "："))
        if above is own and own.whole:
            continue
        if above is not own and (above.whole or own.whole):
            if above.whole or not (own.code and introduced):
                found.append(number)
            continue
        if gap.endswith("</"):
            continue
        stop = re.search(r"[.!?][^WHITE]*[WHITE]".replace("WHITE", re.escape(_BLANKS)), gap)
        counts = re.fullmatch("[0-9]+|[a-z]|vs|cf|fig|mrs?|dr", before.form) is not None
        if re.search("[。！？；…]", gap) or (stop and not counts):
            found.append(number)
        elif "\n" in gap:
            line, mark = gap.rsplit("\n", 1)
            wrapped = text[unit.start].islower() and not mark.strip("> \t")
            if not introduced and (not wrapped or "\n" in line):
                found.append(number)
    return [*found, len(units)]


def _left(
    text: str,
    units: Sequence[_Unit],
    blocks: Sequence[_Block],
    pieces: Sequence[Piece],
    others: Sequence[tuple[int, int]],
) -> Left:
    def byte(place: int) -> int:
        return len(text[:place].encode())

    theirs = {at for start, end in others for at in range(start, end)}
    cuts = []
    for piece in pieces:
        for start, end in _places(text, units, blocks, piece):
            own = dict.fromkeys(set(range(byte(start), byte(end))) - theirs, piece.places)
            cuts += [Cut(*run) for run in _runs(own)]
    gone = {unit for piece in pieces for unit in range(piece.start, piece.end)}
    weight = sum(
        8 if unit.kind is Kind.WORD else 5
        for number, unit in enumerate(units)
        if number not in gone and (not theirs or byte(unit.start) not in theirs)
    )
    return Left(cuts, weight)


def _places(
    text: str, units: Sequence[_Unit], blocks: Sequence[_Block], piece: Piece
) -> list[tuple[int, int]]:
    """The characters that go for a piece: whole lines if all their units are in it."""
    a = next(n for n, block in enumerate(blocks) if piece.start in block.units)
    b = next(n for n, block in enumerate(blocks) if piece.end - 1 in block.units)
    first, last = blocks[a], blocks[b]
    from_begin = first.units[0] == piece.start
    if from_begin:
        start = first.start
    else:
        gap = text[units[piece.start - 1].end : units[piece.start].start]
        start = units[piece.start].start - len(_opening(gap))
    if last.units[-1] + 1 > piece.end:
        gap = text[units[piece.end - 1].end : units[piece.end].start]
        end = units[piece.end - 1].end + len(_closing(gap))
    elif from_begin:
        end = last.end
        for block in blocks[b + 1 :]:
            if text[block.start : block.end].strip(_BLANKS):
                break
            end = block.end
    elif a == b:
        end = last.start + len(text[last.start : last.end].rstrip("\r\n"))
    else:
        end = last.end
    if from_begin or a == b:
        return [(start, end)]
    # Something stays before it and behind it: so does the line break.
    line_end = first.start + len(text[first.start : first.end].rstrip("\r\n"))
    return [(start, line_end), (first.end, end)]


def _opening(gap: str) -> str:
    """What of a gap between two units belongs to the second one."""
    white = [at for at, character in enumerate(gap) if character in WHITE_SPACE]
    return gap[white[-1] + 1 :] if white else gap[len(gap.rstrip(OPENING)) :]


def _closing(gap: str) -> str:
    """What of a gap between two units belongs to the first one, with the blanks behind it."""
    white = next((at for at, character in enumerate(gap) if character in WHITE_SPACE), None)
    if white is not None:
        return gap[: len(gap) - len(gap[white:].lstrip(_BLANKS))]
    opens = next((at for at, character in enumerate(gap) if character in OPENING), len(gap))
    return gap[:opens]
