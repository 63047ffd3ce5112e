"""Personal data in the filter: kept, masked with a trace, or a reason to go."""

from __future__ import annotations

from pathlib import Path

import pytest

from glmdata import filter
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import digests, rows

TEXT = "渔民张三的手机是13812345678，邮箱 zhang@mailbox.cn；服务器在58.30.15.255。"
MASKED = "渔民张三的手机是[PHONE]，邮箱 [EMAIL]；服务器在[IP]。"


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """One page with personal data, one without, one that goes for another reason."""
    crawl(
        {"id": "with", "lang": "zh", "text": TEXT},
        {"id": "without", "lang": "zh", "text": "渔民在河口修补渔网。"},
        {"id": "gone", "lang": "zh", "text": f"{TEXT}暂无内容"},
    )
    Path("rules.toml").write_text("[[rule]]\nname = 'gone'\ndrop_when = \"id = 'gone'\"\n")
    return Path("crawl")


FLAGS = ("--input", "crawl/", "--preset", "none", "--rules", "rules.toml")


def texts(stage: str) -> dict[str, str]:
    return {row["id"]: row["text"] for row in rows(Path(stage), "data")}


def test_it_is_kept_unless_asked(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata("filter", *FLAGS, "--output", "kept")
    assert done.code == 0, done.err
    assert texts("kept")["with"] == TEXT
    assert not Path("kept/edits").exists()
    assert "masked" not in done.out


def test_masks_leave_a_trace_that_can_be_replayed(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata("filter", *FLAGS, "--pii", "mask", "--output", "out")
    assert done.code == 0, done.err
    assert texts("out") == {"with": MASKED, "without": "渔民在河口修补渔网。"}
    assert done.lines()["masked"] == "1 email, 1 ip, 1 phone in 1 documents"
    data = TEXT.encode()
    edits = rows(Path("out"), "edits")
    assert {edit["id"] for edit in edits} == {"with"}
    assert [edit["rule"] for edit in edits] == ["pii/phone", "pii/email", "pii/ip"]
    for edit in reversed(edits):
        data = data[: edit["start"]] + edit["replacement"].encode() + data[edit["end"] :]
    assert data.decode() == MASKED


def test_other_decisions_mask_the_same(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", *FLAGS, "--pii", "mask", "--output", "out").code == 0
    assert glmdata("filter", *FLAGS, "--output", "kept").code == 0
    filter.run(rescore_from="kept", output="again", preset="none", rules="rules.toml", pii="mask")
    assert digests(Path("again")) == digests(Path("out"))
    one = glmdata("filter", *FLAGS, "--pii", "mask", "--write", "decisions", "--output", "bare")
    assert one.code == 0
    assert rows(Path("bare"), "edits") == rows(Path("out"), "edits")
    assert not list(Path("bare").glob("data/part-*"))


def test_it_may_be_a_reason_to_go(glmdata: Glmdata, pages: Path) -> None:
    report = filter.run("crawl/", "out", preset="none", pii="drop")
    assert report.removed == {"encoding/mojibake": 0, "pii/any": 2}
    row = min(rows(Path("out"), "removed"), key=lambda row: str(row["id"]))
    assert (row["id"], row["value"], row["threshold"]) == ("gone", 3.0, 1.0)


def test_every_kind_has_its_mask_and_its_count(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(
        {
            "id": "all",
            "lang": "zh",
            "text": "护照号E12345678，车牌京A·12345，电话０１０－６２３４５６７８。\n"
            "SSN: 123-45-6789\n地址：浙江省杭州市西湖区文三路90号3幢501室",
        }
    )
    done = glmdata("filter", "--input", "crawl/", "--preset", "none", "--pii", "mask")
    assert done.code == 0, done.err
    kinds = "1 address, 1 passport, 1 phone, 1 plate, 1 ssn in 1 documents"
    assert done.lines()["masked"] == kinds
    assert texts("glmdata-out/filter")["all"] == (
        "护照号[PASSPORT]，车牌[PLATE]，电话[PHONE]。\nSSN: [SSN]\n地址：[ADDRESS]"
    )
