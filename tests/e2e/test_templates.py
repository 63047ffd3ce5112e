"""`--templates host` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glmdata.dedup import apply_edits, read_edits
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

STAGE = Path("glmdata-out/dedup")
HEAD = "渡船日报\n首页 | 要闻 | 体育\n"
TAIL = "\n阅读 ({})\n责任编辑：江水生\n版权所有，未经授权不得转载。"
STORIES = [
    "渡船在黎明离开北岸的码头，载着整个乐团穿过海峡。",
    "昨夜大雨滂沱，甲板上的人谁也没有睡着。",
    "船长说，明年春天要给所有的船换上新的帆。",
    "The pilot boat came back at noon without its pilot.",
    "海鸥在灯塔周围飞了一整天，直到天色变暗。",
    "码头上的老人数着进港的船，一共有十七条。",
]


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STAGE / "report.json").read_text())
    return found


def pages(stories: list[str] = STORIES, host: str = "quay.example") -> list[dict[str, object]]:
    """Pages of one site."""
    return [
        {
            "id": f"{host}-{n}",
            "url": f"https://www.{host}/{n}",
            "text": f"{HEAD}{story}{TAIL.format(n)}",
        }
        for n, story in enumerate(stories)
    ]


CUT = (
    "dedup",
    "--input",
    "crawl/",
    "--templates",
    "host",
    "--keep",
    "first",
    "--containment",
    "off",
)


def test_edits_explain_and_figures_say_what_went(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    done = glmdata(*CUT)
    assert done.code == 0, done.err
    # Five lines on five pages; the first page stays as it is.
    assert done.lines()["cut"].startswith("25 blocks of templates, ")
    assert "note" not in done.lines()
    assert report()["cut"]["templates"] == 25
    assert report()["cut"]["by_source"]["web"]["templates"] == 25
    edits = dict(read_edits(STAGE))
    assert len(edits) == 5
    assert {edit.rule for own in edits.values() for edit in own} == {"template"}
    assert {edit.count for own in edits.values() for edit in own} == {6}
    left = [
        apply_edits(str(page["text"]), own)
        for page, own in zip(pages()[1:], edits.values(), strict=True)
    ]
    assert [text.strip() for text in left] == STORIES[1:]
    told = glmdata("explain", "quay.example-3")
    assert told.code == 0, told.err
    size = sum(edit.end - edit.start for edit in list(edits.values())[2])
    assert (
        f"cut          5 by rule template, {size} bytes, in up to 6 pages of its host" in told.out
    )
    found = json.loads(glmdata("explain", "quay.example-3", "--json").out)
    assert [edit["rule"] for edit in found["edits"]] == ["template"] * 5
    assert glmdata("verify", str(STAGE)).code == 0


def test_a_page_that_is_all_frame_goes_and_says_why(glmdata: Glmdata, crawl: Crawl) -> None:
    frame = {
        "id": "frame",
        "url": "http://quay.example/",
        "text": f"{HEAD}版权所有，未经授权不得转载。",
    }
    crawl(*pages(), frame)
    assert glmdata(*CUT).code == 0
    assert report()["removed_by_rule"]["template"] == 1
    assert "removed by rule template" in glmdata("explain", "frame").out


def test_nothing_is_cut_unless_asked_for(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    assert glmdata("dedup", "--input", "crawl/", "--containment", "off").code == 0
    assert report()["cut"] is None
    assert "template" not in report()["removed_by_rule"]


def without_url(page: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in page.items() if name != "url"}


@pytest.mark.parametrize(
    ("records", "note"),
    [
        (
            [
                *pages(),
                {"id": "a", "text": "无处可归的一页。"},
                {"id": "b", "url": "unknown", "text": "另一页。"},
            ],
            "2 of 8 documents have no host, so --templates host could not apply",
        ),
        (
            [without_url(page) for page in pages()],
            "--templates has no effect: no document has the field `url`",
        ),
        (
            [{**page, "url": "unknown"} for page in pages()],
            "--templates has no effect: no address names a host",
        ),
        (pages(STORIES[:4]), "--templates has no effect: no host has 5 pages or more"),
    ],
    ids=["some", "no field", "no address", "few pages"],
)
def test_what_could_not_be_judged_is_told(
    glmdata: Glmdata, crawl: Crawl, records: list[dict[str, object]], note: str
) -> None:
    crawl(*records)
    done = glmdata(*CUT)
    assert done.code == 0, done.err
    assert done.lines()["note"] == note
    assert report()["notes"] == [note]


def test_the_field_of_the_address_may_have_another_name(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({**without_url(page), "meta": {"link": page["url"]}} for page in pages()))
    assert glmdata(*CUT, "--url-field", "meta.link").code == 0
    assert report()["cut"]["templates"] == 25


def test_templates_can_be_cut_later(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    plain = ("--input", "crawl/", "--containment", "off", "--bands", "16x8")
    assert glmdata("dedup", *plain).code == 0
    late = ("--rethreshold", "0.9", "--templates", "host", "--output", "late")
    assert glmdata("dedup", *late).code == 0
    assert glmdata("dedup", *plain, "--threshold", "0.9", *late[2:4], "--output", "full").code == 0
    for path in Path("full").rglob("*"):
        if path.is_file() and path.name != "run.json":
            assert path.read_bytes() == Path("late", path.relative_to("full")).read_bytes(), path


def test_another_value_is_refused(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    done = glmdata("dedup", "--input", "crawl/", "--templates", "page")
    assert done.code == 2
    assert "--templates: expected off or host" in done.err
