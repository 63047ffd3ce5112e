"""Benchmark items in the filter: found, named, and never missed in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import filter
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import digests, rows

ITEM = "一个水池有两个进水管和一个排水管，单开甲管六小时注满，三管同时打开要几小时？"
SHORT = "黄河发源于哪座山脉的北麓？"


PAGES = {
    "long": f"论坛上有人贴了一道题：\n{ITEM.replace('，', ',')}\n大家都不会。",
    "short": f"他忽然问：“{SHORT}”没有人回答。",
    "clean": "黄河发源于青藏高原，流过九个省区。",
}


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """A page with each kind of item, and one with none; items in two forms."""
    crawl(*({"id": name, "text": text} for name, text in PAGES.items()))
    folder = Path("bench")
    folder.mkdir()
    Path("bench/a.jsonl").write_text(
        json.dumps({"id": "pool", "question": ITEM}, ensure_ascii=False) + "\n"
    )
    Path("bench/b.jsonl").write_text(
        json.dumps({"question": SHORT}) + "\n" + json.dumps({"question": "几点了？"}) + "\n"
    )
    return Path("crawl")


FLAGS = ("--input", "crawl/", "--preset", "none")
ITEMS = ("--benchmark", "bench", "--benchmark-field", "question")


def test_items_are_found_and_named(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata("filter", *FLAGS, *ITEMS, "--output", "out")
    assert done.code == 0, done.err
    assert done.lines()["benchmark"] == "3 items, 1 of them too short to look for"
    removed = {row["id"]: row for row in rows(Path("out"), "removed")}
    assert set(removed) == {"long", "short"}
    assert {row["rule"] for row in removed.values()} == {"benchmark/overlap"}
    assert (removed["short"]["value"], removed["short"]["threshold"]) == (1.0, 0.4)
    assert done.lines()["found"] == "items in 2 documents"
    assert (removed["long"]["benchmark"], removed["short"]["benchmark"]) == ("pool", "b.jsonl#0")
    begin, end = removed["short"]["spans"]
    assert PAGES["short"].encode()[begin:end].decode().strip("“”") == SHORT
    scores = {row["id"]: row["benchmark"] for row in rows(Path("out"), "scores")}
    assert scores == {"long": "pool", "short": "b.jsonl#0", "clean": None}


def test_other_thresholds_need_no_search(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", *FLAGS, *ITEMS, "--output", "out").code == 0
    again = filter.run(rescore_from="out", output="again", preset="none")
    assert again.removed == {"encoding/mojibake": 0, "benchmark/overlap": 2}
    assert digests(Path("again")) == digests(Path("out"))
    Path("own.toml").write_text("[[rule]]\nname = 'any'\ndrop_when = 'contamination > 0'\n")
    own = filter.run(rescore_from="out", output="own", preset="none", rules="own.toml")
    assert own.removed["own/any"] == 2
    bare = glmdata("filter", *FLAGS, "--rules", "own.toml", "--output", "bare")
    assert bare.code == 2
    assert "rule own/any: asks for `contamination`, and there are no benchmark items" in bare.err


def test_moved_items_are_the_same_items(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", *FLAGS, *ITEMS, "--output", "out").code == 0
    Path("bench").rename("elsewhere")
    moved = ("--benchmark", "elsewhere", "--benchmark-field", "question")
    assert glmdata("filter", *FLAGS, *moved, "--output", "two").code == 0
    assert digests(Path("two")) == digests(Path("out"))
    text = Path("elsewhere/a.jsonl").read_text()
    Path("elsewhere/a.jsonl").write_text(text.replace("六", "七"))
    assert glmdata("filter", *FLAGS, *moved, "--output", "out").code == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--benchmark", "nowhere"), "benchmark: expected files with items in nowhere, found none"),
        (
            ("--benchmark", "bench", "--benchmark-field", "content"),
            "expected benchmark items, found missing_text",
        ),
    ],
)
def test_items_that_cannot_be_read_stop_the_run(
    glmdata: Glmdata, pages: Path, flags: tuple[str, ...], message: str
) -> None:
    done = glmdata("filter", *FLAGS, *flags, "--output", "out")
    assert done.code == 2
    assert message in done.err


def test_a_report_removes_nothing(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata(
        "filter", *FLAGS, "--benchmark", "bench", "--benchmark-report", "--output", "out"
    )
    assert done.code == 0, done.err
    assert len(rows(Path("out"), "removed")) == 0
    assert len(rows(Path("out"), "data")) == 3
    listed = json.loads(Path("out/report.json").read_text())["benchmark"]
    assert listed["documents"] == 2
    assert [(row["id"], row["benchmark"]) for row in listed["listed"]] == [
        ("long", "pool"),
        ("short", "b.jsonl#0"),
    ]
    assert all(row["contamination"] >= 0.4 for row in listed["listed"])


def test_explain_names_the_item_and_its_place(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("dedup", "--input", "crawl/").code == 0
    assert glmdata("filter", "--preset", "none", "--benchmark", "bench").code == 0
    page = glmdata("explain", "long")
    assert page.code == 0, page.err
    assert page.lines()["then"].startswith("removed by the filter's rule benchmark/overlap: 1")
    assert page.lines()["item"].startswith("pool, bytes ")
    facts = json.loads(glmdata("explain", "long", "--json").out)["filter"]
    begin, end = facts["place"]
    assert facts["benchmark"] == "pool"
    assert PAGES["long"].encode()[begin:end].decode().startswith("一个水池")


QUESTION = "下列关于潮水的说法，与渔民的经验相符的是哪一项？"
ANSWERS = ["月圆前后潮水最高，船要停得远", "潮水只在冬天才会上涨和回落", "风越小潮水就涨得越快越高"]
FORMS: list[dict[str, object]] = [
    {"question": QUESTION, "choices": ANSWERS, "answer": 0},
    {"Question": QUESTION, "A": ANSWERS[0], "B": ANSWERS[1], "C": ANSWERS[2], "Answer": "A"},
    {"query": QUESTION, "options": {"text": ANSWERS, "label": ["A", "B", "C"]}},
    {"prompt": QUESTION, "options": {"A": ANSWERS[0], "B": ANSWERS[1], "C": ANSWERS[2]}},
]


@pytest.mark.parametrize("form", FORMS, ids=["choices", "letters", "text", "table"])
def test_options_are_read_in_the_usual_forms(
    glmdata: Glmdata, crawl: Crawl, form: dict[str, object]
) -> None:
    """Options alone are half of the item, and only there if the loader saw them."""
    crawl({"id": "options", "text": "。".join(ANSWERS[::-1])}, {"id": "none", "text": "潮水来了。"})
    Path("items.jsonl").write_text(json.dumps(form, ensure_ascii=False) + "\n")
    done = glmdata("filter", *FLAGS, "--benchmark", "items.jsonl", "--output", "out")
    assert done.code == 0, done.err
    assert [row["id"] for row in rows(Path("out"), "removed")] == ["options"]


def test_a_table_of_questions_is_read(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"id": "options", "text": "。".join(ANSWERS[::-1])})
    table = f"id,question,A,B,C,answer\n1,{QUESTION},{','.join(ANSWERS)},A\n"
    Path("items.csv").write_text(table.replace("，", "；"))
    done = glmdata("filter", *FLAGS, "--benchmark", "items.csv", "--output", "out")
    assert done.code == 0, done.err
    assert [row["benchmark"] for row in rows(Path("out"), "removed")] == ["1"]


@pytest.mark.parametrize("options", [False, True])
@pytest.mark.parametrize("items", [10, 11, 40])
def test_items_that_many_share_are_looked_for(
    glmdata: Glmdata, crawl: Crawl, items: int, options: bool
) -> None:
    """A window of more than ten items weighs nothing, and equal questions have no other."""
    crawl({"id": "leak", "text": PAGES["long"]}, {"id": "clean", "text": PAGES["clean"]})
    Path("bench").mkdir()
    own = ({"choices": [f"甲{n}", f"乙{n}"]} if options else {} for n in range(items))
    lines = (json.dumps({"id": n, "question": ITEM, **more}) for n, more in enumerate(own))
    Path("bench/a.jsonl").write_text("\n".join(lines) + "\n")
    done = glmdata("filter", *FLAGS, "--benchmark", "bench", "--output", "out", "--json")
    assert done.code == 0, done.err
    assert [row["id"] for row in rows(Path("out"), "removed")] == ["leak"]
    benchmark = json.loads(done.out)["benchmark"]
    assert (benchmark["items"], benchmark["equal"]) == (items, 0 if options else items - 1)
    told = glmdata("show", "out").out
    assert ("equal to another one" in told) == (not options)
