"""Colour, and crawled text that must not reach the terminal as commands."""

from __future__ import annotations

import json
import os
import re
from typing import TextIO

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline, C1 included
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible and bidi
    "\U000e0000-\U000e007f"  # tags, which nothing shows
    "\ud800-\udfff]"  # lone surrogates cannot be encoded
)
_LINE_BREAKS = re.compile("[\t\n]")


def visible(text: str, *, one_line: bool = False) -> str:
    r"""The text with whatever could move the cursor, hide or reorder it spelled as an escape.

    >>> visible("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    text = _UNSAFE.sub(_escaped, text)
    return _LINE_BREAKS.sub(_escaped, text) if one_line else text


def escaped_json(text: str) -> str:
    r"""JSON of the same content, with the same characters spelled as JSON spells them.

    >>> escaped_json('{"a": "\x7f"}')
    '{"a": "\\u007f"}'
    """
    # Between its values JSON has no character above the space but printable ASCII.
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def wants_color(stream: TextIO) -> bool:
    """Whether to colour what goes to this stream: a terminal, and no NO_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if short := {9: "\\t", 10: "\\n", 13: "\\r"}.get(code):
        return short
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
