from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from glmdata import _native, dedup, filter
from glmdata.errors import ConfigError, NothingReadError
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

ZH = (
    "渔民在河口修补渔网，老师在山谷里清点种子。他们说好明天一起去镇上，把多出来的鱼换成盐和布。"
    "夜里下了一场雨，路上全是泥，车轮陷进去两次，直到中午才看见城门。集市已经散了一半，"
    "只有卖灯油的老人还坐在墙角，等着最后几个客人。"
)
EN = (
    "The fisherman mends his nets at the mouth of the river, and the teacher counts the seeds that "
    "she has kept since autumn. They have agreed to go to town with a cart tomorrow. It rained "
    "all night, so two wheels sank into mud before noon. Half of that market had gone home; "
    "only an old man who sells lamp oil was waiting for his last customers beside a wall."
)


@pytest.fixture
def mixed(crawl: Crawl) -> Path:
    """Web pages of two languages, two to be removed, one of no known language, one broken."""
    crawl(
        {"id": "zh-good", "lang": "zh", "text": ZH, "title": "t"},
        {"id": "zh-short", "lang": "zh", "text": "太短了。"},
        {"id": "zh-none", "text": "太短了，可是没有人知道它的语言。"},
        {"id": "zh-und", "lang": "und", "text": "太短了！"},
        {"id": "en-good", "lang": "en", "text": EN},
        {"id": "en-short", "lang": "en", "text": "Too short to be a page."},
        "{broken",
    )
    return crawl({"id": "p", "lang": "zh", "text": "床前明月光"}, name="poetry/a.jsonl")


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in sorted((folder / name).glob("part-*.arrow")):
        with pa.memory_map(str(part)) as source:
            found += pa.ipc.open_file(source).read_all().to_pylist()
    return found


def digests(stage: Path) -> dict[str, str]:
    return {
        str(path.relative_to(stage)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(stage.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def test_every_removal_has_rule_value_and_threshold(glmdata: Glmdata, mixed: Path) -> None:
    done = glmdata("filter", "--input", "crawl/", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["documents"] == {"in": 8, "kept": 4, "removed": 3, "quarantined": 1}
    stage = Path("glmdata-out/filter")
    removed = {row["id"]: row for row in rows(stage, "removed")}
    assert {key: (r["rule"], r["value"], r["threshold"]) for key, r in removed.items()} == {
        "zh-short": ("chinese-web/few_characters", 7, 100),
        "zh-none": ("chinese-web/few_characters", 30, 100),
        "en-short": ("english-web/few_words", 6, 50),
    }
    assert {row["stage"] for row in removed.values()} == {"filter"}
    assert removed["zh-short"]["origin"] == {"file": "crawl/web/a.jsonl", "row": 1, "offset": 712}
    scores, decisions = rows(stage, "scores"), rows(stage, "decisions")
    assert [row["doc"] for row in scores] == [row["doc"] for row in decisions]
    kept = rows(stage, "data")
    assert [r["doc"] for r in decisions if r["keep"]] == [r["doc"] for r in kept]
    assert {row["id"] for row in kept} == {"zh-good", "zh-und", "en-good", "p"}
    for source, counts in report["by_source"].items():
        assert counts["in"] == counts["kept"] + counts["removed"], source
    assert report["removed_by_rule"]["english-web/few_words"] == 1
    assert (
        report["hits"]["english-web/stop_words"]
        >= report["removed_by_rule"]["english-web/stop_words"]
    )
    assert glmdata("show", str(stage)).lines()["documents"].startswith("8 in = 4 kept + 3 removed")


def test_keys_and_fields_come_through_from_dedup(glmdata: Glmdata, mixed: Path) -> None:
    assert glmdata("dedup", "--input", "crawl/").code == 0
    assert glmdata("filter").code == 0
    before = {row["id"]: row for row in rows(Path("glmdata-out/dedup"), "data")}
    for row in rows(Path("glmdata-out/filter"), "data"):
        # Of the text that is too short the model was asked too, in vain.
        expected = {"lang": "und"} if row["id"] == "zh-und" else {}
        assert row == {**before[row["id"]], **expected}
    for row in rows(Path("glmdata-out/filter"), "removed"):
        assert (row["doc"], row["origin"]) == tuple(before[row["id"]][k] for k in ("doc", "origin"))
    manifest = json.loads(Path("glmdata-out/filter/manifest.json").read_text())
    assert [parent["stage"] for parent in manifest["parents"]] == ["dedup"]
    assert set(manifest["versions"]) >= {"offensive-zh", "offensive-en", "placeholder"}
    # The next stage reads what the filter kept.
    small = ("--base", "none", "--no-numbers", "--vocab-size", "300", "--min-documents", "0")
    assert glmdata("train-tokenizer", *small).code == 0
    report = json.loads(Path("glmdata-out/tokenizer/report.json").read_text())
    assert report["documents"]["in"] == 4


def test_bytes_do_not_depend_on_threads_or_listing(glmdata: Glmdata, mixed: Path) -> None:
    first = filter.run("crawl/", "one", threads=1, removed_text=True)
    assert first.documents_removed == 3
    texts = {row["id"]: row["text"] for row in rows(Path("one"), "removed")}
    assert texts["zh-short"] == "太短了。"
    names = ["crawl/poetry", "crawl/web"]
    stamp = Path("crawl/web/a.jsonl").stat().st_mtime_ns
    for name in ("web/a.jsonl", "poetry/a.jsonl"):  # created in another order
        path = Path("crawl", name)
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
    for path in Path("crawl").rglob("*.jsonl"):
        os.utime(path, ns=(stamp, stamp))
    filter.run("crawl/", "again", threads=1, removed_text=True)
    filter.run("crawl/", "four", threads=4, removed_text=True)
    assert digests(Path("again")) == digests(Path("four"))
    assert filter.run(names, "listed").documents_kept == first.documents_kept


def test_other_rules_over_stored_scores_are_a_full_run(glmdata: Glmdata, mixed: Path) -> None:
    assert glmdata("filter", "--input", "crawl/", "--tag").code == 0
    stage = Path("glmdata-out/filter")
    assert not list(stage.glob("data/part-*"))
    assert json.loads((stage / "report.json").read_text())["documents"]["removed"] == 0
    again = glmdata("filter", "--rescore-from", str(stage), "--preset", "gopher")
    assert again.code == 0, again.err
    assert (
        glmdata("filter", "--input", "crawl/", "--output", "full", "--preset", "gopher").code == 0
    )
    assert digests(Path("glmdata-out/filter-gopher")) == digests(Path("full"))
    refused = glmdata("filter", "--rescore-from", str(stage), "--text-field", "title")
    assert refused.code == 2
    assert "texts must be measured for this" in refused.err
    with Path("crawl/web/a.jsonl").open("a") as file:
        file.write("{}\n")
    changed = glmdata("filter", "--rescore-from", str(stage), "--output", "other")
    assert (changed.code, "the inputs changed since" in changed.err) == (2, True)


def test_an_interrupted_run_measures_no_unit_twice(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filter.run("crawl/", "whole")
    assert whole.run["units_reused"] == 0

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_native, "filter_apply", interrupted)
        with pytest.raises(KeyboardInterrupt):
            filter.run("crawl/", "half")
    assert not Path("half/manifest.json").exists()
    report = filter.run("crawl/", "half")
    assert report.run["units_reused"] == 2
    assert digests(Path("half")) == digests(Path("whole"))
    assert not Path("half/.work").exists()
    assert filter.run("crawl/", "half").already_complete


@pytest.mark.parametrize("form", ["parquet", "jsonl.zst"])
def test_formats_hold_the_same_documents(mixed: Path, form: str) -> None:
    filter.run("crawl/", "stage", format=form)  # type: ignore[arg-type]
    report = dedup.run("stage/data/part-*", "again")
    assert report.documents_kept == 4


def test_a_preset_that_changed_is_another_run(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filter.run("crawl/", "stage")
    monkeypatch.setitem(filter.run.__globals__, "rules_of", lambda _: [])
    with pytest.raises(ConfigError, match="another config"):
        filter.run("crawl/", "stage")


def test_decisions_alone(mixed: Path) -> None:
    filter.run("crawl/", "stage", write="decisions")
    assert not list(Path("stage").glob("data/part-*"))
    assert len(rows(Path("stage"), "decisions")) == 7


def test_an_empty_input(crawl: Crawl) -> None:
    crawl()
    with pytest.raises(NothingReadError, match="empty, nothing to read"):
        filter.run("crawl/", "stage")
    assert not list(Path("stage").iterdir()), (
        "nothing is left that the next call would stumble over"
    )


def test_own_rules_come_first(glmdata: Glmdata, mixed: Path) -> None:
    Path("rules.toml").write_text(
        '[[rule]]\nname = "no_nets"\nwhy = "a test"\n'
        "drop_when = \"n_chars >= 20 and lang = 'en' and id like '%good'\"\n"
    )
    done = glmdata("filter", "--input", "crawl/", "--rules", "rules.toml", "--preset", "none")
    assert done.code == 0, done.err
    (row,) = rows(Path("glmdata-out/filter"), "removed")
    assert (row["id"], row["rule"], row["threshold"]) == ("en-good", "own/no_nets", 20)
    # What the file says is part of the config, not where it lies.
    Path("rules.toml").rename("moved.toml")
    same = glmdata("filter", "--input", "crawl/", "--rules", "moved.toml", "--preset", "none")
    assert (same.code, "already complete" in same.err) == (0, True)
    Path("moved.toml").write_text('[[rule]]\nname = "x"\ndrop_when = "n_chars < 2"\n')
    other = glmdata("filter", "--input", "crawl/", "--rules", "moved.toml", "--preset", "none")
    assert (other.code, "another config" in other.err) == (2, True)


def test_a_move_names_another_source(glmdata: Glmdata, mixed: Path) -> None:
    Path("rules.toml").write_text(
        '[[move]]\nname = "letters"\nmove_when = "n_latin > 100"\nto = "letters"\n'
        '[[rule]]\nname = "short"\ndrop_when = "n_chars < 10"\n'
    )
    done = glmdata("filter", "--input", "crawl/", "--rules", "rules.toml", "--preset", "none")
    assert done.code == 0, done.err
    assert done.lines()["moved"] == "1 kept documents to another source"
    sources = {row["id"]: row["source"] for row in rows(Path("glmdata-out/filter"), "data")}
    assert sources == {"zh-good": "web", "zh-none": "web", "en-good": "letters", "en-short": "web"}
    assert json.loads(Path("glmdata-out/filter/report.json").read_text())["moved"] == {
        "own/letters": 1
    }
    assert glmdata("report").code == 0
    page = Path("glmdata-out/report/report.html").read_text()
    assert "The filter moved 1 kept documents to another source." in page


HEAD = '[[rule]]\nname = "a"\ndrop_when = "n_chars < 1"\n\n[[rule]]\nname = "b"\n'
BROKEN = {
    "[[rule]\n": "rules.toml: not valid TOML",
    "[[rules]]\nname = 'a'\n": "rules.toml:1: unknown table `rules`\nhint: did you mean `rule`?",
    '[[move]]\nname = "a"\nto = "b"\n': "rules.toml:1: expected `move_when` in this table",
    "rule = 3\n": "rules.toml:1: `rule`: expected [[rule]] tables",
    '[[rule]]\nname = "a"\n': "rules.toml:1: expected `drop_when` in this table",
    HEAD + "drop_wen = 'x'\n": "rules.toml:5: unknown key `drop_wen`\n"
    "hint: did you mean `drop_when`?",
    HEAD + "drop_when = 3\n": "rules.toml:5: drop_when: expected a string, found 3",
    HEAD + 'drop_when = "n_word < 3"\n': "rules.toml:5: drop_when: no signal `n_word`\n"
    "hint: did you mean `n_words`?",
    HEAD + 'drop_when = "n_words <"\n': "rules.toml:5: drop_when: expected an SQL condition",
    HEAD + 'drop_when = "n_words"\n': "rules.toml:5: drop_when: expected a condition",
    HEAD + 'drop_when = "n_words < 3; drop"\n': "found '; drop'",
    HEAD + 'drop_when = "sleep(3) < 1"\n': "no signal `sleep`",
    HEAD.replace('"b"', '"a"') + 'drop_when = "n_words < 3"\n': "two rules are named `a`",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_wrong_rules_name_file_line_and_word(glmdata: Glmdata, mixed: Path, text: str) -> None:
    Path("rules.toml").write_text(text)
    done = glmdata("filter", "--input", "crawl/", "--rules", "rules.toml")
    assert done.code == 2
    assert BROKEN[text] in done.err
    assert not Path("glmdata-out").exists()


def test_wrong_options(glmdata: Glmdata, mixed: Path) -> None:
    for flags, message in (
        (("--preset", "gofer"), "--preset: expected glm4, c4, mc4, gopher"),
        (("--kind", "web=blog"), "--kind: expected a list of source=kind"),
        (("--rules", "gone.toml"), "--rules: no file gone.toml"),
        (("--rescore-from", "gone"), "gone: expected a complete filter stage"),
        (("--rescore-from", "x", "--dry-run"), "expected without --rescore-from"),
    ):
        given = () if "--rescore-from" in flags else ("--input", "crawl/")
        done = glmdata("filter", *given, *flags)
        assert done.code == 2, done.err
        assert message in done.err


def test_kinds_choose_rules(glmdata: Glmdata, mixed: Path) -> None:
    report = filter.run("crawl/", "stage", kind=["web=poetry"])
    assert report.documents_removed == 0
    with pytest.raises(ConfigError, match="kind"):
        filter.run("crawl/", "other", kind=["web"])


def test_a_plan_names_the_rules(glmdata: Glmdata, mixed: Path) -> None:
    done = glmdata("filter", "--input", "crawl/", "--dry-run", "--json")
    plan = json.loads(done.out)
    assert "english-web/few_words" in plan["rules"]
    assert plan["files"] == 2
    assert not Path("glmdata-out").exists()


def test_gates(glmdata: Glmdata, mixed: Path) -> None:
    done = glmdata("filter", "--input", "crawl/", "--max-source-loss", "0.2")
    assert done.code == 1
    assert "source 'web' lost 50.0%" in done.err


def test_thresholds_fitted_to_a_corpus(glmdata: Glmdata, crawl: Crawl) -> None:
    pages = [{"lang": "zh", "text": ZH[: 3 + n]} for n in range(40)]
    crawl(*pages)
    assert glmdata("filter", "--input", "crawl/", "--tag").code == 0
    done = glmdata("calibrate", "0.1", "--json")
    assert done.code == 0, done.err
    found = {entry["rule"]: entry for entry in json.loads(done.out)}
    characters = found["chinese-web/few_characters"]
    assert (characters["now"], characters["removes_now"], characters["documents"]) == (100, 1, 40)
    # 3 to 42 characters, two in width each but for the marks: below 14 are four of forty.
    assert (characters["fitted"], characters["removes_fitted"]) == (14, 0.1)
    Path("fitted.toml").write_text(glmdata("calibrate", "0.1").out)
    report = filter.run("crawl/", "fitted", rules="fitted.toml", preset="none")
    assert report.hits["own/chinese-web/few_characters"] == 4
    # Signals that are nought in every page fit nothing, and nothing else goes with them.
    assert (found["encoding/mojibake"]["fitted"], report.documents_removed) == (None, 4)
    assert glmdata("calibrate", "2").code == 2
    assert glmdata("calibrate", "much").code == 2


def test_that_nothing_is_left_is_said(glmdata: Glmdata, mixed: Path) -> None:
    Path("rules.toml").write_text("[[rule]]\nname = 'all'\ndrop_when = 'n_chars > 0'\n")
    done = glmdata("filter", "--input", "crawl/", "--preset", "none", "--rules", "rules.toml")
    assert "documents were removed: look at the rules above" in done.out + done.err


def test_every_preset_can_be_read() -> None:
    from glmdata.filter.config import PRESETS
    from glmdata.filter.presets import preset_rules

    for name in PRESETS:
        rules = preset_rules(name)
        assert bool(rules) == (name != "none")
        assert all(rule.measured is not None for rule in rules), name


def test_twice_the_same_row_of_scores(mixed: Path) -> None:
    """What is stored of a document are the numbers of its text alone."""
    filter.run("crawl/", "stage", preset="none")
    texts = {row["id"]: row["text"] for row in rows(Path("stage"), "data")}
    for row in rows(Path("stage"), "scores"):
        expected = filter.signals(texts[row["id"]])
        assert {name: row[name] for name in expected} == expected


def test_manuals_may_write_templates_and_thai_has_no_full_stops(crawl: Crawl) -> None:
    manual = (
        "# cp\n\n> Copy files.\n\n- Copy a file:\n\n`cp {{path/to/source}} {{path/to/target}}`\n"
        * 2
    )
    thai = (
        "วันนี้ฝนตกหนักมากจนชาวประมงออกเรือไม่ได้\nครูนับเมล็ดพันธุ์ที่เก็บไว้ตั้งแต่ฤดูหนาวปีที่แล้ว\n"
        "พวกเขาตกลงกันว่าจะเข้าเมืองด้วยเกวียนในวันพรุ่งนี้"
    )
    crawl({"id": "manual", "lang": "en", "text": manual}, name="docs/a.jsonl")
    crawl({"id": "thai", "lang": "th", "text": thai}, name="web/a.jsonl")
    crawl({"id": "unfilled", "lang": "en", "text": manual}, name="web/b.jsonl")
    report = filter.run("crawl/", "out")
    assert report.hits["other-lines/open_lines"] == 0
    assert {row["id"] for row in rows(Path("out"), "removed")} == {"unfilled"}
