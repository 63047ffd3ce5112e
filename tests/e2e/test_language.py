"""Languages told by the filter: what rules see, what kept documents carry, what is recorded."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from glmdata import filter
from glmdata.errors import ConfigError
from glmdata.filter import language
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import EN, ZH, digests, rows

YUE = "佢哋話聽日唔使返工，我哋不如去行山囉。"
LZH = "天命之謂性，率性之謂道，修道之謂教。道也者，不可須臾離也，可離非道也。"


@pytest.fixture
def pages(crawl: Crawl) -> Path:
    """Documents with a right, a wrong, an unknown and no language."""
    return crawl(
        {"id": "right", "lang": "zh", "text": ZH},
        {"id": "wrong", "lang": "fr", "text": EN},
        {"id": "und", "lang": "und", "text": YUE},
        {"id": "none", "text": LZH},
        {"id": "nothing", "text": "3.14 2.72 1.41"},
    )


def langs(stage: str, name: str = "data") -> dict[str, str | None]:
    return {row["id"]: row["lang"] for row in rows(Path(stage), name)}


def test_languages_are_kept_filled_or_replaced(pages: Path) -> None:
    given = {"right": "zh", "wrong": "fr", "und": None, "none": None, "nothing": None}
    filled = {**given, "und": "yue", "none": "lzh", "nothing": "und"}
    replaced = {**filled, "right": "zh-Hans", "wrong": "en"}
    for what, expected in (("keep", given), ("fill", filled), ("replace", replaced)):
        filter.run("crawl/", what, preset="none", lang_id=what)  # type: ignore[arg-type]
        assert langs(what) == langs(what, "scores") == expected
        known = {lang for lang in expected.values() if lang not in (None, "und")}
        counted = json.loads(Path(what, "report.json").read_text())["by_lang"]
        assert set(counted) == {*known, "und"}
    scores = {row["id"]: row for row in rows(Path("fill"), "scores")}
    assert scores["right"]["lang_score"] is None
    assert scores["nothing"]["lang_score"] == 0
    assert scores["none"]["lang_score"] > 0.9
    assert "lang_score" not in rows(Path("keep"), "scores")[0]


def test_rules_for_chinese_are_for_all_of_it(glmdata: Glmdata, pages: Path) -> None:
    Path("rules.toml").write_text(
        "[[rule]]\nname = 'chinese'\ndrop_when = \"lang = 'zh' and n_chars < 30\"\n"
        "[[rule]]\nname = 'old'\ndrop_when = \"lang_tag = 'lzh' and lang_score > 0.5\"\n"
    )
    done = glmdata(
        "filter", "--input", "crawl/", "--output", "out", "--preset", "none",
        "--rules", "rules.toml", "--lang-id", "replace",
    )  # fmt: skip
    assert done.code == 0, done.err
    gone = {row["id"]: (row["rule"], row["lang"]) for row in rows(Path("out"), "removed")}
    assert gone == {"und": ("own/chinese", "yue"), "none": ("own/old", "lzh")}


@pytest.mark.parametrize(
    "condition", ["lang = 'zh-Hans'", "lang not in ('en', 'yue')", "lang like 'zh-%'"]
)
def test_a_rule_that_could_never_be_true_is_refused(pages: Path, condition: str) -> None:
    Path("rules.toml").write_text(f'[[rule]]\nname = "a"\ndrop_when = "{condition}"\n')
    with pytest.raises(ConfigError, match="expected zh for all of Chinese") as raised:
        filter.run("crawl/", "out", rules="rules.toml")
    assert "lang_tag" in str(raised.value.hint)


def test_the_glm4_preset_judges_all_of_chinese_alike(pages: Path) -> None:
    filter.run("crawl/", "out", lang_id="fill")
    removed = {row["id"]: row["rule"] for row in rows(Path("out"), "removed")}
    assert removed["und"].startswith("chinese-web/")
    assert removed["none"].startswith("chinese-web/")


def test_other_rules_over_the_same_scores(pages: Path) -> None:
    filter.run("crawl/", "first", preset="none", lang_id="replace")
    filter.run(None, "again", rescore_from="first", preset="chinese-web")
    filter.run("crawl/", "whole", preset="chinese-web", lang_id="replace")
    assert digests(Path("again")) == digests(Path("whole"))
    with pytest.raises(ConfigError, match="lang_id: expected 'replace'"):
        filter.run(None, "other", rescore_from="first", lang_id="keep")


def test_the_model_is_recorded_and_another_one_is_another_run(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Path("lid.ftz")
    shutil.copyfile(language._carried(), model)
    filter.run("crawl/", "out", lang_id="fill", lang_model=str(model))
    stated = json.loads(Path("out/manifest.json").read_text())["config"]["lang_model"]
    assert stated == hashlib.sha256(model.read_bytes()).hexdigest()
    # What it says counts, not where it lies.
    assert filter.run("crawl/", "out", lang_id="fill").already_complete
    with pytest.raises(ConfigError):
        filter.run("crawl/", "out", lang_id="fill", lang_threshold=0.9)


def test_a_model_that_nobody_asks_is_refused(glmdata: Glmdata, pages: Path) -> None:
    for also in ([], ["--dry-run"]):
        done = glmdata(
            "filter", "--input", "crawl/", "--lang-id", "keep", "--lang-model", "lid.ftz", *also
        )
        assert done.code == 2
        assert "--lang-id fill" in done.err


def test_a_rule_may_not_ask_for_what_nobody_tells(pages: Path) -> None:
    Path("rules.toml").write_text('[[rule]]\nname = "a"\ndrop_when = "lang_score < 0.9"\n')
    with pytest.raises(ConfigError, match="no `lang_score` where languages are kept"):
        filter.run("crawl/", "out", rules="rules.toml", lang_id="keep")
    report = filter.run("crawl/", "out", preset="none", rules="rules.toml", lang_id="fill")
    assert report.removed == {"encoding/mojibake": 0, "own/a": 1}
