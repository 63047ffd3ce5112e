"""audit.html: one file that needs no network and runs no script, to be read, printed and passed on.

Every figure carries the place in audit.json that it was taken from. Tokens are crawled text: they
are escaped by the template engine, and what would be invisible or reorder the line is spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

_SPELLED = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff]"
)
"""Control, invisible and direction characters, and blanks that cannot be told apart."""
_MANY = 60
"""Characters of a token that are shown."""


def page(data: Mapping[str, Any]) -> str:
    """The page of the content of audit.json."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files("glmdata.tokenizer.audit").joinpath("page.html.jinja").read_text(encoding="utf-8")
    )
    figures = _Figures(data)
    functions = {"n": figures.number, "share": figures.share, "shown": shown, "plain": plain}
    return template.render(data=data, **functions)


def shown(token: Mapping[str, Any]) -> Markup:
    """A token as an element: its text, or its bytes where they are no text."""
    text = token["text"]
    if text is None:
        return Markup('<code class="bytes">{}</code>').format(token["bytes"])
    cut = text if len(text) <= _MANY else text[:_MANY] + "…"
    signs = "".join(_SPELLED.get(character, character) for character in cut)
    return Markup("<code><bdi>{}</bdi></code>").format(plain(signs))


def plain(text: str) -> str:
    """The text with escapes for what is invisible or reorders the line; blanks stay."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class _Figures:
    """Numbers of the page, each with its place in audit.json."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def number(self, *path: str | int, digits: int = 0) -> Markup:
        """The number at a path, with thousands apart."""
        value = self._at(path)
        if value is None:
            return Markup("–")
        return _element(path, value, f"{value:,.{digits}f}")

    def share(self, part: tuple[str | int, ...], whole: tuple[str | int, ...]) -> Markup:
        """The number at a path, and which share of another one it is."""
        value, total = self._at(part), self._at(whole)
        percent = 100 * value / total if total else 0.0
        return _element(part, value, f"{value:,}") + Markup(" <small>{}&nbsp;%</small>").format(
            f"{percent:.1f}"
        )

    def _at(self, path: tuple[str | int, ...]) -> Any:
        value: Any = self._data
        for step in path:
            value = value[step]
        return value


def _element(path: tuple[str | int, ...], value: float, text: str) -> Markup:
    place = escape("/".join(map(str, path)))
    return Markup('<data value="{}" data-at="{}">{}</data>').format(value, place, text)
