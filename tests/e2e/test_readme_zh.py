"""The Chinese README says what the English one says: headings, commands, figures and links."""

from __future__ import annotations

import re
from collections import Counter
from itertools import zip_longest
from pathlib import Path

from tests.e2e.conftest import ROOT
from tests.markdown import Block, blocks, links, sections

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)*")


def figures(text: str) -> Counter[str]:
    return Counter(figure.rstrip(",") for figure in _FIGURE.findall(text))


def bare(block: Block) -> tuple[str, str | None, list[str]]:
    """A block without what may be in either language: comments, and words beside names."""
    lines = [re.sub(r"(^|\s)#.*", "", line).rstrip() for line in block.body.splitlines()]
    if block.kind == "text":
        lines = [line.split("  ")[0] for line in lines]
    return block.kind, block.reason, [line for line in lines if line]


def test_headings_are_of_the_same_levels_in_the_same_order() -> None:
    levels = [[level for level, _, _ in sections(page)] for page in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1]
    assert levels[0].count(2) >= 8


def test_blocks_are_the_same_but_for_comments() -> None:
    english, chinese = ([bare(block) for block in blocks(page)] for page in (ENGLISH, CHINESE))
    assert english == chinese
    assert sum(len(lines) for _, _, lines in english) >= 40


def test_figures_are_the_same_in_each_section() -> None:
    differing = {}
    for (_, title, there), (_, _, here) in zip_longest(sections(ENGLISH), sections(CHINESE)):
        missing, made_up = figures(there) - figures(here), figures(here) - figures(there)
        if missing or made_up:
            differing[title] = (dict(missing), dict(made_up))
    assert differing == {}


def test_links_are_the_same_and_lead_to_files() -> None:
    english, chinese = Counter(links(ENGLISH)), Counter(links(CHINESE))
    assert english - chinese == Counter([CHINESE.name])
    assert chinese - english == Counter([ENGLISH.name])
    assert all((ROOT / link).exists() for link in chinese)


def test_each_is_named_in_the_first_lines_of_the_other() -> None:
    for page, other in ((ENGLISH, CHINESE), (CHINESE, ENGLISH)):
        assert f"({other.name})" in "".join(page.read_text("utf-8").splitlines()[:4])


def test_a_figure_that_was_changed_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 一\n\n1,234 篇，5.6 s。\n", "utf-8")
    assert [figures(text) for _, _, text in sections(page)] == [Counter({"1,234": 1, "5.6": 1})]
