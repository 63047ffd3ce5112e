"""Lines of prose: what is left of a text without code, formulas, tags and tables."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from glmdata.reference.code_lines import is_code_line
from glmdata.reference.form import MOST_LINES, form_of, small_share
from glmdata.reference.formulas import Display, marker, spans, without_spans
from glmdata.reference.markup import has_cells, said, says_enough
from glmdata.reference.normalise import is_ignorable
from glmdata.reference.scripts import LETTERS, PLAIN, script_of

SHORT_LINE = 25
TEXT_LINE = 20
TEXT_BLOCK = 40
LAST_CHARACTERS = 24
LONG_CELL, SHORT_CELL = 200, 30


@dataclass
class Line:
    """A line that holds something: what it is, and what is asked of it if it is prose."""

    raw: str
    kind: str
    """fenced, code, indented, formula, bare, table or prose."""
    formula: int = 0
    """Visible characters of formulas."""
    block: int = 0

    @property
    def text(self) -> str:
        """Behind a sign of a list."""
        stripped = self.raw.strip()
        return stripped[marker(stripped)[0] :]

    @property
    def body(self) -> str:
        """Without formulas, code and tags as well."""
        return "".join(without_spans(self.text))

    @property
    def told(self) -> str:
        """With blanks for tags and characters for entities."""
        return told(self.raw)

    @property
    def tagged(self) -> bool:
        """Whether tags or entities stand in it."""
        return any("tag" in kind or "&" in kind for _, _, kind in spans(self.text))

    @property
    def words(self) -> list[str]:
        """Words between blanks, for which tags stand as well; a sign of a list is none."""
        return told(self.text).split()

    @property
    def closed(self) -> bool:
        """Whether a sentence ends in it."""
        terminal = any(script_of(c) == "terminal" for c in self.body)
        ends = is_closed(self.told) and not self.cut_off
        return ends or (terminal and ends_inside(told(self.text)))

    @property
    def cut_off(self) -> bool:
        """Whether it ends with an ellipsis, or with one and a link to the rest."""
        text = self.told
        last = text[-LAST_CHARACTERS:]
        tail = not is_closed(text) and ("..." in last or "…" in last)
        return tail or text.endswith(("...", "…"))


def told(line: str) -> str:
    """A line without white space around it, with blanks for tags and characters for entities."""
    text = line.strip()
    return said(text, spans(text))


def is_closed(line: str) -> bool:
    """Whether the end of a line is the end of a sentence, quotes and brackets aside."""
    inner = [c for c in line.strip() if script_of(c) != "closing"]
    return bool(inner) and (script_of(inner[-1]) == "terminal" or inner[-1] in "…：")


def ends_inside(text: str) -> bool:
    """Whether a mark ends a sentence: no ASCII, or behind a letter and before a blank."""
    behind_letter = is_open = False
    for character in text:
        script = script_of(character)
        if script == "terminal":
            if not character.isascii():
                return True
            is_open = behind_letter
        elif is_open and script == "space":
            return True
        elif script != "closing":
            is_open = False
        behind_letter = script in LETTERS
    return False


def visible(text: str) -> int:
    """Characters that are no white space."""
    return sum(script_of(c) not in ("space", "newline") for c in text)


def width(text: str) -> int:
    """Visible characters, those of Han, kana and Hangul counted twice."""
    return visible(text) + sum(script_of(c) in ("han", "kana", "hangul") for c in text)


def is_unseen(word: str) -> bool:
    """Whether nobody sees anything of a word."""
    return all(is_ignorable(c) for c in word) and not any(script_of(c) in LETTERS for c in word)


def is_special(character: str) -> bool:
    """A symbol, a mark of program text or a control; punctuation is none."""
    script = script_of(character)
    if script == "special":
        return unicodedata.category(character)[0] != "P"
    return script == "mark of code"


def is_indented(line: str) -> bool:
    """Begins with a tab or four blanks, is not in Han characters and ends no sentence."""
    han = sum(script_of(c) == "han" for c in line)
    return (
        line.startswith(("\t", "    ")) and 4 * han <= visible(line) and not is_closed(told(line))
    )


def is_latex(line: str, formula: int) -> bool:
    """A command, or a fourth of it formulas: never program text."""
    return 4 * formula >= visible(line) or bool(re.match(r"\\[A-Za-z]", line.strip()))


def says_something(text: str) -> bool:
    """Whether a letter or digit stands outside of formulas, code and, if all is tags, tags."""
    found = spans(text)
    if any(kind.startswith("&") and script_of(kind[1]) in PLAIN for _, _, kind in found):
        return True
    left, at = "", 0
    for start, end, _ in found:
        left, at = left + text[at:start], end
    left += text[at:]
    if text.startswith("<") and text.endswith(">"):
        left = re.sub("<[^>]*(>|$)", "", left)
    return any(script_of(c) in PLAIN for c in left)


def is_row(text: str, in_table: bool) -> bool:
    """A row of a table: of Markdown, or in columns."""
    bars = text.count("|")
    if (text.startswith("|") and bars > 1) or (in_table and bars):
        return True
    if has_cells(text, spans(text)):
        return True
    return are_cells(text.split("\t")) or are_cells(re.split(" {3,}", text))


def are_cells(parts: list[str]) -> bool:
    """Whether parts of a line are cells of a table: three or more, short but for one at most."""
    widths = sorted(map(width, parts))
    others = sum(widths[:-1])
    return len(parts) > 2 and widths[-1] <= LONG_CELL and others <= SHORT_CELL * (len(parts) - 1)


def reads_as_code(raw: str) -> bool:
    """Whether a line is program text; one with tags or entities by what it says, if enough."""
    text = raw.strip()
    found = spans(text)
    tags = any("tag" in kind for _, _, kind in found)
    if (tags or any("&" in kind for _, _, kind in found)) and says_enough(text, found):
        indent = "" if tags else raw[: len(raw) - len(raw.lstrip())]
        return is_code_line(indent + said(text, found))
    return is_code_line(raw)


def lines_of(lines: list[str]) -> list[Line]:
    """What every line is that holds something."""
    found: list[Line] = []
    display = Display()
    in_fence = in_table = False
    may_indent = True
    block = 0
    for raw in lines:
        text = raw.strip()
        if not text:
            display.closing = ""
            in_table, may_indent = False, True
            block += 1
            continue
        if in_fence or text.startswith(("```", "~~~")):
            in_fence ^= text.startswith(("```", "~~~"))
            may_indent = False
            block += 1
            found.append(Line(raw, "fenced"))
            continue
        if display.holds(text):
            line = Line(raw, "formula", visible(text))
        else:
            formula = sum(visible(text[a:b]) for a, b, kind in spans(text) if kind == "formula")
            if not is_latex(raw, formula) and reads_as_code(raw):
                kind = "code"
            elif may_indent and is_indented(raw):
                kind = "indented"
            elif not says_something(text):
                in_table |= "---" in text and "|" in text
                kind = "formula" if formula else "bare"
            else:
                kind = "table" if is_row(text, in_table) else "prose"
            line = Line(raw, kind, formula, block)
        may_indent = line.kind in ("code", "indented") and may_indent and is_indented(raw)
        block += line.kind != "prose"
        found.append(line)
    return found


def repeated(parts: list[tuple[str, int]]) -> tuple[int, int]:
    """How many parts occurred before, and their width."""
    seen: set[str] = set()
    number = characters = 0
    for part, length in parts:
        if part in seen:
            number += 1
            characters += length
        seen.add(part)
    return number, characters


def prose_signals(
    text: str,
    lines: list[Line],
    share: Callable[[float, float], float],
    longest_plain_token: int,
    repetition: Callable[[list[str], str, int], dict[str, float]],
) -> dict[str, float]:
    """Every signal of formulas, tables, prose and form, in the order of the compiled half."""
    prose = [line for line in lines if line.kind == "prose"]
    bodies = [line.body for line in prose]
    every = Counter(script_of(c) for body in bodies for c in body)
    shown = sum(map(visible, bodies))
    wide = sum(map(width, bodies))
    n = len(prose)
    quotes = [line.raw.strip().startswith(">") for line in prose]
    # An answer quotes what it answers; a page that is mostly quotations is judged by them.
    passed = 0 < 2 * sum(quotes) <= n
    own = [line for line, quoted in zip(prose, quotes, strict=True) if not (passed and quoted)]
    words = [word for line in own for word in line.raw.split()]
    plain = [
        word
        for line in prose
        for word in (line.words if line.tagged else line.raw.split())
        if any(script_of(c) in PLAIN for c in word)
    ]
    of_lines = [(line.raw, width(line.body)) for line in own]
    blocks: dict[int, list[Line]] = {}
    for line in own:
        blocks.setdefault(line.block, []).append(line)
    of_blocks = [
        ("\n".join(line.raw for line in block), sum(width(line.body) for line in block))
        for block in blocks.values()
    ]
    n_dup, wide_dup = repeated(of_lines)
    first = prose[:MOST_LINES]
    texts = [line.text for line in first]
    shapes = [
        (width(line.body), line.block, line.closed, line.text != line.raw.strip()) for line in first
    ]
    first_lines = [(line.raw, width(line.body)) for line in first]
    verse, speakers, amounts = form_of(texts, shapes, repeated(first_lines)[0])
    all_told = [word for line in prose for word in line.words if not is_unseen(word)]
    letters = sum(any(script_of(c) in LETTERS for c in word) for word in all_told)
    return {
        "width": len(text) + width(text) - visible(text),
        "longest_plain_token": longest_plain_token,
        "formula_share": share(sum(line.formula for line in lines), visible(text)),
        "table_line_share": share(sum(line.kind == "table" for line in lines), len(lines)),
        "n_prose_lines": n,
        "prose_width": wide,
        "prose_share": share(shown, visible(text)),
        "prose_mean_width": share(wide, n),
        "prose_closed_share": share(sum(line.closed for line in prose), n),
        "prose_short_share": share(sum(width(body) <= SHORT_LINE for body in bodies), n),
        "prose_bullet_share": share(sum(marker(line.raw.strip())[1] for line in prose), n),
        "prose_ellipsis_share": share(sum(line.cut_off for line in prose), n),
        "prose_special_share": share(sum(is_special(c) for body in bodies for c in body), shown),
        "prose_digit_share": share(every["digit"], shown),
        "prose_alpha_share": share(letters, len(all_told)),
        "prose_word_length": share(sum(map(len, plain)), len(plain)),
        "prose_lines_per_word": share(n, len(all_told)),
        "prose_hash_per_word": share(sum(body.count("#") for body in bodies), len(all_told)),
        "prose_dup_line_share": share(n_dup, n),
        "prose_dup_line_width_share": share(wide_dup, wide),
        "prose_dup_text_share": share(
            repeated([part for part in of_lines if part[1] >= TEXT_LINE])[1], wide
        ),
        "prose_dup_block_share": share(
            repeated([part for part in of_blocks if part[1] >= TEXT_BLOCK])[1], wide
        ),
        **repetition(
            words,
            "".join(line.raw + "\n" for line in own),
            sum(len(line.raw) + 1 for line in prose),
        ),
        "prose_small_word_share": small_share(texts, shapes),
        "verse_line_share": share(verse, len(first)),
        "speaker_line_share": share(speakers, len(first)),
        "amount_line_share": share(amounts if every["digit"] else 0, len(first)),
    }
