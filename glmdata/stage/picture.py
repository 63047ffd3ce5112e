"""A drawing kit for pages: SVG written by hand, without script, network or fonts of its own.

A drawing is 360 units wide and is shown 20 to 30 rem wide, so its text never falls below 11 pixels,
on a phone and on paper too. Colours are those of Okabe and Ito, which people of all kinds of colour
vision can tell apart (https://jfly.uni-koeln.de/color/, "Color Universal Design"); what is removed
is hatched as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from unicodedata import east_asian_width

from markupsafe import Markup

from glmdata.stage.page import plain

WIDTH = 360
"""Units across a drawing."""

LINE = 15
"""Units from a line of text to the next one; letters are 12 high."""

STYLE = files("glmdata.stage").joinpath("picture.css").read_text(encoding="utf-8")
"""Rules of a page with pictures; the page has the colours --ink, --soft, --line and --paper."""


@dataclass(frozen=True)
class Picture:
    """A drawing with its words; without a drawing, `caption` says why there is none."""

    name: str
    """Made of letters, digits and `-`: the id of its element."""
    title: str
    caption: str
    command: str
    """Prints the figures."""
    drawing: Drawing | None = None

    def __html__(self) -> str:
        """The picture as an element; the template engine asks for it."""
        image = self.drawing.image(self.name, self.title) if self.drawing else Markup("")
        return str(
            Markup(
                '<figure class="picture" id="{}"><h3>{}</h3>{}<figcaption>{} <code>{}</code>'
                "</figcaption></figure>"
            ).format(self.name, plain(self.title), image, plain(self.caption), plain(self.command))
        )


class Drawing:
    """Shapes and words on an area 360 units wide, from the top left corner."""

    def __init__(self, description: str) -> None:
        self.description = description
        self.height = 0.0
        self._parts: list[Markup] = []

    def image(self, name: str, title: str) -> Markup:
        """The element, with what is read out to those who do not see it."""
        return Markup(
            '<svg role="img" viewBox="0 0 {} {}" aria-labelledby="{}-title {}-desc">'
            '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
        ).format(
            *(WIDTH, math.ceil(self.height), name, name, name, plain(title)),
            *(name, plain(self.description), Markup("").join(self._parts)),
        )

    def text(self, x: float, y: float, words: str, look: str = "", anchor: str = "start") -> None:
        """A line of words; `y` is its foot."""
        self._reach(y + 4)
        self._parts.append(
            Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
                _n(x), _n(y), look, anchor, plain(words)
            )
        )

    def bar(
        self, box: tuple[float, float, float, float], look: str, count: float, *, hatched: bool
    ) -> None:
        """A box of x, y, width and height that stands for a count, which it carries."""
        x, y, width, height = box
        self._reach(y + height)
        self._parts.append(
            Markup(
                '<rect x="{}" y="{}" width="{}" height="{}" class="{}" data-count="{}"/>'
            ).format(_n(x), _n(y), _n(width), _n(height), look, count)
        )
        if hatched and width > 0 and height > 0:
            self._hatch(x, y, width, height)

    def path(self, points: str, look: str, count: float | None = None) -> None:
        """A line or an area."""
        carried = Markup(' data-count="{}"').format(count) if count is not None else Markup("")
        self._parts.append(Markup('<path d="{}" class="{}"{}/>').format(points, look, carried))

    def line(self, points: Iterable[tuple[float, float]], look: str) -> None:
        """A line through points."""
        self.path("M" + "L".join(f"{_n(x)},{_n(y)}" for x, y in points), look)

    def dot(self, x: float, y: float) -> None:
        """A ring: where things are now."""
        self._parts.append(
            Markup('<circle cx="{}" cy="{}" r="4.5" class="now"/>').format(_n(x), _n(y))
        )

    def _hatch(self, x: float, y: float, width: float, height: float) -> None:
        """Slanted lines in a box."""
        strokes = []
        for start in range(6, int(width + height), 6):
            a, b = max(start - height, 0.0), min(float(start), width)
            strokes.append(f"M{_n(x + a)},{_n(y + start - a)}L{_n(x + b)},{_n(y + start - b)}")
        if strokes:
            self.path("".join(strokes), "hatch")

    def _reach(self, y: float) -> None:
        self.height = max(self.height, y)


@dataclass(frozen=True)
class Plot:
    """An area of a drawing with two scales, from `low` to `high`, and their axes."""

    drawing: Drawing
    low: float
    high: float
    most: float
    top: float = 34.0
    foot: float = 184.0
    left: float = 46.0
    right: float = WIDTH - 46.0
    logarithmic: bool = False
    """Whether the upright scale is one of powers of ten, from 0 by way of 1."""

    def x(self, value: float) -> float:
        """Where a value lies across; those beyond the scale lie on its end."""
        span = (self.high - self.low) or 1.0
        share = min(max((value - self.low) / span, 0.0), 1.0)
        return self.left + share * (self.right - self.left)

    def y(self, count: float) -> float:
        """How high a count lies."""
        if self.logarithmic:
            share = math.log10(1 + count) / math.log10(1 + max(self.most, 1))
        else:
            share = count / (self.most or 1)
        return self.foot - share * (self.foot - self.top)

    def axes(
        self, ticks: Sequence[float], what: str, shown: Callable[[float], str] | None = None
    ) -> None:
        """Both axes; `what` names the one across, `ticks` stand on it."""
        draw = self.drawing
        named = math.inf
        for count in self._counts():
            y = self.y(count)
            draw.line([(self.left, y), (self.right, y)], "grid")
            if named - y >= LINE - 2:
                draw.text(self.left - 5, y + 4, short(count), "quiet", "end")
                named = y
        draw.line([(self.left, self.foot), (self.right, self.foot)], "axis")
        for tick in ticks:
            x = self.x(tick)
            draw.line([(x, self.foot), (x, self.foot + 4)], "axis")
            draw.text(x, self.foot + 17, (shown or decimal)(tick), "quiet", "middle")
        draw.text((self.left + self.right) / 2, self.foot + 34, what, "quiet", "middle")

    def bars(
        self, edges: Sequence[float], counts: Sequence[int], gone: Callable[[float], bool]
    ) -> None:
        """A bar for each pair of neighbouring edges, hatched where its middle is `gone`."""
        for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True):
            x, y = self.x(left), self.y(count)
            removed = gone((left + right) / 2)
            box = (x + 0.4, y, max(self.x(right) - x - 0.8, 0.5), self.foot - y)
            self.drawing.bar(box, "gone" if removed else "kept", count, hatched=removed)

    def limit(self, value: float, words: str) -> None:
        """An upright line at a threshold, with words above it."""
        x = self.x(value)
        self.drawing.line([(x, self.top - 6), (x, self.foot)], "limit")
        anchor = "start" if x < WIDTH / 3 else "end" if x > 2 * WIDTH / 3 else "middle"
        self.drawing.text(x, self.top - 11, words, "strong", anchor)

    def _counts(self) -> list[float]:
        if self.logarithmic:
            top = int(math.log10(max(self.most, 1)))
            return [0, *(10**power for power in range(0, top + 1, 1 + top // 4))]
        step = 10 ** math.floor(math.log10(max(self.most, 1)))
        step = next(s for s in (step / 5, step / 2, step, 2 * step) if self.most / s <= 5)
        step = max(step, 1)
        return [step * i for i in range(int(self.most / step) + 1)]


def cut(name: str, most: int) -> str:
    """A name in so many columns at most, the invisible spelled out; wide letters count twice."""
    name = plain(name[: most + 1])
    widths = [2 if east_asian_width(letter) in "WF" else 1 for letter in name]
    if sum(widths) <= most:
        return name
    # A sign in the place of what is cut off takes a column too.
    fits = sum(total < most for total in accumulate(widths))
    return name[:fits] + "…"


def short(count: float) -> str:
    """A count for an axis: 1,500 and then 15k, 2M."""
    for unit, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if count >= unit:
            divisor = 1e3 if sign == "k" else unit
            return f"{count / divisor:.3g}{sign}"
    return f"{count:,.4g}"


def decimal(value: float) -> str:
    """A number for an axis, without zeros that say nothing."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def share(part: float, whole: float) -> str:
    """A share in percent; a dash where there is nothing to share."""
    if not whole:
        return "–"
    return "under 0.1 %" if 0 < part / whole < 0.0005 else f"{100 * part / whole:.1f} %"


def _n(value: float) -> str:
    """A coordinate: a tenth of a unit is finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
