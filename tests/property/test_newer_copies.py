"""Of copies that are as clean the one of the later date stays; dates are those of the twin."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from glmdata.reference.dedup import Options, decide
from glmdata.reference.keep import date_of
from tests.property.stages import digests, rows_of, run, run_on
from tests.property.test_clean_copies import page
from tests.property.texts import Document, corpus, edited, units

PARTS = {
    "day": ["2024-05-01", "2024/05/01", "2024-05/01", "2023-02-29", "2024-02-29", "0001-01-01"],
    "clock": [
        "",
        "T10:22",
        "T10:22:33Z",
        " 10:22:33.5",
        "t23:59:60",
        "T24:00:00",
        "T1:2",
        "，",
        "1",
    ],
    "zone": ["", "Z", "+08:00", "-0130", " +05", "+5", " UTC"],
}
OTHERS: list[Any] = [
    *("20240501", "20241301", "2024", "2024-05", "2024-13", "1899", "soon", "", "  2024-05-01 "),
    *(20240501, 2024, 1714521600, 1714521600.75, 1714521600000, 99_999_999, 1e8, 1e11, 1e14, -1e9),
    *(
        "1714521600",
        "1714521600000",
        "1.7145216e9",
        "nan",
        "inf",
        "１７１４５２１６００",
        True,
        None,
    ),
    *([2024], {"on": "2024-05-01"}, "1e9x", "+1714521600", "-1714521600"),
]


def values(seed: int, n: int) -> list[Any]:
    """Dates of many spellings, and what is none."""
    rng = random.Random(seed)
    made = ["".join(rng.choice(part) for part in PARTS.values()) for _ in range(n)]
    return [*made, *OTHERS]


def stored(stage: Path) -> list[int | None]:
    """The dates in the table of documents; what is no date is none."""
    dates = [row["date"] for row in rows_of(stage / "documents.arrow")]
    return [None if date is None or date <= -(2**63) + 1 else date for date in dates]


@pytest.mark.parametrize("names", ["date,timestamp,published", "when.day,date", "published"])
def test_dates_are_those_of_the_twin(tmp_path: Path, names: str) -> None:
    rng = random.Random(7)
    documents: list[Document] = []
    for value in values(3, 400):
        fields: Document = {rng.choice(["date", "timestamp", "published", "when.day"]): value}
        if rng.random() < 0.3:
            fields["when"] = {"day": rng.choice(OTHERS)}
        if rng.random() < 0.3:
            fields["date"] = rng.choice(OTHERS)
        text = "".join(units(rng, "en", 8))
        documents.append({"id": str(len(documents)), "text": text, **fields})
    stage = run(tmp_path, documents, date_field=names)
    dates = [date_of(document, names) for document in documents]
    assert stored(stage.path) == dates
    fields = stage.read("report.json")["fields"]
    read = len(dates) - dates.count(None)
    there = sum(any(_there(document, name) for name in names.split(",")) for document in documents)
    assert (fields["date"], fields["date_unread"]) == (read, there - read)
    assert read > 0
    assert there > read


def _there(document: Document, name: str) -> bool:
    whole = document.get(name)
    if whole is not None and whole != "":
        return True
    first, _, rest = name.partition(".")
    inner = document.get(first)
    return bool(rest) and isinstance(inner, dict) and inner.get(rest) not in (None, "")


def dated(seed: int, n: int) -> list[Document]:
    """A corpus of copies, most of which have a date."""
    rng = random.Random(seed)
    documents = corpus(seed, n)
    for document in documents:
        document["date"] = rng.choice(["2019-03-02", "2024-05-01", 1714521601, "when", None])
    return documents


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"source_priority": ["wiki"]},
        {"scope": "lang", "fuzzy_short": True},
        {"keep": "newest:date"},
        {"date_field": "nothing"},
    ],
    ids=str,
)
def test_runs_decide_as_the_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    documents = dated(seed, 90)
    stage = run(tmp_path, documents, variants="remove", containment=None, **options)
    expected = decide(documents, Options(variants="remove", **options), stage.pairs)
    found = {i: (rule, kept) for i, (rule, kept) in stage.removed.items()}
    assert found == {i: (why.rule, why.kept) for i, why in expected.removed.items()}


def test_dates_decide_among_copies_that_are_as_clean(tmp_path: Path) -> None:
    """The runs above mean something: without the field others stay."""
    changed = 0
    for seed in range(4):
        documents = dated(seed, 90)
        with_dates = run(tmp_path / "with", documents, variants="remove").kept
        without = run(tmp_path / "without", documents, variants="remove", date_field="nothing").kept
        changed += len(with_dates ^ without)
    assert changed >= 20


PAGE = "".join(units(random.Random(1), "zh", 400))
SHORTER = "".join(edited(random.Random(2), list(PAGE), "zh", 4))[:-10]


@pytest.mark.parametrize(
    ("long", "short", "kept"),
    [
        ({"date": "2019-03-02"}, {"date": "2024-05-01"}, 1),
        ({"date": "2024-05-01"}, {"date": "2019-03-02"}, 0),
        ({"date": "2024-05-01"}, {"date": "2024/05/01"}, 0),
        ({}, {"date": "2024-05-01"}, 0),
        ({"date": "2019-03-02"}, {"date": "soon"}, 0),
    ],
    ids=["newer", "older", "same day", "one has none", "one is none"],
)
def test_which_of_two_near_copies_stays(
    tmp_path: Path, long: Document, short: Document, kept: int
) -> None:
    documents = [{"id": "a", "text": PAGE, **long}, {"id": "b", "text": SHORTER, **short}]
    assert run(tmp_path, documents, variants="remove").kept == {kept}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_clean_copy_stays_though_it_is_older(tmp_path: Path, lang: str) -> None:
    lines = page(1, lang)
    bars = ["首页 | 新闻 | 关于我们", *lines, "上一篇：潮汐", "下一篇：渔港"]
    documents = [
        {"id": "bars", "text": "\n".join(bars), "date": "2024-05-01"},
        {"id": "clean", "text": "\n".join(lines), "date": "2019-03-02"},
        {"id": "clean too", "text": "\n".join(lines[1:]), "date": "2021-01-01"},
    ]
    assert run(tmp_path, documents).kept == {2}


def test_of_equal_texts_the_newer_stays(tmp_path: Path) -> None:
    days = ["2019-03-02", "2024-05-01", None, "2021-01-01"]
    documents = [{"id": f"{n}", "text": PAGE, "date": day} for n, day in enumerate(days)]
    assert run(tmp_path, documents).kept == {1}


def test_rethreshold_and_threads_and_resumed_tables_change_nothing(tmp_path: Path) -> None:
    documents = dated(11, 300)
    stage = run(tmp_path / "run", documents, variants="remove", keep="first")
    glmdata.dedup.rethreshold(stage.path, tmp_path / "again", keep="longest")
    options = {"variants": "remove", "keep": "longest"}
    for threads in (1, 3):
        full = tmp_path / f"full-{threads}"
        run_on(tmp_path / "run" / "crawl", full, threads=threads, **options)
        assert digests(tmp_path / "again") == digests(full)
