"""Tags of HTML within a line: where they end, and what a line says without them."""

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
"""Where a formula, code between backticks or a tag begins and ends, and which of them it is."""


def without_last_tags(text: str, spans: list[Span]) -> str:
    """The text without the tags that it ends with."""
    for start, end, kind in reversed(spans):
        if end != len(text) or "tag" not in kind:
            break
        text = text[:start].rstrip()
    return text


def has_cells(text: str, spans: list[Span]) -> bool:
    """Whether a cell of a table is among the tags."""
    return any(bool(CELL.match(text, start)) for start, _, kind in spans if "tag" in kind)


def said(text: str, spans: list[Span]) -> str:
    """A text with blanks for its tags."""
    for start, end, kind in reversed(spans):
        if "tag" in kind:
            text = text[:start] + " " + text[end:]
    return text


def says_enough(text: str, spans: list[Span]) -> bool:
    """Whether a line is judged without its tags: a sentence is left, or no tag has attributes."""
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
