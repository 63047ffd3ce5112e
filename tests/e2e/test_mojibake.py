from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import ZH, rows
from tests.property.test_mojibake import WRONG


def test_the_filter_repairs_or_removes_and_says_so(glmdata: Glmdata, crawl: Crawl) -> None:
    text = ZH
    crawl(
        {"id": "clean", "lang": "zh", "text": text + "一。"},
        {"id": "broken", "lang": "zh", "text": WRONG["windows-1252"](text + "二。")},
        {"id": "lost", "lang": "zh", "text": (text + "三。").encode().decode("gbk", "replace")},
    )
    done = glmdata("filter", "--input", "crawl/", "--pii", "mask")
    assert done.code == 0, done.err
    assert done.lines()["repaired"].startswith("1 kept documents")
    stage = Path("glmdata-out/filter")
    kept = {row["id"]: row["text"] for row in rows(stage, "data")}
    assert kept == {"clean": text + "一。", "broken": text + "二。"}
    (gone,) = rows(stage, "removed")
    assert (gone["id"], gone["rule"], gone["value"]) == ("lost", "encoding/mojibake", 2)
    (edit,) = rows(stage, "edits")
    assert (edit["id"], edit["rule"], edit["replacement"]) == ("broken", "mojibake", text + "二。")
    report = json.loads((stage / "report.json").read_text())
    assert (report["repaired"], report["removed_by_rule"]["encoding/mojibake"]) == (1, 1)
    assert glmdata("verify", str(stage)).code == 0
    left = glmdata("filter", "--input", "crawl/", "--mojibake", "keep", "--output", "left")
    assert left.code == 0, left.err
    assert not Path("left/edits").exists()
    assert "encoding/mojibake" not in left.out
    plain = glmdata("filter", "--input", "crawl/", "--preset", "none", "--output", "plain")
    assert plain.code == 0
    again = glmdata("filter", "--rescore-from", "plain", "--preset", "glm4", "--output", "again")
    assert again.code == 0, again.err
    assert {r["id"]: r["text"] for r in rows(Path("again"), "data")} == kept
