"""Scores of an earlier version: they serve every rule whose signals they have."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import ZH, digests, rows
from tests.sealed import reseal

UNKNOWN_THEN = (
    "lang_id",
    "lang_model",
    "lang_threshold",
    "benchmark",
    "benchmark_field",
    "benchmark_report",
)


@pytest.fixture
def earlier(glmdata: Glmdata, crawl: Crawl) -> Path:
    """A stage as a version wrote it that had neither languages nor benchmarks nor `n_pii`."""
    crawl(
        {"id": "zh", "lang": "zh", "text": ZH},
        {"id": "short", "lang": "zh", "text": "太短了。"},
    )
    preset = ("--preset", "chinese-web")
    done = glmdata("filter", "--input", "crawl/", "--tag", "--lang-id", "keep", *preset)
    assert done.code == 0, done.err
    stage = Path("glmdata-out/filter")
    manifest = json.loads((stage / "manifest.json").read_text())
    for key in UNKNOWN_THEN:
        del manifest["config"][key]
    manifest["versions"]["offensive-en"] = "0123456789abcdef"
    report = json.loads((stage / "report.json").read_text())
    del report["benchmark"]
    (stage / "report.json").write_text(json.dumps(report))
    part = stage / "scores/part-000000.arrow"
    with pa.OSFile(str(part)) as source:
        table = pa.ipc.open_file(source).read_all().drop_columns(["n_pii"])
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for entry in manifest["files"]:
        data = (stage / entry["path"]).read_bytes()
        entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    reseal(stage / "manifest.json", manifest)
    return stage


def test_options_of_a_later_version_are_as_when_nobody_gives_them(
    glmdata: Glmdata, earlier: Path
) -> None:
    again = glmdata("filter", "--rescore-from", str(earlier), "--preset", "chinese-web")
    assert again.code == 0, again.err
    stage = Path("glmdata-out/filter-chinese-web")
    assert [row["id"] for row in rows(stage, "removed")] == ["short"]
    manifest = json.loads((stage / "manifest.json").read_text())
    assert manifest["config"]["lang_id"] == "keep"
    # Nobody measured with the lists of today.
    assert manifest["versions"]["offensive-en"] == "0123456789abcdef"
    before = digests(stage)
    same = glmdata("filter", "--rescore-from", str(earlier), "--preset", "chinese-web")
    assert (same.code, "already complete" in same.err) == (0, True)
    assert digests(stage) == before


def test_a_rule_that_asks_for_what_was_not_measured(glmdata: Glmdata, earlier: Path) -> None:
    Path("rules.toml").write_text(
        '[[rule]]\nname = "many"\ndrop_when = "n_chars > 3 and n_pii > 5 and id <> \'n_han\'"\n'
    )
    for flags in (("--rules", "rules.toml"), ("--pii", "drop")):
        done = glmdata(
            "filter", "--rescore-from", str(earlier), "--output", "out", "--preset", "none", *flags
        )
        assert done.code == 2, done.err
        assert "expected a column `n_pii` in the scores of glmdata-out/filter" in done.err
        assert "hint: measure the texts anew" in done.err
        assert not Path("out").exists()


def test_languages_cannot_be_told_without_the_texts(glmdata: Glmdata, earlier: Path) -> None:
    done = glmdata("filter", "--rescore-from", str(earlier), "--lang-id", "fill")
    assert done.code == 2
    assert "lang_id: expected 'keep' as in" in done.err


def test_calibration_over_earlier_scores(glmdata: Glmdata, earlier: Path) -> None:
    done = glmdata("calibrate", "0.1")
    assert done.code == 0, done.err
    part = earlier / "scores/part-000000.arrow"
    manifest = json.loads((earlier / "manifest.json").read_text())
    with pa.OSFile(str(part)) as source:
        table = pa.ipc.open_file(source).read_all().drop_columns(["prose_special_share"])
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for entry in manifest["files"]:
        data = (earlier / entry["path"]).read_bytes()
        entry["bytes"], entry["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    reseal(earlier / "manifest.json", manifest)
    done = glmdata("calibrate", "0.1")
    assert (done.code, "expected a column `prose_special_share`" in done.err) == (2, True), done.err
