"""`glmdata verify` on real stages: what is as written passes, every kind of damage is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glmdata.stage.counters import Counters
from glmdata.verify import PHASE, verify
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.sealed import reseal

STAGES = ("dedup", "filter", "tokenizer", "shard", "mix", "export")


@pytest.fixture
def workspace(crawl: Crawl, glmdata: Glmdata) -> Path:
    """All stages but the tokenizer; the crawl has a duplicate, a short page, a broken line."""
    texts = [
        f"渔民在河口修补第{n}张渔网 and mends the nets of harbour {n}. " * 9 for n in range(20)
    ]
    crawl(*({"text": text} for text in [*texts, texts[0], "短"]), "{broken")
    crawl({"text": texts[1] + "x"}, name="wiki/a.jsonl")
    for arguments in (
        ("dedup", "--input", "crawl"),
        ("filter", "--write", "all", "--lang-id", "keep"),
        ("shard", "--tokenizer", "cl100k_base"),
        ("mix", "--row-length", "64"),
        ("export",),
    ):
        outcome = glmdata(*arguments)
        assert outcome.code == 0, outcome.err
    return Path("glmdata-out")


def change(path: Path, edit: Callable[[Any], Any]) -> None:
    content = json.loads(path.read_text())
    reseal(path, edit(content) or content)


def test_stages_are_as_written_and_damage_is_named(workspace: Path, glmdata: Glmdata) -> None:
    assert glmdata("train-tokenizer", "--vocab-size", "99400").code == 0
    for stage in STAGES:
        outcome = glmdata("verify", str(workspace / stage))
        assert outcome.code == 0, outcome.out + outcome.err
        assert outcome.out.startswith(f"verified    {stage} stage, ")
        assert outcome.out.endswith(", all as written\n")
        counters = Counters(PHASE)
        verdict = verify(workspace / stage, counters)
        assert counters.read() == ("hash", verdict.files, verdict.bytes, verdict.bytes)
        show = glmdata("show", str(workspace / stage))
        assert show.code == 0, show.err

    dedup = workspace / "dedup"
    data = bytearray((dedup / "data/part-000000.arrow").read_bytes())
    data[len(data) // 2] ^= 1
    (dedup / "data/part-000000.arrow").write_bytes(data)
    (dedup / "clusters.arrow").unlink()
    (dedup / "removed/part-000001.arrow").write_bytes(b"foreign")
    (dedup / "report.json").write_bytes((dedup / "report.json").read_bytes() + b" ")
    (dedup / ".work").mkdir()
    (dedup / ".work/left").write_bytes(b"of a killed run")
    outcome = glmdata("verify", str(dedup))
    assert outcome.code == 1
    assert outcome.out.splitlines()[:-1] == [
        "missing     clusters.arrow",
        "changed     data/part-000000.arrow",
        "changed     report.json",
        "extra       removed/part-000001.arrow",
    ]
    found = json.loads(glmdata("verify", str(dedup), "--json").out)
    assert not found["passed"]
    assert found["missing"] == ["clusters.arrow"]
    assert (found["stage"], found["files"]) == ("dedup", 7)


def all_removed(report: Any) -> None:
    report["documents"].update(kept=1, removed=report["documents"]["in"] - 1)


WRONG_SUMS: list[tuple[str, Callable[[Any], Any], list[str]]] = [
    (
        "dedup",
        lambda report: report["documents"].update({"in": 99}),
        ["documents in: expected 24 (kept + removed + quarantined), found 99"],
    ),
    (
        "dedup",
        lambda report: report["by_source"]["web"].update(kept=7),
        ["kept documents of by_source: expected"],
    ),
    (
        "filter",
        all_removed,
        [
            "kept in report.json: expected",
            "rows of data/part-*: expected 1 (kept documents), found",
            "rows of removed/part-*: expected",
        ],
    ),
    (
        "shard",
        lambda report: report.update(tokens=5),
        [
            "ids in the shards: expected 5",
            "n_tokens of the shards: expected 5",
            "tokens of by_source: expected 5",
        ],
    ),
    (
        "mix",
        lambda report: report.update(
            rows=0,
            padding={"tokens": -1},
            tokens={"store": 1, "wanted": 1, "realised": 2, "added": 3},
        ),
        [
            "rows in report.json: expected",
            "realised in report.json: expected",
            "rows of the plan: expected 0",
            "tokens of the plan: expected 2",
            "separators and marks of the plan: expected 3",
            "padding of the plan: expected -1",
            "tokens of the store: expected 1",
            "tokens of by_source: expected 2",
        ],
    ),
    ("export", lambda report: report.update(tokens=5), ["tokens in report.json: expected"]),
]


def test_sums_that_do_not_add_up_are_told(workspace: Path, glmdata: Glmdata) -> None:
    for stage, edit, sentences in WRONG_SUMS:
        # A report that is as its manifest says, but wrong.
        shutil.rmtree("copy", ignore_errors=True)
        shutil.copytree(workspace / stage, "copy")
        path = Path("copy/report.json")
        change(path, edit)
        data = path.read_bytes()
        facts = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

        def relist(manifest: Any, facts: dict[str, Any] = facts) -> None:
            next(e for e in manifest["files"] if e["path"] == "report.json").update(facts)

        change(Path("copy/manifest.json"), relist)
        outcome = glmdata("verify", "copy")
        assert outcome.code == 1
        for sentence in sentences:
            assert f"sums        {sentence}" in outcome.out


def test_what_is_no_stage_is_refused(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "x"})
    outcome = glmdata("verify", "crawl")
    assert outcome.code == 2
    assert "expected a complete stage, found no manifest.json" in outcome.err
    Path("crawl/manifest.json").write_text("{}")
    assert glmdata("verify", "crawl").code == 4
