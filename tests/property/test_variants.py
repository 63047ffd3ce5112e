"""Similar is not the same, end to end: what a run keeps apart and what it takes for one text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.property.stages import Stage, run
from tests.property.texts import Document, units


def prose(seed: int, script: str, sentences: int) -> list[str]:
    rng = random.Random(f"{seed} {script}")
    end = "。" if script == "zh" else ". "
    return ["".join(units(rng, script, rng.randint(8, 20))).strip() + end for _ in range(sentences)]


def deduplicated(folder: Path, texts: list[str]) -> Stage:
    documents: list[Document] = [{"id": f"{i:03}", "text": text} for i, text in enumerate(texts)]
    return run(folder / "run", documents, write="decisions")


def check_all_kept(folder: Path, texts: list[str], *, close: bool = True) -> None:
    """All stay; with `close`, although the run saw pairs above the threshold."""
    stage = deduplicated(folder, texts)
    assert stage.kept == set(range(len(texts)))
    if close:
        assert stage.read("report.json")["pairs"]["verified"] > 0


def check_one_kept(folder: Path, texts: list[str]) -> None:
    assert len(deduplicated(folder, texts).kept) == 1


@pytest.mark.parametrize("script", ["en", "zh"])
def test_three_hundred_books_under_one_licence_stay(tmp_path: Path, script: str) -> None:
    licence = "\n".join(prose(0, script, 60))
    books = ["\n".join([licence, *prose(1 + i, script, 300), licence]) for i in range(300)]
    check_all_kept(tmp_path, books, close=False)


def test_numbered_exercises_stay(tmp_path: Path) -> None:
    body = " ".join(prose(1, "en", 12))
    exercises = [f"# Filling a Tank {n}\n\n{body}" for n in ("I", "II", "III", "IV")]
    body = "".join(prose(2, "zh", 16))
    exercises += [f"# 第{n}题\n\n{body}" for n in range(1, 6)]
    check_all_kept(tmp_path, exercises)


def test_the_same_exercise_with_other_numbers_stays(tmp_path: Path) -> None:
    body = " ".join(prose(3, "en", 10))
    ask = "A train runs {} km at {} km per hour. How many minutes does it take?"
    values = [(120, 60), (150, 75), (210, 70), (90, 30)]
    check_all_kept(tmp_path, [f"{body}\n{ask.format(*v)}" for v in values])
    body = "".join(prose(4, "zh", 12))
    ask = "一列火车行驶{}千米，每小时{}千米，需要多少分钟？"
    check_all_kept(tmp_path, [f"{body}\n{ask.format(*v)}" for v in values])


def test_an_old_and_an_amended_statute_stay(tmp_path: Path) -> None:
    articles = "\n".join(f"第{i}条 {line}" for i, line in enumerate(prose(5, "zh", 40), 1))
    head = "# 海边市停车条例\n\n（2018年3月30日海边市常务委员会第三次会议通过{}）\n\n"
    amended = articles.replace("第7条 ", "第7条 停车不得超过两小时。", 1)
    texts = [head.format("") + articles, head.format("；根据2024年5月6日决定修正") + amended]
    check_all_kept(tmp_path, texts)


def test_an_amended_statute_without_dates_stays(tmp_path: Path) -> None:
    """One word is gone from many provisions, and no date says so."""
    lines = [f"第{i}条 市、县政府{line}" for i, line in enumerate(prose(35, "zh", 30), 1)]
    text = "# 海边市停车条例\n\n" + "\n".join(lines)
    check_all_kept(tmp_path, [text, text.replace("市、县政府", "市政府", 8)])
    # Copies differ in a word here and there.
    assert len(deduplicated(tmp_path / "few", [text, text.replace("、县", "", 3)]).kept) == 1


def test_numbers_of_items_and_blanks_of_ranges_are_no_numbers(tmp_path: Path) -> None:
    lines = prose(36, "en", 60)
    steps = [" ".join(lines[at : at + 5]) for at in range(0, 60, 5)]
    listed = "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))
    moved = "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 2))
    check_one_kept(tmp_path / "items", [listed, moved])
    ages = "".join(prose(37, "zh", 12)) + "\n适合{}岁的读者。"
    check_one_kept(tmp_path / "ranges", [ages.format("25-30"), ages.format("25 - 30")])


def test_statutes_of_two_cities_stay(tmp_path: Path) -> None:
    articles = "\n".join(f"第{i}条 {line}" for i, line in enumerate(prose(6, "zh", 40), 1))
    check_all_kept(tmp_path, [f"# {city}停车条例\n\n{articles}" for city in ("海边市", "山前市")])


def test_pages_of_sibling_functions_stay(tmp_path: Path) -> None:
    page = "\n".join(prose(7, "en", 24))
    form = "# `{0}`\n\n{1}\n\n## Returns\n\nWhat `{0}` found, or nothing. Call `{0}` again."
    names = ("read_left", "read_right", "read_both")
    check_all_kept(tmp_path, [form.format(name, page) for name in names])


@pytest.mark.parametrize("script", ["en", "zh"])
def test_an_article_with_another_time_stamp_leaves(tmp_path: Path, script: str) -> None:
    article = "\n".join(prose(8, script, 30))
    stamps = [
        f"Posted on March {day}, 2021 at 12:{day}" if script == "en" else f"发布于2021年3月{day}日"
        for day in range(10, 20)
    ]
    check_one_kept(tmp_path, [f"{stamp}\n{article}" for stamp in stamps])


@pytest.mark.parametrize("script", ["en", "zh"])
def test_an_article_with_other_counters_leaves(tmp_path: Path, script: str) -> None:
    article = "\n".join(prose(9, script, 30))
    counters = [
        f"{7 * n} views, {n} comments" if script == "en" else f"阅读 {7 * n} 评论 {n}"
        for n in range(1, 11)
    ]
    check_one_kept(tmp_path, [f"{article}\n{counter}" for counter in counters])


@pytest.mark.parametrize("form", ["[{0}](https://a.example/{0}) [{1}](/{1})", "{0} > {1} > {2}"])
@pytest.mark.parametrize("script", ["en", "zh"])
def test_an_article_with_other_navigation_leaves(tmp_path: Path, script: str, form: str) -> None:
    article = "\n".join(prose(10, script, 40))
    menus = []
    for number in range(5):
        entries = [word.strip() for word in units(random.Random(number), script, 3)]
        menus.append(form.format(*entries))
    check_one_kept(tmp_path, [f"{menu}\n{article}\n{menu}" for menu in menus])
