"""A recipe that scores first: dedup keeps the best by a score, the filter asks the same scores."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from glmdata import dedup, engine, filter
from glmdata.errors import ConfigError, GlmdataError
from glmdata.stage.manifest import read_manifest
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_classifier import GOOD, labelled
from tests.e2e.test_filter import digests, rows

RECIPE = """
[pipeline]
input = ["crawl/web"]

[score]
classifier = ["calm=model"]

[dedup]
keep = "best:p_calm"

[filter]
preset = "none"
rules = "own.toml"
"""
INSULTS = "笨蛋滚开讨厌废物骗子无耻。"


def page(number: int) -> str:
    """A text that resembles no other one and holds no insult."""
    draw = random.Random(number)
    words = [*GOOD[0].split(), "春天", "秋风", "码头", "渡船", "石桥", "茶馆", "雨伞"]
    return "".join(draw.choices(words, k=80)) + "。"


@pytest.fixture
def recipe(glmdata: Glmdata, crawl: Crawl) -> Path:
    """Pages twice, of which the longer copy is the worse one; a page that is bad; a broken line."""
    calm = [{**row, "label": 1 - int(str(row["label"]))} for row in labelled()]
    crawl(*calm, name="labels/a.jsonl")
    done = glmdata("train-classifier", "--input", "crawl/labels", "--output", "model")
    assert done.code == 0, done.err
    first, second = page(1), page(2)
    crawl(
        {"id": "long", "text": first + INSULTS},
        "{broken",
        {"id": "bad", "text": INSULTS * 12},
        {"id": "only", "text": second},
        name="web/a.jsonl",
    )
    crawl({"id": "calm", "text": first}, {"text": 7}, name="web/b.jsonl")
    Path("own.toml").write_text(
        '[[rule]]\nname = "not_calm"\ndrop_when = "p_calm < 0.2"\nwhy = "a test"\n'
    )
    path = Path("recipe.toml")
    path.write_text(RECIPE)
    return path


def outcome(workspace: str = "glmdata-out") -> dict[str, Any]:
    """Ids of what was kept and removed, by stage and rule."""
    found: dict[str, Any] = {"kept": [row["id"] for row in rows(Path(workspace, "filter"), "data")]}
    for stage in ("dedup", "filter"):
        removed = rows(Path(workspace, stage), "removed")
        found[stage] = {row["id"]: row["rule"] for row in removed}
    return found


def test_the_best_by_score_stays(glmdata: Glmdata, recipe: Path) -> None:
    done = glmdata("run", str(recipe))
    assert done.code in (0, 3), done.err
    assert "[1/3] score" in done.err
    expected = {
        "kept": ["only", "calm"],
        "dedup": {"long": "fuzzy"},
        "filter": {"bad": "own/not_calm"},
    }
    assert outcome() == expected
    # No text is written but by the filter, and the sums go through.
    for stage in ("score", "dedup"):
        assert not list(Path("glmdata-out", stage).glob("data/part-*"))
    counts = {
        stage: json.loads(Path("glmdata-out", stage, "report.json").read_text())["documents"]
        for stage in ("score", "dedup", "filter")
    }
    assert counts == {
        "score": {"in": 6, "kept": 4, "removed": 0, "quarantined": 2},
        "dedup": {"in": 6, "kept": 3, "removed": 1, "quarantined": 2},
        "filter": {"in": 3, "kept": 2, "removed": 1, "quarantined": 0},
    }
    # By the longest, the other copy stays.
    recipe.write_text(RECIPE.replace("best:p_calm", "longest"))
    assert glmdata("run", str(recipe), "--workspace", "by-length").code in (0, 3)
    assert outcome("by-length")["dedup"] == {"calm": "fuzzy"}


def test_scores_taken_over_are_those_measured_later(glmdata: Glmdata, recipe: Path) -> None:
    recipe.write_text(RECIPE.replace("best:p_calm", "longest"))
    engine.run(recipe, workspace="first")
    rest = RECIPE.replace("best:p_calm", "longest").replace("[score]", "").split("\n")
    moved = [line for line in rest if not line.startswith("classifier")]
    recipe.write_text("\n".join(moved) + 'classifier = ["calm=model"]\n')
    engine.run(recipe, workspace="later")
    assert digests(Path("first/filter")) == digests(Path("later/filter"))
    assert digests(Path("first/dedup")) == digests(Path("later/dedup"))


def test_a_second_run_does_nothing_and_a_part_can_be_run(glmdata: Glmdata, recipe: Path) -> None:
    assert glmdata("run", str(recipe), "--until", "score").code in (0, 3)
    assert glmdata("run", str(recipe), "--from", "dedup").code in (0, 3)
    again = glmdata("run", str(recipe))
    assert again.err.count("already complete") == 3
    early = glmdata("run", str(recipe), "--workspace", "new", "--from", "dedup")
    assert (early.code, "expected a complete score stage" in early.err) == (2, True)


def test_the_same_by_hand(glmdata: Glmdata, recipe: Path) -> None:
    asked = ("--input", "crawl/web", "--classifier", "calm=model", "--tag", "--output", "scores")
    assert glmdata("filter", *asked).code in (0, 3)
    by_score = ("--scores", "scores", "--keep", "best:p_calm", "--write", "decisions")
    assert glmdata("dedup", "--input", "crawl/web", *by_score).code in (0, 3)
    done = glmdata(
        "filter",
        *("--rescore-from", "scores", "--judged-by", "glmdata-out/dedup", "--preset", "none"),
        *("--rules", "own.toml", "--output", "glmdata-out/filter"),
    )
    assert done.code == 0, done.err
    by_hand = outcome()
    assert glmdata("run", str(recipe), "--workspace", "whole").code in (0, 3)
    assert outcome("whole") == by_hand


def test_another_threshold_needs_no_scores(recipe: Path) -> None:
    filter.run("crawl/web", "scores", tag=True, classifier=["calm=model"])
    options: dict[str, Any] = {"scores": "scores", "keep": "best:p_calm", "write": "decisions"}
    dedup.run("crawl/web", "stage", **options)
    dedup.run("crawl/web", "full", threshold=0.99, **options)
    dedup.rethreshold("stage", "again", threshold=0.99)
    assert digests(Path("again")) == digests(Path("full"))
    manifest = read_manifest(Path("again"))
    assert manifest is not None
    assert len(manifest.config["scores"]) == 64
    with pytest.raises(ConfigError, match="keep: expected 'best:p_calm' as in the finished stage"):
        dedup.rethreshold("stage", "other", keep="best:n_words")
    by_length = dedup.rethreshold("stage", "by-length", keep="longest")
    assert by_length.documents_kept == 3


def test_what_does_not_fit_is_refused(crawl: Crawl, recipe: Path) -> None:
    filter.run("crawl/web", "scores", tag=True)
    best: dict[str, Any] = {"scores": "scores", "keep": "best:n_words"}
    with pytest.raises(ConfigError, match="scores: expected together with keep = best:COLUMN"):
        dedup.run("crawl/web", "a", scores="scores")
    with pytest.raises(GlmdataError, match=r"keep: expected best: and a column of the scores \("):
        dedup.run("crawl/web", "b", scores="scores", keep="best:p_calm")
    with pytest.raises(ConfigError, match="scores: expected a complete filter stage in nowhere"):
        dedup.run("crawl/web", "c", scores="nowhere", keep="best:n_words")
    with pytest.raises(ConfigError, match="max_record: expected 67108864 as in scores, found 9"):
        dedup.run("crawl/web", "d", max_record="9", **best)
    with pytest.raises(ConfigError, match="judged_by: expected together with rescore_from"):
        filter.run("crawl/web", "e", judged_by="nowhere")
    crawl({"id": "new", "text": "one more"}, name="web/c.jsonl")
    with pytest.raises(ConfigError, match=r"scores: scores measured other inputs: web/c\.jsonl is"):
        dedup.run("crawl/web", "f", **best)
    dedup.run("crawl/web", "g", write="decisions")
    with pytest.raises(ConfigError, match="judged_by: g read other inputs than scores measured"):
        filter.run(rescore_from="scores", judged_by="g")
