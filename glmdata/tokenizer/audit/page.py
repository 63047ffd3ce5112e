"""audit.html: one file that needs no network and runs no script, to be read, printed and passed on.

Every figure carries the place in audit.json that it was taken from. Tokens are crawled text: they
are escaped by the template engine, and what would be invisible or reorder the line is spelled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from glmdata.stage.page import plain, render
from glmdata.stage.picture import STYLE
from glmdata.tokenizer.audit.pictures import pictures

_SPELLED = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥"}
_MANY = 60
"""Characters of a token that are shown."""


def page(data: Mapping[str, Any]) -> str:
    """The page of the content of audit.json."""
    figures = _Figures(data)
    functions = {"n": figures.number, "share": figures.share, "shown": shown, "plain": plain}
    drawn = {"pictures": pictures(data), "picture_style": STYLE}
    return render("glmdata.tokenizer.audit", "page.html.jinja", data=data, **drawn, **functions)


def shown(token: Mapping[str, Any]) -> Markup:
    """A token as an element: its text, or its bytes where they are no text."""
    text = token["text"]
    if text is None:
        return Markup('<code class="bytes">{}</code>').format(token["bytes"])
    cut = text if len(text) <= _MANY else text[:_MANY] + "…"
    signs = "".join(_SPELLED.get(character, character) for character in cut)
    return Markup("<code><bdi>{}</bdi></code>").format(plain(signs))


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
