"""The model of offensive passages is asked where a rule asks: columns, stored scores, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import _native, filter
from glmdata.errors import ConfigError
from glmdata.filter.presets import preset_rules
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import ZH, digests, rows
from tests.sealed import reseal

DATA = Path(__file__).parents[1] / "data/offensive_passages.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
BAD = "\n".join(case["text"] for case in CASES if case["drop"] and case["lang"] == "zh")
GLM4 = {rule.name for rule in preset_rules("glm4") if rule.to is None}


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    return crawl(
        {"id": "good", "lang": "zh", "text": ZH + "他在镇上有一间朝南的屋子，是父亲留下的。"},
        {"id": "bad", "lang": "zh", "text": BAD},
    )


def own_rule(condition: str) -> list[str]:
    Path("rules.toml").write_text(f'[[rule]]\nname = "passages"\ndrop_when = "{condition}"\n')
    return ["--rules", "rules.toml", "--preset", "none"]


def test_the_default_neither_asks_nor_names_the_model(pages: Path) -> None:
    filter.run("crawl/", "plain")
    assert not any(name.startswith("offence_") for name in rows(Path("plain"), "scores")[0])
    manifest = json.loads(Path("plain/manifest.json").read_text())
    assert manifest["config"]["offence"] is False
    assert "offence" not in manifest["versions"]


def test_the_preset_asks_and_has_the_rules_of_glm4(pages: Path) -> None:
    report = filter.run("crawl/", "out", preset="offensive-model", threads=2)
    assert GLM4 | {"offensive-model/passages"} < set(report.hits)
    assert report.hits["offensive-model/passages"] == 1
    assert [row["id"] for row in rows(Path("out"), "removed")] == ["bad"]
    scores = {row["id"]: row for row in rows(Path("out"), "scores")}
    for name, value in _native.offence(BAD)[0]:
        assert scores["bad"][name] == value > 0, name
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["config"]["offence"] is True
    assert len(manifest["versions"]["offence"]) == 16


def test_own_rules_may_ask_for_it(glmdata: Glmdata, pages: Path) -> None:
    done = glmdata("filter", "--input", "crawl/", *own_rule("offence_max >= 0.9"))
    assert done.code == 0, done.err
    (row,) = rows(Path("glmdata-out/filter"), "removed")
    assert (row["id"], row["rule"], row["threshold"]) == ("bad", "own/passages", 0.9)
    passage = json.loads(glmdata("explain", "bad", "--json").out)["passage"]
    assert passage["probability"] == row["value"]
    wrong = glmdata("filter", "--input", "crawl/", *own_rule("offence_mx >= 0.9"), "--fresh")
    assert wrong.code == 2
    assert "no signal `offence_mx`\nhint: did you mean `offence_max`?" in wrong.err


def test_stored_scores_serve_it_only_if_the_model_was_asked(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", "--input", "crawl/", "--tag").code == 0
    again = ("filter", "--rescore-from", "glmdata-out/filter", "--preset", "offensive-model")
    refused = glmdata(*again)
    assert refused.code == 2
    assert "rule offensive-model/passages: asks for `offence_max`, and the model" in refused.err
    assert "hint: measure the texts anew with `glmdata filter --input` and --offence" in refused.err
    assert glmdata("filter", "--input", "crawl/", "--tag", "--offence", "--fresh").code == 0
    done = glmdata(*again)
    assert done.code == 0, done.err
    filter.run("crawl/", "full", preset="offensive-model")
    assert digests(Path("glmdata-out/filter-offensive-model")) == digests(Path("full"))
    with pytest.raises(ConfigError, match="offence"):
        filter.run(None, "other", rescore_from="full", offence=False)


def test_scores_of_a_version_without_it_are_refused_too(pages: Path) -> None:
    filter.run("crawl/", "old", tag=True)
    manifest = json.loads(Path("old/manifest.json").read_text())
    del manifest["config"]["offence"]
    reseal("old/manifest.json", manifest)
    with pytest.raises(ConfigError, match="asks for `offence_max`, and the model"):
        filter.run(None, "new", rescore_from="old", preset="offensive-model")


def test_calibration_names_what_the_scores_lack(glmdata: Glmdata, pages: Path) -> None:
    filter.run("crawl/", "tagged", preset="offensive-model", tag=True)
    with pytest.raises(ConfigError, match="asks for `offence_max`, and the model"):
        filter.calibrate("tagged", 0.3)
    filter.run("crawl/", "asked", preset="offensive-model", tag=True, offence=True)
    assert filter.calibrate("asked", 0.3)
