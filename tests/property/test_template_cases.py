"""Made-up sites with labelled lines: their templates go, and what says something stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.dedup import read_edits
from tests.property.reported_sites import REPORTED
from tests.property.sites import STAYS, TEMPLATE, Maker, documents, made
from tests.property.stages import run
from tests.property.tuned_sites import TUNED

LIKE_A_FOOTER = {"psalms.example", "zan.example"}
"""Nine of ten pages end with the same two lines: no rule that sees lines alone can tell."""


def judged(folder: Path, sites: dict[str, tuple[int, Maker]]) -> dict[tuple[str, str, bool], int]:
    """Lines by host, verdict and whether they went; the first page of a site keeps its template."""
    found = made(1, sites)
    stage = run(folder, documents(found), templates="host", keep="first", threshold=1.0)
    edits = {stage.position[doc]: own for doc, own in read_edits(stage.path)}
    counts: dict[tuple[str, str, bool], int] = {}
    number = 0
    for site in found:
        for page, lines in enumerate(site.pages):
            at = 0
            for line in lines:
                end = at + len(line.text.encode())
                gone = any(e.start <= at and end <= e.end for e in edits.get(number, []))
                if line.text and (page or line.verdict != TEMPLATE):
                    key = (site.host, line.verdict, gone)
                    counts[key] = counts.get(key, 0) + 1
                at = end + 1
            number += 1
    assert len(stage.decisions) == number
    assert len(stage.kept) == number, "the pages are too much alike to tell"
    return counts


@pytest.mark.parametrize(
    ("sites", "recall"), [(TUNED, 0.95), (REPORTED, 0.9)], ids=["tuned", "reported"]
)
def test_templates_go_and_content_stays(
    tmp_path: Path, sites: dict[str, tuple[int, Maker]], recall: float
) -> None:
    counts = judged(tmp_path, sites)

    def sum_of(verdict: str, gone: bool) -> int:
        hosts = {host for host, *_ in counts} - LIKE_A_FOOTER
        return sum(counts.get((host, verdict, gone), 0) for host in hosts)

    right, missed = sum_of(TEMPLATE, True), sum_of(TEMPLATE, False)
    assert right >= recall * (right + missed), f"{right} of {right + missed}"
    wrong = {key: n for key, n in counts.items() if key[1:] == (STAYS, True)}
    assert {host for host, *_ in wrong} <= LIKE_A_FOOTER
    assert not [key for key in counts if key[1:] == ("own", True)]


def test_there_are_enough_cases() -> None:
    for sites in (TUNED, REPORTED):
        found = made(1, sites)
        hosts = {
            site.host
            for site in found
            for page in site.pages
            for line in page
            if line.verdict == TEMPLATE
        }
        assert len(hosts) >= 6
        lines = {
            line.text
            for site in found
            for page in site.pages
            for line in page
            if line.verdict == STAYS
        }
        assert len(lines) >= 100
