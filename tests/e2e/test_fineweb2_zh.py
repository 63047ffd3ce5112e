"""The preset that needs words as jieba cuts them: columns, other thresholds later, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import _native, filter
from glmdata.errors import ConfigError, MemoryBudgetError
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import ZH, digests, rows


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    return crawl(
        {"id": "good", "lang": "zh", "text": ZH + "他在镇上有一间朝南的屋子，是父亲留下的。"},
        {"id": "short", "lang": "zh", "text": "渔民在河口修补渔网，是的。"},
        {"id": "verse", "lang": "zh", "text": "江枫渔火对愁眠，姑苏城外寒山寺。" * 20},
    )


def test_words_are_cut_for_rules_that_ask(pages: Path) -> None:
    filter.run("crawl/", "plain")
    assert not any(name.startswith("jieba_") for name in rows(Path("plain"), "scores")[0])
    filter.run("crawl/", "cut", preset="fineweb2-zh", threads=2)
    removed = {row["id"]: row["rule"] for row in rows(Path("cut"), "removed")}
    assert removed == {
        "short": "fineweb2-zh/few_words",
        "verse": "fineweb2-zh/top_2gram",
    }
    texts = {row["id"]: row["text"] for row in rows(Path("cut"), "data")}
    scores = {row["id"]: row for row in rows(Path("cut"), "scores")}
    for name, value in _native.segmented(texts["good"])[1]:
        assert scores["good"][name] == value, name


def test_own_rules_may_ask_for_words(glmdata: Glmdata, pages: Path) -> None:
    Path("rules.toml").write_text('[[rule]]\nname = "few"\ndrop_when = "jieba_words < 20"\n')
    done = glmdata("filter", "--input", "crawl/", "--rules", "rules.toml", "--preset", "none")
    assert done.code == 0, done.err
    (row,) = rows(Path("glmdata-out/filter"), "removed")
    assert (row["id"], row["value"], row["threshold"]) == ("short", 7, 20)
    Path("rules.toml").write_text('[[rule]]\nname = "few"\ndrop_when = "jieba_word < 20"\n')
    wrong = glmdata("filter", "--input", "crawl/", "--rules", "rules.toml", "--fresh")
    assert wrong.code == 2
    assert "no signal `jieba_word`\nhint: did you mean `jieba_words`?" in wrong.err


def test_stored_scores_with_words_serve_the_preset(glmdata: Glmdata, pages: Path) -> None:
    assert glmdata("filter", "--input", "crawl/", "--tag").code == 0
    stage = "glmdata-out/filter"
    refused = glmdata("filter", "--rescore-from", stage, "--preset", "fineweb2-zh")
    assert refused.code == 2
    assert "asks for `jieba_words`, and words were not cut" in refused.err
    assert "hint: measure the texts anew with `glmdata filter --input` and --jieba" in refused.err
    assert glmdata("filter", "--input", "crawl/", "--tag", "--jieba", "--fresh").code == 0
    again = glmdata("filter", "--rescore-from", stage, "--preset", "fineweb2-zh")
    assert again.code == 0, again.err
    filter.run("crawl/", "full", preset="fineweb2-zh")
    assert digests(Path("glmdata-out/filter-fineweb2-zh")) == digests(Path("full"))
    assert json.loads(Path("full/manifest.json").read_text())["config"]["jieba"] is True


def test_the_dictionary_is_charged(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"threads": 1, "memory_limit_bytes": 1, "working_memory_bytes": 32 << 20}
    monkeypatch.setitem(filter.run.__globals__, "_limits", lambda *_: limits)
    with pytest.raises(MemoryBudgetError, match="jieba's dictionary needs"):
        filter.run("crawl/", "out", preset="fineweb2-zh")
    filter.run("crawl/", "plain")


def test_calibration_fits_its_rules(glmdata: Glmdata, pages: Path) -> None:
    filter.run("crawl/", "out", preset="fineweb2-zh")
    found = {entry.rule: entry for entry in filter.calibrate("out", 0.3)}
    assert found["fineweb2-zh/few_words"].signal == "jieba_words"
    with pytest.raises(ConfigError, match="jieba"):
        filter.run(None, "other", rescore_from="out", jieba=False)
