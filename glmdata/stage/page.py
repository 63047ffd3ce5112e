"""Pages for people: one HTML file that needs no network and runs no script.

Whatever was crawled is escaped by the template engine; what would be invisible or reorder the line
is spelled out by `plain`.
"""

from __future__ import annotations

import re
from importlib.resources import files

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff]"
)
"""Control, invisible and direction characters, and blanks that cannot be told apart."""


def plain(text: str) -> str:
    """The text with escapes for what is invisible or reorders the line; blanks stay."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def render(package: str, template: str, /, **values: object) -> str:
    """A template that lies in a package, filled; everything that is no Markup is escaped."""
    import jinja2

    def load(name: str) -> str:
        return files(package).joinpath(name).read_text(encoding="utf-8")

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(load),
    )
    return environment.get_template(template).render(**values)
