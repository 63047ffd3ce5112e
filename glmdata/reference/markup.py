"""Tags and entities of HTML within a line: where they end, and what a line says without them."""

from __future__ import annotations

import re

from glmdata.reference.scripts import LETTERS, PLAIN, script_of

NAMES = (
    "a abbr article b big blockquote br caption center cite code dd del details dfn div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s "
    "samp section small span strike strong sub summary sup table tbody td tfoot th thead tr tt u "
    "ul var wbr"
)
"""Elements that stand around or in prose."""

TAG = re.compile(
    rf"</?(?:{NAMES.replace(' ', '|')})(?:(?P<plain>[ \t]*/?>)|[ \t]+[A-Za-z][^<>]*>)",
    re.IGNORECASE | re.ASCII,
)
CELL = re.compile("</*t[dh](?![a-z0-9])", re.IGNORECASE | re.ASCII)
SENTENCE = 4
"""So many words, or Han characters, are a sentence between tags and no label of a button."""

Span = tuple[int, int, str]
"""Where a formula, code between backticks, a tag or an entity is, and which of them it is."""

ENTITIES = {
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "apos": "'",
    "nbsp": " ",
    "ensp": " ",
    "emsp": " ",
    "thinsp": " ",
    "shy": "\xad",
    "zwnj": "\u200c",
    "zwj": "\u200d",
    "ndash": "\u2013",
    "mdash": "\u2014",
    "hellip": "\u2026",
    "lsquo": "\u2018",
    "rsquo": "\u2019",
    "sbquo": "\u201a",
    "ldquo": "\u201c",
    "rdquo": "\u201d",
    "bdquo": "\u201e",
    "laquo": "«",
    "raquo": "»",
    "bull": "\u2022",
    "middot": "·",
    "copy": "©",
    "reg": "®",
    "trade": "\u2122",
    "sect": "§",
    "para": "¶",
    "deg": "°",
    "plusmn": "±",
    "times": "\xd7",
    "divide": "÷",
    "euro": "\u20ac",
    "pound": "£",
    "yen": "¥",
    "cent": "¢",
}
ENTITY = re.compile("&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));")
ACCENTED = re.compile("([A-Za-z])(?:acute|grave|circ|uml|tilde|cedil|ring|slash)")


def entity(text: str, start: int) -> tuple[int, str] | None:
    """Where the entity at `start` ends and what it stands for; `&value;` is none."""
    found = ENTITY.match(text, start)
    if found is None:
        return None
    decimal, hexadecimal, name = found.groups()
    if name:
        accented = ACCENTED.fullmatch(name)
        character = ENTITIES.get(name, accented[1] if accented else "")
        if not character:
            return None
    else:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        known = code < 0x110000 and not 0xD800 <= code < 0xE000
        character = chr(code) if known else "\ufffd"
    blank = script_of(character) in ("space", "newline")
    return found.end(), " " if blank else character


def plain_digits(text: str) -> tuple[int, int]:
    """Digits and characters of a text, an entity that is a number being one character."""
    left = text
    for match in reversed(list(re.finditer("&#", text))):
        found = entity(text, match.start())
        if found:
            digit = "1" if script_of(found[1]) == "digit" else "x"
            left = left[: match.start()] + digit + left[found[0] :]
    return sum(script_of(c) == "digit" for c in left), len(left)


def has_cells(text: str, spans: list[Span]) -> bool:
    """Whether a cell of a table is among the tags."""
    return any(bool(CELL.match(text, start)) for start, _, kind in spans if "tag" in kind)


def said(text: str, spans: list[Span]) -> str:
    """A text with blanks for tags and characters for entities, cut at its ends."""
    for start, end, kind in reversed(spans):
        if "tag" in kind:
            text = text[:start] + " " + text[end:]
        elif kind.startswith("&"):
            text = text[:start] + kind[1] + text[end:]
    return text.strip()


def says_enough(text: str, spans: list[Span]) -> bool:
    """Whether a line is judged without its tags: a sentence is left, or no tag has attributes."""
    if not any("tag" in kind for _, _, kind in spans):
        return True
    left = said(text, spans)
    words = sum(any(script_of(c) in LETTERS for c in word) for word in left.split())
    han = sum(script_of(c) == "han" for c in left)
    shown = sum(not c.isspace() for c in left)
    wide = shown + sum(script_of(c) in ("han", "kana", "hangul") for c in left)
    in_tags = sum(not c.isspace() for c in text) - shown
    if max(words, han) >= SENTENCE and 2 * wide >= in_tags:
        return True
    attributes = any(kind == "tag" for _, _, kind in spans)
    return not attributes and any(script_of(c) in PLAIN for c in left)
