"""Which of near copies stays: not the longest, but the one without what stands around a text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import glmdata.dedup
from tests.property.stages import Stage, digests, run, run_on

AROUND = {
    "share": ["Share on Facebook", "Tweet this", "Email this page"],
    "分享": ["分享到：微信 微博", "返回顶部", "责任编辑：李某"],
    "menu": ["Home | News | About us | Contact", "Skip to main content"],
    "菜单": ["首页 | 新闻 | 关于我们", "上一篇：潮汐", "下一篇：渔港"],
    "footer": ["© 2024 The Harbour. All rights reserved.", "Privacy policy", "Terms of use"],
    "页脚": ["版权所有 港口网 京ICP备12345678号", "扫一扫关注公众号"],
    "archive": ["The Wayback Machine - https://web.archive.org/web/2019/http://a.example/"],
}


def page(seed: int, lang: str) -> list[str]:
    rng = random.Random(seed)
    if lang == "zh":
        letters = [chr(code) for code in range(0x4E00, 0x5200)]
        return ["".join(rng.choices(letters, k=30)) + "。" for _ in range(30)]
    words = ["".join(rng.choices("bdfgklmnprstvaeiou", k=6)) for _ in range(900)]
    return [" ".join(rng.choices(words, k=12)) + "." for _ in range(30)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", AROUND)
def test_the_copy_without_bars_stays(tmp_path: Path, name: str, lang: str) -> None:
    documents = []
    for seed in range(10):
        lines = page(seed, lang)
        top, bottom = AROUND[name][:1], AROUND[name][1:]
        documents.append({"id": f"clean {seed}", "text": "\n".join(lines)})
        documents.append({"id": f"dirty {seed}", "text": "\n".join([*top, *lines, *bottom])})
    stage = run(tmp_path, documents)
    assert stage.kept == set(range(0, 20, 2))


def test_of_texts_that_say_more_the_longest_stays(tmp_path: Path) -> None:
    """A list, a table and code are no bars, and a text that was cut off is no cleaner one."""
    lines = page(1, "en")
    more = ["- nets and ropes", "| boat | crew |", "    let a = 1;", "The market opens at seven."]
    documents = [{"text": "\n".join(lines)}, {"text": "\n".join([*lines, *more])}]
    assert run(tmp_path / "more", documents).kept == {1}
    documents = [{"text": "\n".join(lines[:27])}, {"text": "\n".join(lines)}]
    assert run(tmp_path / "cut", documents).kept == {1}


def test_the_final_text_stays_and_not_the_draft(tmp_path: Path) -> None:
    lines = page(2, "en")
    draft = ["# Release notes 1.20 rc2", *lines, "This list may grow before the release."]
    documents = [{"text": "\n".join(draft)}, {"text": "\n".join(["# Release notes 1.20", *lines])}]
    stage = run(tmp_path, documents, variants="remove")
    assert stage.kept == {1}


def test_what_was_asked_for_goes_before(tmp_path: Path) -> None:
    """A policy of the user's own, a preferred source and an earlier crawl."""
    lines = page(3, "en")
    dirty = {"text": "\n".join([*lines, *AROUND["footer"]]), "source": "book", "date": "2024-01-01"}
    clean = {"text": "\n".join(lines), "source": "web", "date": "2020-01-01"}
    assert run(tmp_path / "policy", [clean, dirty], keep="newest:date").kept == {1}
    assert run(tmp_path / "source", [clean, dirty], source_priority=["book"]).kept == {1}
    index = str(tmp_path / "index")
    assert run(tmp_path / "first", [dirty], index=index).kept == {0}
    assert run(tmp_path / "second", [clean], index=index).kept == set()


def test_it_is_decided_again_alike(tmp_path: Path) -> None:
    documents = []
    for seed in range(10):
        lines = page(seed, "en")
        documents.append({"text": "\n".join(lines)})
        documents.append({"text": "\n".join([*lines, *AROUND["share"]])})
        documents.append({"text": "\n".join([*lines[:29], *AROUND["menu"]])})
    old = run(tmp_path / "run", documents)
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", threshold=0.85)
    full = run_on(tmp_path / "run" / "crawl", tmp_path / "full", threshold=0.85)
    assert digests(tmp_path / "again") == digests(full.path)
    assert Stage(tmp_path / "again").kept
