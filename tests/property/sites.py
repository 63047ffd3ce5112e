"""Made-up sites with labelled lines: what their template prints, what must stay, what is own.

`tuned_sites.py` has the half that rules are tuned on, `reported_sites.py` the one that figures come
from.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.property.texts import Document, units

TEMPLATE, STAYS, OWN = "template", "stays", "own"


class Line(NamedTuple):
    """A line of a page and what ought to become of it; an empty text is a blank line."""

    text: str
    verdict: str


class Site(NamedTuple):
    """A host and its pages."""

    host: str
    pages: list[list[Line]]


Maker = Callable[[random.Random, int], list[Line]]


def template(*texts: str) -> list[Line]:
    """Lines that the site prints on its pages."""
    return [Line(text, TEMPLATE) for text in texts]


def stays(*texts: str) -> list[Line]:
    """Lines that several pages have and that say something."""
    return [Line(text, STAYS) for text in texts]


def own(rng: random.Random, script: str, n: int = 1) -> list[Line]:
    """Paragraphs of this page, each with a blank line behind it."""
    found = []
    for _ in range(n):
        stop = "." if script == "en" else "。"
        text = "".join(units(rng, script, rng.randint(14, 40))).strip()
        found += [Line(text[:1].upper() + text[1:] + stop, OWN), Line("", OWN)]
    return found


def titled(rng: random.Random, script: str) -> list[Line]:
    """A title of this page."""
    title = "".join(units(rng, script, 6)).strip()
    return [Line(title[:1].upper() + title[1:], OWN), Line("", OWN)]


def amid(rng: random.Random, script: str, lines: Iterable[Line], share: float = 0.6) -> list[Line]:
    """Lines that stand one by one between paragraphs of their own, each on a share of the pages."""
    found = titled(rng, script) + own(rng, script)
    for line in lines:
        if rng.random() < share:
            found += [line, Line("", OWN)]
        found += own(rng, script)
    return found


def framed(head: list[str], tail: list[str], script: str) -> Maker:
    """Pages between the lines of a head and those of a tail; `{}` stands for a number."""

    def page(rng: random.Random, _: int) -> list[Line]:
        def filled(lines: list[str]) -> list[Line]:
            return template(*(line.replace("{}", str(rng.randint(1, 9_999))) for line in lines))

        body = titled(rng, script) + own(rng, script, rng.randint(3, 6))
        return [*filled(head), Line("", OWN), *body, *filled(tail)]

    return page


def with_bar(maker: Maker, bar: list[str]) -> Maker:
    """The same with a bar of links behind the second paragraph."""

    def page(rng: random.Random, number: int) -> list[Line]:
        lines = maker(rng, number)
        blanks = [at for at, line in enumerate(lines) if not line.text]
        at = blanks[3] + 1
        return [*lines[:at], *template(*bar), Line("", OWN), *lines[at:]]

    return page


def related(maker: Maker, heading: str, titles: list[str], n: int) -> Maker:
    """The same with links to some other pages at the end."""

    def page(rng: random.Random, number: int) -> list[Line]:
        return [*maker(rng, number), *template(heading, *rng.sample(titles, n))]

    return page


def sections(makers: list[Maker]) -> Maker:
    """A site of several sections, each with a frame of its own."""
    return lambda rng, number: makers[number % len(makers)](rng, number)


def scattered(script: str, *texts: str) -> Maker:
    """Pages of their own with some repeated lines amid unlike ones."""
    return lambda rng, _: amid(rng, script, stays(*texts))


def ended(script: str, share: float, *texts: str) -> Maker:
    """Some pages of which end with the same lines."""

    def page(rng: random.Random, _: int) -> list[Line]:
        end = stays(*texts) if rng.random() < share else []
        return titled(rng, script) + own(rng, script, 3) + end

    return page


def begun(script: str, share: float, *texts: str) -> Maker:
    """Some pages of which begin with the same lines."""

    def page(rng: random.Random, _: int) -> list[Line]:
        head = [*stays(*texts), Line("", OWN)] if rng.random() < share else []
        return head + titled(rng, script) + own(rng, script, 3)

    return page


def inside(script: str, *texts: str) -> Maker:
    """Pages with the same lines in a row between their own paragraphs; `{}` stands for a number."""

    def page(rng: random.Random, _: int) -> list[Line]:
        filled = (text.replace("{}", str(rng.randint(1, 9_999))) for text in texts)
        middle = [*stays(*filled), Line("", OWN)]
        return titled(rng, script) + own(rng, script, 2) + middle + own(rng, script, 2)

    return page


def listed(script: str, sign: str, *texts: str) -> Maker:
    """Pages with a list or quotation that begins alike everywhere and goes on as it likes."""

    def page(rng: random.Random, _: int) -> list[Line]:
        more = [line for line in own(rng, script, 3) if line.text]
        middle = stays(*(sign + text for text in texts))
        middle += [Line(sign + line.text, OWN) for line in more] + [Line("", OWN)]
        return titled(rng, script) + own(rng, script, 2) + middle + own(rng, script, 2)

    return page


def refrain(script: str, *texts: str) -> Maker:
    """Songs: after every stanza of three lines the same lines come again."""

    def page(rng: random.Random, _: int) -> list[Line]:
        lines = titled(rng, script)
        for _ in range(3):
            lines += [line for line in own(rng, script, 3) if line.text]
            lines += [*stays(*texts), Line("", OWN)]
        return lines + own(rng, script)

    return page


def talk(script: str, turns: list[tuple[str, str]]) -> Maker:
    """Dialogues that open and close with set phrases."""

    def page(rng: random.Random, _: int) -> list[Line]:
        lines = stays(*("".join(turn) for turn in turns[:2]))
        for _ in range(3):
            for label, _ in turns[:2]:
                said = own(rng, script)[0].text
                lines.append(Line(label + said, OWN))
        return lines + stays(*("".join(turn) for turn in turns[2:]))

    return page


def made(seed: int, sites: dict[str, tuple[int, Maker]]) -> list[Site]:
    """So many pages of each site."""
    found = []
    for host, (pages, maker) in sites.items():
        rng = random.Random(f"{seed} {host}")
        found.append(Site(host, [maker(rng, number) for number in range(pages)]))
    return found


def documents(sites: Iterable[Site]) -> list[Document]:
    """The pages as documents; the first page of a site comes first in keep order `first`."""
    return [
        {
            "id": f"{site.host}/{number}",
            "url": f"https://www.{site.host}/page/{number}",
            "text": "\n".join(line.text for line in page),
            "source": "web",
        }
        for site in sites
        for number, page in enumerate(site.pages)
    ]
