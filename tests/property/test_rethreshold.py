"""`rethreshold` writes the bytes that a full run with the new options would have written."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from tests.property.stages import Stage, digests, run, run_on
from tests.property.texts import Document, corpus, edited, units, word


def planted(n: int) -> list[Document]:
    """Pairs of near copies that differ by words alone."""
    rng = random.Random(n)
    documents = []
    for i in range(n):
        parts = units(rng, "en", 80)
        documents.append({"id": f"{i}-a", "text": "".join(parts), "date": f"20{i % 60:02}-01-01"})
        near = "".join(edited(rng, parts, "en", 1)) + word(rng)
        documents.append({"id": f"{i}-b", "text": near, "date": f"20{(i * 7) % 60:02}-01-01"})
    return documents


RETHRESHOLDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"threshold": 0.85}),
    ({}, {"threshold": 0.95, "cluster": "components"}),
    ({}, {"variants": "remove"}),
    ({}, {"containment": 0.9}),
    ({}, {"source_priority": ["book", "wiki"]}),
    ({"scope": "source"}, {"threshold": 0.9, "format": "jsonl.zst", "removed_text": True}),
    ({}, {"write": "decisions"}),
    ({}, {"keep": "first"}),
    ({}, {"keep": "newest:date"}),
    ({"keep": "best:score"}, {"keep": "longest"}),
]


@pytest.mark.parametrize(("before", "after"), RETHRESHOLDS, ids=str)
def test_rethreshold_writes_the_bytes_of_a_full_run(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    documents = corpus(11, 60) + planted(30)
    old = run(tmp_path / "run", documents, **before)
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", **after)
    full = run_on(tmp_path / "run" / "crawl", tmp_path / "full", **{**before, **after})
    assert digests(tmp_path / "again") == digests(full.path)


def test_another_copy_may_stand_for_equal_texts(tmp_path: Path) -> None:
    """Pairs were measured with the copy that stood for an exact group; now another one does."""
    rng = random.Random(2)
    parts = units(rng, "en", 80)
    near = "".join(edited(rng, parts, "en", 1)) + word(rng)
    documents = [
        {"id": "a", "text": "".join(parts), "source": "web"},
        {"id": "b", "text": "".join(parts), "source": "book"},
        {"id": "c", "text": near, "source": "wiki"},
    ]
    old = run(tmp_path / "run", documents, variants="remove")
    assert old.kept == {2}
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", source_priority=["book"])
    assert Stage(tmp_path / "again").removed == {0: ("exact-raw", 1), 2: ("fuzzy", 1)}


def test_the_finished_stage_is_not_touched(tmp_path: Path) -> None:
    old = run(tmp_path / "run", planted(10))
    before = digests(old.path)
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", threshold=0.9)
    assert digests(old.path) == before != digests(tmp_path / "again")


def test_a_text_may_be_code_here_and_prose_there(tmp_path: Path) -> None:
    """Which way it is shingled must not depend on who stays."""
    rng = random.Random(1)
    documents = []
    for i in range(60):
        parts = units(rng, "code", 80)
        for j in range(3):
            copy = parts if rng.random() < 0.5 else edited(rng, parts, "code", 1)
            source, year = rng.choice(["code", "web", "book"]), rng.randrange(100)
            document = {"id": f"{i}-{j}", "text": "".join(copy), "source": source}
            documents.append({**document, "date": f"20{year:02}-01-01"})
    old = run(tmp_path / "run", documents)
    for keep in ("first", "newest:date"):
        glmdata.dedup.rethreshold(old.path, tmp_path / f"again-{keep}", keep=keep)
        full = run_on(tmp_path / "run" / "crawl", tmp_path / f"full-{keep}", keep=keep)
        assert digests(tmp_path / f"again-{keep}") == digests(full.path)


def test_padding_makes_no_copy_longer(tmp_path: Path) -> None:
    """Of copies the one with less around what it says stays, whatever their ids are."""
    rng = random.Random(4)
    zh, en = "".join(units(rng, "zh", 200)), "".join(units(rng, "en", 100)).strip()
    code = "".join(units(rng, "code", 100)).strip()
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in en[::-1])
    groups = [
        (en, [en + " " * 500 + "\n" * 500, en.replace(" ", " \t ")]),
        (zh, ["\u200b".join(zh), "\ufeff" + zh + "\u3000" * 90]),
        (en[::-1], [wide, en[::-1].replace(" ", "\u00ad ")]),
        (code, [code.replace(" ", "    ")]),
        # What says more stays all the same.
        (en + " and more", []),
    ]
    documents = []
    for i, (clean, padded) in enumerate(groups):
        source = "code" if clean is code else "web"
        for j, text in enumerate([clean, *padded]):
            documents.append({"id": f"{i}-{9 - j}", "text": text, "source": source})
    best = len(documents) - 1
    stage = run(tmp_path / "run", documents, variants="remove")
    assert [documents[i]["id"] for i in sorted(stage.kept)] == ["1-9", "2-9", "3-9", "4-9"]
    assert stage.removed[0] == ("fuzzy", best)
    first = run_on(tmp_path / "run" / "crawl", tmp_path / "first", keep="first", variants="remove")
    glmdata.dedup.rethreshold(first.path, tmp_path / "again", keep="longest", variants="remove")
    assert digests(tmp_path / "again") == digests(stage.path)
