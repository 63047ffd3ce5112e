"""Rules that were not put to documents, and presets over other languages, are told aloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata.filter import language
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import EN, ZH, rows


@pytest.fixture
def untagged(crawl: Crawl) -> Path:
    """Forty short pages of which nobody says the language."""
    return crawl(*({"id": f"{n}", "text": f"{ZH[:40]}{n}"} for n in range(40)))


def test_the_recipe_and_the_filter_tell_languages_by_themselves(
    glmdata: Glmdata, untagged: Path
) -> None:
    done = glmdata("filter", "--input", "crawl/", "--json")
    report = json.loads(done.out)
    told = ["all 40 documents were removed: look at the rules above"]
    assert (report["documents"]["removed"], report["warnings"]) == (40, told)
    assert report["unasked"] == {"documents": 0, "rules": {}}
    Path("recipe.toml").write_text("[dedup]\n[filter]\n")
    done = glmdata("run", "recipe.toml", "--input", "crawl/", "--workspace", "two", "--json")
    assert json.loads(done.out)["filter"]["documents"]["kept"] == 0


def test_rules_that_were_not_asked_are_named_everywhere(glmdata: Glmdata, untagged: Path) -> None:
    assert glmdata("dedup", "--input", "crawl/").code == 0
    done = glmdata("filter", "--lang-id", "keep")
    assert done.code == 0
    said = "40 of 40 documents (100.0%) have no language"
    assert said in done.lines()["warning"]
    assert said in glmdata("show", "glmdata-out/filter").out
    report = json.loads(glmdata("show", "glmdata-out/filter", "--json").out)["report"]
    assert report["unasked"]["documents"] == 40
    assert report["unasked"]["rules"]["chinese-web/few_characters"] == 40
    assert "code/" not in "".join(report["unasked"]["rules"])
    assert glmdata("report").code == 0
    page = Path("glmdata-out/report/report.html").read_text()
    assert ">look</span><strong>Were the rules put to every document?" in page
    assert said in page
    Path("recipe.toml").write_text("[dedup]\n[filter]\nlang_id = 'keep'\n")
    done = glmdata("run", "recipe.toml", "--input", "crawl/", "--workspace", "two")
    assert f"warning: {said}" in done.err


def test_a_missing_model_is_told_where_rules_need_it(
    untagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glmdata import filter

    monkeypatch.setattr(language, "find_spec", lambda _: None)
    report = filter.run("crawl/", "out")
    assert report.documents_kept == 40
    assert report.warnings[0].startswith("no model of languages is installed")
    assert "40 of 40 documents" in report.warnings[1]
    assert filter.run("crawl/", "code", preset="code").warnings == []


def test_words_for_no_language_are_one(glmdata: Glmdata, crawl: Crawl) -> None:
    words = ["und", "unknown", "UNK", "none", "", "und-Latn", None]
    crawl(*({"id": f"{n}", "lang": lang, "text": f"{EN} {n}"} for n, lang in enumerate(words)))
    crawl(*({"id": f"n{n}", "text": "1 2 3"} for n in range(2)), name="digits/a.jsonl")
    assert glmdata("dedup", "--input", "crawl/", "--output", "dedup").code == 0
    by_lang = json.loads(Path("dedup/report.json").read_text())["by_lang"]
    assert set(by_lang) == {"und"}
    kept = glmdata("filter", "--input", "crawl/", "--lang-id", "keep", "--output", "kept")
    assert kept.code == 0, kept.err
    assert set(json.loads(Path("kept/report.json").read_text())["by_lang"]) == {"und"}
    filled = glmdata("filter", "--input", "crawl/", "--preset", "none", "--output", "filled")
    assert filled.code == 0, filled.err
    langs = {row["id"]: row["lang"] for row in rows(Path("filled"), "data")}
    assert langs == {**{f"{n}": "en" for n in range(7)}, "n0": "und", "n1": "und"}
    flags = ("--tokenizer", "cl100k_base", "--output", "s")
    store = glmdata("shard", "--input", "filled/data/part-*", *flags)
    assert store.code == 0, store.err
    tallies = json.loads(Path("s/report.json").read_text())["by_source"]
    assert {row["lang"] for row in tallies} == {"en", ""}


def test_a_preset_over_another_language_warns(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"id": f"zh{n}", "lang": "zh-Hans", "text": f"{ZH}{n}"} for n in range(9)))
    crawl({"id": "en", "lang": "en-GB", "text": EN}, name="en/a.jsonl")
    done = glmdata("filter", "--input", "crawl/", "--preset", "gopher")
    said = (
        "preset gopher is meant for `en`: 9 of 10 documents (90.0%) are in other languages, and "
        "100.0% of those were removed"
    )
    assert done.lines()["warning"] == said
    report = json.loads(glmdata("show", "glmdata-out/filter", "--json").out)["report"]
    assert report["other_languages"] == {"meant_for": "en", "documents": 9, "removed": 9}
    assert report["warnings"] == [said]
    for preset in ("glm4", "none", "c4"):
        done = glmdata("filter", "--input", "crawl/", "--preset", preset, "--output", preset)
        assert ("warning" in done.lines()) == (preset == "c4"), preset


@pytest.mark.parametrize("tag", ["en", "EN", "en-US", "eng_Latn", "English"])
def test_a_language_is_one_however_it_is_written(glmdata: Glmdata, crawl: Crawl, tag: str) -> None:
    crawl(
        {"text": "Too short a page.", "lang": tag}, {"text": "Nor is this one long.", "lang": tag}
    )
    done = glmdata("filter", "--input", "crawl/", "--json")
    assert json.loads(done.out)["removed_by_rule"]["english-web/few_words"] == 2
