"""`glmdata browse` over stages that hold less than a whole recipe leaves, or that changed later."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from glmdata.filter import calibrate_labelled
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_browse import page, served


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ((), True),
        (("--format", "parquet"), True),
        (("--format", "jsonl.zst"), False),
        (("--write", "decisions"), False),
    ],
)
def test_deduplication_alone(
    glmdata: Glmdata, crawl: Crawl, flags: tuple[str, ...], named: bool
) -> None:
    crawl(*({"id": f"d{n % 3}", "text": page(n % 3, 60)} for n in range(4)))
    assert glmdata("dedup", "--input", "crawl", *flags).code == 0
    with served(Path("glmdata-out")) as client:
        assert client.total() == 4
        assert client.total(fate="kept") == 3
        assert client.total(id="d1") == int(named), "what no file names is known by its key"
        keys = client.keys(fate="kept")
        assert len(keys) == 3
        for key in keys:
            assert key in client.get("/document", doc=key)


@pytest.mark.parametrize("stages", [("dedup", "filter"), ("filter",), ("dedup",)])
def test_addresses_are_those_of_their_documents(
    glmdata: Glmdata, crawl: Crawl, stages: tuple[str, ...]
) -> None:
    """Short pages go in the filter: only what deduplication stored still tells their address."""
    sizes = {f"d{n}": 60 if n % 3 else 6 for n in range(9)}
    records = [
        {"id": name, "url": f"http://{name}.example/", "text": page(n, size)}
        for n, (name, size) in enumerate(sizes.items())
    ]
    crawl(*records, {"id": "none", "text": page(10, 60)}, records[1])
    Path("rules.toml").write_text('[[rule]]\nname = "short"\ndrop_when = "n_chars < 100"\n')
    options = ("--preset", "none", "--rules", "rules.toml")
    for stage in stages:
        given = () if stage == "filter" and "dedup" in stages else ("--input", "crawl")
        done = glmdata(stage, *given, *(options if stage == "filter" else ()))
        assert done.code == 0, done.err
    with served(Path("glmdata-out")) as client:
        for name, size in sizes.items():
            known = "dedup" in stages or size == 60
            copies = 2 if name == "d1" and "dedup" not in stages else 1
            assert client.total(url=f"/{name}.example") == copies * known, name
            if known:
                assert set(client.keys(url=f"/{name}.example")) <= set(client.keys(id=name))
        assert client.total(url="example") < client.total()


def test_documents_without_an_id(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1, 60)}, {"text": page(2, 60)})
    assert glmdata("dedup", "--input", "crawl").code == 0
    with served(Path("glmdata-out")) as client:
        assert client.total() == 2
        for key in client.keys(fate="kept"):
            assert "word" in client.get("/document", doc=key)


def test_no_number_and_no_rule_is_left_without_an_answer(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"id": "a", "text": page(1, 60)})
    Path("rules.toml").write_text(
        '[[rule]]\nname = "short"\ndrop_when = "n_chars < 30"\n'
        '[[move]]\nname = "digits"\nmove_when = "digit_share > 0.9"\nto = "tables"\n'
    )
    asked = ("--input", "crawl", "--preset", "none", "--rules", "rules.toml")
    assert glmdata("filter", *asked).code == 0
    with served(Path("glmdata-out")) as client:
        assert "own/digits" not in client.get()
        assert "own/short" in client.get()
        assert client.ask(f"{client.base}/rule?name=own/digits")[0] == 404
        assert client.ask(f"{client.base}/?page={10**30}")[0] == 400
        assert client.ask(f"{client.base}/?page={2**31 - 1}")[0] == 200


def test_labels_keep_what_rules_ask_for() -> None:
    """A rule for encyclopedias is put to them alone, whatever file they come in."""
    rows = [
        {"source": "wiki", "lang": "en", "text": page(n, 3 if n % 2 else 90)} for n in range(80)
    ]
    lines = [
        {**row, "doc": f"{n:032x}", "label": "remove" if n % 2 else "keep"}
        for n, row in enumerate(rows)
    ]
    Path("labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for name, rest in (("kept", 0), ("removed", 1)):
        told = [json.dumps(row) + "\n" for n, row in enumerate(rows) if n % 2 == rest]
        Path(f"{name}.jsonl").write_text("".join(told))
    one, two = calibrate_labelled("labels.jsonl"), calibrate_labelled("kept.jsonl", "removed.jsonl")
    assert one.rules == two.rules
    assert {rule.rule.split("/")[0] for rule in one.rules} >= {"wiki"}
    assert not [rule.rule for rule in one.rules if "web" in rule.rule]


# `readable` opens files that polars cannot name, and leaves closing them to the interpreter.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_a_workspace_whose_name_is_no_text(glmdata: Glmdata, crawl: Crawl, kind: str) -> None:
    crawl(*({"id": f"d{n % 2}", "text": page(n % 2, 60)} for n in range(3)))
    strange = os.fsdecode(b"out-\xff")
    for stage in ("dedup", "filter"):
        given = ("--input", "crawl") if stage == "dedup" else ()
        asked = ("--workspace", strange, "--format", kind)
        assert glmdata(stage, *given, *asked).code == 0
    with served(Path(strange)) as client:
        assert client.total() == 3
        assert client.total(text="word1x7") == 1
        assert client.total(signal="n_words", low="1") == 2
        for key in client.keys():  # noqa: SIM118, the client is no mapping
            assert "word" in client.get("/document", doc=key)
    for call in (
        ("explain", "d1", "--stage", f"{strange}/dedup"),
        ("report", "--workspace", strange),
    ):
        done = glmdata(*call)
        assert done.code == 0, done.err
    assert "Corpus report: out-\\udcff" in Path(strange, "report/report.html").read_text("utf-8")
