"""Spans of a text that bear loss: from a field of the crawl to the labels of the loader."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import TokenRows, dedup, filter, mix, shard
from glmdata.errors import ConfigError
from glmdata.reference import bpe
from glmdata.reference.loss import token_spans
from glmdata.verify import verify
from tests.property.test_token_store import RANKS, SMALL, rows
from tests.property.tokenizers import ALPHABETS

BYTES = {rank: token for token, rank in RANKS.items()}


@st.composite
def some_documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Texts, and spans of them: none, null, none at all, in any order and one upon another."""
    documents = []
    for _ in range(draw(st.integers(1, 8))):
        text = draw(st.text(alphabet="".join(ALPHABETS), max_size=30))
        place = st.integers(0, len(text))
        spans = st.lists(st.tuples(place, place).map(sorted), max_size=4)
        given = draw(st.none() | spans)
        absent = given is None and draw(st.booleans())
        documents.append({"text": text, **({} if absent else {"spans": given})})
    return documents


def crawl(documents: list[dict[str, Any]]) -> str:
    shutil.rmtree("crawl", ignore_errors=True)
    Path("crawl/web").mkdir(parents=True)
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    Path("crawl/web/a.jsonl").write_text(lines)
    return "crawl"


def expected(document: dict[str, Any]) -> list[dict[str, int]] | None:
    if document.get("spans") is None:
        return None
    tokens = [BYTES[rank] for rank in bpe.encode(document["text"], RANKS)]
    found = token_spans(document["text"], tokens, document["spans"])
    return [{"start": start, "end": end} for start, end in found]


@settings(deadline=None)
@given(some_documents(), st.integers(1, 3))
def test_spans_of_tokens_are_those_of_the_twin(
    documents: list[dict[str, Any]], threads: int
) -> None:
    options: dict[str, Any] = {"tokenizer": SMALL, "fresh": True, "threads": threads}
    shard.run(crawl(documents), "store", loss_spans_field="spans", shard_size=200, **options)
    found = rows()
    assert [row["loss_spans"] for row in found] == [expected(document) for document in documents]
    assert verify(Path("store")).passed
    report = json.loads(Path("store/report.json").read_text())
    bear = sum(
        row["n_tokens"]
        if row["loss_spans"] is None
        else sum(span["end"] - span["start"] for span in row["loss_spans"])
        for row in found
    )
    assert sum(row["loss_tokens"] for row in report["by_source"]) == bear
    # Without the option there is no such column, and all else is the same.
    shard.run("crawl", "store", shard_size=200, **options)
    plain = rows()
    assert plain == [{k: v for k, v in row.items() if k != "loss_spans"} for row in found]


def test_a_field_that_makes_no_sense_is_set_aside() -> None:
    good = {"id": "good", "text": "渔民在河口", "spans": [[2, 4]]}
    bad: list[object] = [[[0, 6]], [[3, 2]], [1, 2], "all", [[0, 1, 2]], [[-1, 2]], {"a": 1}, True]
    records = [good, *({"text": "渔民在河口", "spans": spans} for spans in bad), good]
    shard.run(crawl(records), "store", tokenizer=SMALL, loss_spans_field="spans")
    report = json.loads(Path("store/report.json").read_text())
    assert report["documents"] == {"in": 10, "kept": 2, "removed": 0, "quarantined": 8}
    assert report["quarantine"] == {"wrong_field": 8}
    lines = Path("store/quarantine/part-000000.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["row"] for event in events] == list(range(1, 9))
    assert events[0]["detail"] == "spans: expected [[from, to], ...] within 5 characters"
    assert events[0]["sample"] == "[[0,6]]"


PAGES = [
    {
        "id": str(n),
        "text": f"问：渔民{n}在河口做什么？答：他 mends {n * 7919} nets and sells {n} lamps。"
        * (1 + n % 9),
        "spans": [[3 + n % 5, 20 + n % 30]] if n % 3 else None,
    }
    for n in range(60)
]
"""Documents that differ in length, a third of which bear loss everywhere."""


@pytest.mark.parametrize(
    "modes",
    [
        {},
        {"infill_rate": 0.7},
        {"infill_rate": 0.9, "infill_sentence": 0.7},
        {"fim_rate": 0.8, "fim_source": ["web"], "fim_tokens": ["500", "501", "502"]},
    ],
    ids=lambda modes: "-".join(modes) or "causal",
)
def test_labels_outside_of_spans_are_silent(modes: dict[str, Any]) -> None:
    """Of all labels of a plan, those of a document's tokens are as many as its spans hold."""
    shard.run(crawl(PAGES), "store", tokenizer=SMALL, loss_spans_field="spans")
    spans = {row["doc"].hex(): row["loss_spans"] for row in rows()}
    shard.run("crawl", "all", tokenizer=SMALL)
    for store in ("store", "all"):
        mix.run(store, f"mix-{store}", row_length=128, packing="best-fit", **modes)
    some, everywhere = TokenRows("mix-store"), TokenRows("mix-all")
    silent = 0
    for number, (found, full) in enumerate(zip(some, everywhere, strict=True)):
        parts = some._plan[number].parts
        assert [part[:4] for part in parts] == [p[:4] for p in everywhere._plan[number].parts]
        for name in set(found) - {"labels"}:
            assert (found[name] == full[name]).all()
        changed = found["labels"] != full["labels"]
        assert (found["labels"][changed] == -100).all()
        silent += int(changed.sum())
        for at, part in enumerate(parts):
            here = spans[some._store.document(part.shard, part.row)]
            if here is None:
                assert not changed[found["doc_ids"] == at][1:].any()
    assert silent > 100


def test_the_field_comes_through_dedup_and_filter(clean_place: Path) -> None:
    crawl([*PAGES, {**PAGES[5], "id": "copy"}])
    dedup.run("crawl/")
    filter.run(preset="none")
    shard.run(tokenizer=SMALL, loss_spans_field="spans")
    found = {json.dumps(row["loss_spans"]) for row in rows("glmdata-out/shard")}
    assert len(found) > 20
    by_hand = {json.dumps(expected(page)) for page in PAGES}
    assert found == by_hand

    Path("other").mkdir()
    mail = {"text": "渔民在河口，电话：13812345678。", "spans": [[0, 3]]}
    crawl([mail])
    dedup.run("crawl/", workspace="other")
    filter.run(preset="none", pii="mask", workspace="other")
    with pytest.raises(ConfigError, match="expected texts as they were crawled, found pieces cut"):
        shard.run(tokenizer=SMALL, loss_spans_field="spans", workspace="other")
