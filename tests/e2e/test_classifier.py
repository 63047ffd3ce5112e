"""Teach a classifier, ask it in the filter, and hold its figures to plain counting."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glmdata import _native, filter
from glmdata.errors import ConfigError, GlmdataError
from glmdata.filter.classifier import Answers, auc, figures, thresholds
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import digests, rows

GOOD = ("渔民 老师 种子 渔网 河口 山谷 集市 灯油", "river teacher seeds market lamps harbour bread")
BAD = ("笨蛋 滚开 讨厌 废物 骗子 无耻 闭嘴 蠢货", "idiot liar shut fool nasty stupid rubbish")


def labelled(count: int = 600, seed: int = 1) -> list[dict[str, object]]:
    """Texts of either kind of words, with a few of both."""
    draw = random.Random(seed)
    found: list[dict[str, object]] = []
    for number in range(count):
        bad = number % 2 == 0
        lang = draw.randrange(2)
        words = draw.choices((BAD if bad else GOOD)[lang].split(), k=12)
        words += draw.choices(GOOD[lang].split(), k=6)
        draw.shuffle(words)
        text = ("" if lang == 0 else " ").join(words)
        found.append({"id": str(number), "text": text, "label": int(bad)})
    return found


@pytest.fixture
def model(glmdata: Glmdata, crawl: Crawl) -> Path:
    """A classifier taught from `labelled`."""
    crawl(*labelled(), {"text": "no label"}, "{broken", name="labels/a.jsonl")
    done = glmdata("train-classifier", "--input", "crawl/labels", "--output", "model")
    assert done.code == 0, done.err
    assert done.lines()["left"] == "out    1 without a label, 1 unreadable"
    return Path("model")


def test_it_learns_both_languages(model: Path) -> None:
    card = json.loads((model / "classifier.json").read_text())
    assert card["auc"] > 0.99
    assert card["at"][0]["f1"] > 0.98
    assert sum(card["texts"].values()) == 600 - card["repeats_left_out"]
    zh, en, good, nothing = _native.ask_classifier(
        str(model / "model.bin"), ["闭嘴蠢货废物", "shut up idiot liar", "渔民在河口", "…"]
    )
    assert min(zh, en) > 0.9
    assert good < 0.1
    assert nothing == 0.0


def test_one_paragraph_of_a_long_page_is_enough(model: Path) -> None:
    page = "渔民在河口的集市买灯油。" * 200
    bad = page + "闭嘴蠢货废物骗子滚开讨厌" * 50
    low, high = _native.ask_classifier(str(model / "model.bin"), [page, bad])
    assert low < 0.1 < 0.9 < high


def test_equal_texts_give_an_equal_model(glmdata: Glmdata, model: Path) -> None:
    again = glmdata("train-classifier", "--input", "crawl/labels", "--output", "again", "--json")
    assert json.loads(again.out) == json.loads((model / "classifier.json").read_text())
    assert (model / "model.bin").read_bytes() == Path("again/model.bin").read_bytes()


def test_rules_may_ask_for_it(glmdata: Glmdata, crawl: Crawl, model: Path) -> None:
    crawl(
        {"id": "good", "lang": "zh", "text": "渔民在河口的集市买灯油"},
        {"id": "bad", "lang": "zh", "text": "闭嘴蠢货废物骗子"},
        name="web/a.jsonl",
    )
    Path("rules.toml").write_text(
        "[[rule]]\nname = 'toxic'\ndrop_when = \"p_toxic >= 0.9 and lang like 'zh%'\"\n"
    )
    flags = ("--rules", "rules.toml", "--preset", "none", "--input", "crawl/web")
    without = glmdata("filter", *flags)
    assert without.code == 2
    assert "rule own/toxic: no classifier `toxic`" in without.err
    done = glmdata("filter", *flags, "--classifier", f"toxic={model}", "--output", "one")
    assert done.code == 0, done.err
    (removed,) = rows(Path("one"), "removed")
    assert (removed["id"], removed["rule"], removed["threshold"]) == ("bad", "own/toxic", 0.9)
    assert removed["value"] > 0.9
    moved = model.rename("elsewhere")
    digest = json.loads((moved / "classifier.json").read_text())["sha256"]
    two = glmdata(
        "filter", *flags, "--classifier", f"toxic={moved}@{digest[:8]}", "--output", "two"
    )
    assert two.code == 0, two.err
    assert digests(Path("one")) == digests(Path("two"))
    report = filter.run(rescore_from="one", output="three", rules="rules.toml", preset="none")
    assert report.removed == {"encoding/mojibake": 0, "own/toxic": 1}
    assert digests(Path("one")) == digests(Path("three"))
    misspelt = glmdata("filter", *flags, "--classifier", f"toxin={moved}", "--output", "four")
    assert "did you mean `p_toxin`?" in misspelt.err


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("toxic", "--classifier: expected a list of name=folder"),
        ("Toxic=model", "--classifier: expected a list of name=folder"),
        ("toxic=nowhere", "nowhere/model.bin"),
        ("toxic=model@00000000", "classifier toxic: expected sha256 00000000, found"),
    ],
)
def test_wrong_classifiers_are_named(
    glmdata: Glmdata, crawl: Crawl, model: Path, pair: str, message: str
) -> None:
    crawl({"text": "x"})
    done = glmdata("filter", "--input", "crawl/web", "--classifier", pair)
    assert done.code in (2, 4)
    assert message in done.err


def test_a_changed_model_is_refused(model: Path, crawl: Crawl) -> None:
    path = model / "model.bin"
    path.write_bytes(path.read_bytes() + b"x")
    crawl({"text": "x"})
    with pytest.raises(GlmdataError, match="changed since it was taught"):
        filter.run("crawl/web", classifier=["toxic=model"])


def test_texts_of_one_label_teach_nothing(crawl: Crawl) -> None:
    crawl(*[{"text": f"text {n}", "label": 1} for n in range(50)])
    with pytest.raises(GlmdataError, match="no negative text to train with"):
        filter.train_classifier("crawl/", "model")
    Path("full").mkdir()
    Path("full/mine").write_text("x")
    with pytest.raises(ConfigError, match="expected an empty or new folder"):
        filter.train_classifier("crawl/", "full")


answers = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.5001, 0.9, 1.0]), st.booleans()))


@given(answers)
def test_thresholds_and_area_are_what_counting_gives(found: Answers) -> None:
    pairs = [(a, b) for a, x in found if x for b, y in found if not y]
    wins = sum((a > b) + (a == b) / 2 for a, b in pairs)
    assert auc(found) == pytest.approx(wins / len(pairs) if pairs else 0.0)
    (_, best), (_, one), (_, tenth) = thresholds(found)
    every = sorted({p for p, _ in found})
    assert all(figures(found, best)["f1"] >= figures(found, p)["f1"] for p in every)
    for threshold, rate in ((one, 0.01), (tenth, 0.001)):
        assert figures(found, threshold)["false_positive_rate"] <= rate
        lower = [p for p in every if p < threshold]
        if any(not y for _, y in found) and lower:
            assert figures(found, lower[-1])["false_positive_rate"] > rate
