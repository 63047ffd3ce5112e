"""What sites print on their pages, cut out: runs against the twin, and what must hold."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from glmdata.dedup import Edit, apply_edits, read_edits
from glmdata.reference import templates as twin
from glmdata.reference.keep import ranks
from glmdata.reference.url import url_host
from tests.property.crawls import write_crawl
from tests.property.reported_sites import REPORTED
from tests.property.sites import documents, made
from tests.property.stages import Stage, digests, rows_of, run, run_on
from tests.property.texts import ALPHABETS, Document, units

HOSTS = ["quay.example", "Mole.example", "www.pier.example", "渡口.example", None, "unknown"]

LINES = [
    "Home",
    "首页",
    "Share this page with your friends",
    "版权所有，未经许可不得转载",
    "คลิกที่นี่เพื่อแบ่งปัน",
    "👍 Like 👩‍👩‍👧 this",
    "👍👍",
    "Views: {}",
    "阅读 ({})",
    "© 2019-{} the quay",
    "{}",
    "{}.5%",
    "ⅷ",
    "- [Home](/)",
    "{}. a step",
    "第三条　应当",
    "# Title",
    "## Part",
    "## Part\n\n### Deep",
    "Part\n----",
    "Title\n=======",
    "---",
    "***",
    "======",
    "| a | b |",
    "|---|---|",
    "<div>",
    "客服：您好",
    "客服：再见",
    "A: Hello",
    "https://quay.example/",
    "“Come.”",
    "The options are:",
    "步骤如下：",
    "```\ncode = {}\n\nmore\n```",
    "    indented",
    "/*\n * Licensed\n */",
    "// comment",
    "# one\n# two",
    "This page is a part of the library of the quay\nand may be copied by all who\ncan read.",
    "home\nabout us\ncontact",
    "This page takes the common parameters of all the other pages of the\nLong book",
    "- one\n- two\n- three",
    "> one\n> two",
    "-->",
    "[1]: /target",
    "> quoted words",
    "",
    " \t",
]


def text_of(rng: random.Random, pool: list[str]) -> str:
    """A head, lines of a pool amid own ones, a tail."""
    end = rng.choice(["\n", "\n", "\r\n"])
    lines = pool[:3] if rng.random() < 0.7 else []
    for _ in range(rng.randint(1, 9)):
        if rng.random() < 0.4:
            lines.append("".join(units(rng, rng.choice(["en", "zh"]), rng.choice([3, 12]))).strip())
        else:
            lines += rng.sample(pool, rng.randint(1, 3))
        lines += [""] * rng.choice([0, 0, 1, 2])
    if rng.random() < 0.7:
        lines += pool[-3:]
    text = "\n".join(lines).replace("{}", str(rng.choice([7, "1,204", 33, "2024-05-01"])))
    if rng.random() < 0.1:
        text = text.upper()
    return text.replace("\n", end) + rng.choice(["", end])


def corpus(seed: int, n: int) -> list[Document]:
    """Pages of hosts with frames of their own; some are near copies, some source code."""
    rng = random.Random(seed)
    pools = {host: rng.sample(LINES, 14) for host in HOSTS}
    made: list[Document] = []
    for number in range(n):
        host = rng.choice(HOSTS)
        text = text_of(rng, pools[host])
        source = rng.choice(["web", "web", "wiki", "code"])
        if made and rng.random() < 0.1:
            text = str(rng.choice(made)["text"]) + rng.choice(["", "\nword"])
        document: Document = {"id": f"{rng.randrange(10**6)}-{number}", "text": text}
        document |= {"source": source, "lang": rng.choice(["zh", "en"])}
        if host is not None:
            document["url"] = f"https://{host}/{number}" if "." in host else host
        made.append(document)
    return made


def host_of(document: Document) -> str | None:
    return url_host(document["url"]) if "url" in document else None


def edits_by_position(stage: Stage) -> dict[int, list[Edit]]:
    return {stage.position[doc]: found for doc, found in read_edits(stage.path)}


CASES: list[dict[str, Any]] = [
    {},
    {"keep": "first"},
    {"scope": "source", "source_priority": ["wiki"]},
    {"scope": "lang", "keep": "first"},
]


@pytest.mark.parametrize("options", CASES, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_runs_cut_as_the_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    check_against_twin(tmp_path, corpus(seed, 240), options)


@pytest.mark.parametrize(
    ("target", "mutant"),
    [
        ("LEAST_PAGES", 6),
        ("LEAST_SHARE", 3),
        ("MOST_PAGES", 1),
        ("LONG", 4),
        ("WIDE", 400),
        ("WIDE_BEFORE_SMALL", 400),
        ("_BRACKETS", re.compile("x")),
        ("_ITEM", re.compile("x")),
        ("_LABEL", re.compile("(x)[:]")),
        ("_NUMBER", re.compile("[0-9]")),
        ("_FIXED", re.compile("[|]")),
        ("_NUMBERED", re.compile("#")),
        ("_UNDERLINE", re.compile("=")),
        ("_comments", lambda lines: [False] * len(lines)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_planted_mutation_is_seen(
    tmp_path: Path, target: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, target, mutant)
    with pytest.raises(AssertionError):
        check_seeds(tmp_path)


def check_seeds(tmp_path: Path) -> None:
    for seed in range(6):
        check_against_twin(tmp_path, corpus(seed, 240), {})


def check_against_twin(
    tmp_path: Path, documents: list[Document], options: dict[str, Any]
) -> set[str]:
    """The same edits, the same documents emptied, the same texts; what was met."""
    before = run(tmp_path / "before", documents, **options)
    stage = run(tmp_path / "run", documents, templates="host", **options)
    order = ranks(
        [{**d, "text_key": b""} for d in documents],
        options.get("keep", "longest"),
        options.get("source_priority", ()),
    )
    texts = {i: documents[i]["text"] for i in before.kept if documents[i].get("source") != "code"}
    scope = options.get("scope", "global")
    hosts = {i: (documents[i].get(scope), host_of(documents[i])) for i in texts}
    hosts = {i: host for i, host in hosts.items() if host[1]}
    alone = [before.cluster.count(cluster) == 1 for cluster in before.cluster]
    expected: dict[int, list[twin.Cut]] = {}
    emptied, spared, met = set(), 0, set()
    for i, cuts in twin.cut(texts, order, hosts).items():
        left = apply_edits(texts[i], [Edit("template", *cut, hash=0) for cut in cuts])
        if left.strip():
            expected[i] = cuts
        elif alone[i]:
            emptied.add(i)
        else:
            spared += 1
    edits = edits_by_position(stage)
    assert {i: [(e.start, e.end, e.count) for e in own] for i, own in edits.items()} == expected
    assert before.kept - stage.kept == emptied
    for i in emptied:
        row = stage.decisions[i]
        assert (row["rule"], row["kept_doc"], row["value"]) == ("template", None, None)
    parts = [row for part in sorted(stage.path.glob("data/part-*")) for row in rows_of(part)]
    for row in parts:
        i = stage.position[row["doc"]]
        assert row["text"] == apply_edits(documents[i]["text"], edits.get(i, []))
    report = stage.read("report.json")
    cut, text = report["cut"], report["text_bytes"]
    every = [edit for own in edits.values() for edit in own]
    assert text["in"] == text["kept"] + text["removed"] + text["cut"]
    assert (cut["templates"], cut["documents"]) == (len(every), len(edits))
    assert (cut["text_bytes"], cut["spared"]) == (sum(e.end - e.start for e in every), spared)
    assert sum(tally["templates"] for tally in cut["by_source"].values()) == len(every)
    assert report["removed_by_rule"]["template"] == len(emptied)
    met |= {"cut"} if every else set()
    met |= {"emptied"} if emptied else set()
    return met | ({"spared"} if spared else set())


def test_every_fate_is_met(tmp_path: Path) -> None:
    """The runs above mean something; pages that are nothing but their frame are among these."""
    pages = documents(made(3, dict(list(REPORTED.items())[:5])))
    frames = [
        {**page, "id": f"frame-{n}", "text": text, "url": f"{page['url']}/{n}"}
        for n, (page, text) in enumerate(
            (page, "\n".join(str(page["text"]).split("\n")[:size]))
            for page, size in [(pages[1], 4), (pages[40], 5), (pages[41], 5)]
        )
    ]
    met = check_against_twin(tmp_path, pages + frames, {"keep": "first"})
    assert met == {"cut", "emptied", "spared"} or met == {"cut", "emptied"}


def test_pages_of_anything_are_cut_as_the_twin_says(tmp_path: Path) -> None:
    """Frames of any characters."""
    rng = random.Random(4)
    signs = ["".join(rng.choices(ALPHABETS[name], k=rng.randint(1, 24))) for name in ALPHABETS]
    lines = ["".join(rng.sample(signs, rng.randint(1, 3))) for _ in range(60)]
    pages = []
    for number in range(120):
        host = number % 6
        frame = lines[host * 10 : host * 10 + 10]
        body = "".join(units(rng, "zh", 30))
        text = "\n".join([*frame[:5], body, *frame[5:]])
        pages.append({"id": str(number), "text": text, "url": f"//h{host}.example/{number}"})
    check_against_twin(tmp_path, pages, {"keep": "first", "threshold": 1.0, "containment": None})


RULES: list[dict[str, Any]] = [
    {"line_dedup": 3},
    {"paragraph_dedup": 2, "line_dedup": 2},
    {"substring_dedup": 12},
    {"substring_dedup": 12, "line_dedup": 3, "paragraph_dedup": 3},
]


@pytest.mark.parametrize("options", RULES, ids=str)
def test_no_equal_block_goes_away_altogether(tmp_path: Path, options: dict[str, Any]) -> None:
    """Beside other rules too; only a number of a counter may be in `edits/` alone."""
    for seed in range(4):
        pages = corpus(seed, 240)
        stage = run(tmp_path / "run", pages, templates="host", **options)
        edits = edits_by_position(stage)
        assert {edit.rule for own in edits.values() for edit in own} >= {"template"}
        left: set[tuple[str, ...]] = set()
        for i in stage.kept:
            text = apply_edits(pages[i]["text"], edits.get(i, []))
            left |= {(line,) for block in twin.blocks(text) for line in block.form}
        gone = [
            block
            for i, own in edits.items()
            for edit in own
            if edit.rule == "template"
            for block in twin.blocks(pages[i]["text"].encode()[edit.start : edit.end].decode())
            if block.masked is None
        ]
        assert gone
        if "substring_dedup" not in options:
            assert all((line,) in left for block in gone for line in block.form)


@pytest.mark.usefixtures("as_asked")
def test_memory_threads_and_listing_change_nothing(tmp_path: Path) -> None:
    pages = []
    rng = random.Random(2)
    pools = [rng.sample(LINES, 20) for _ in range(40)]
    for number in range(9_000):
        pool = pools[number % 40]
        text = "\n".join(text_of(rng, pool) for _ in range(4))
        pages.append({"id": str(number), "text": text, "url": f"//h{number % 40}.example/{number}"})
    crawl = write_crawl(tmp_path / "crawl", pages, 12)
    whole = run_on(crawl, tmp_path / "whole", templates="host")
    assert whole.read("run.json")["runs_spilled"] == 0
    assert whole.read("report.json")["cut"]["templates"] > 10_000
    bare = run_on(crawl, tmp_path / "bare", memory="6MiB")
    little = run_on(crawl, tmp_path / "little", memory="6MiB", templates="host")
    # More runs than bands and pairs alone need: blocks, frequent ones and spans went to disk.
    spilled = [stage.read("run.json")["runs_spilled"] for stage in (bare, little)]
    assert spilled[1] >= spilled[0] + 3
    assert digests(little.path) == digests(whole.path)
    for threads in (1, 4):
        stage = run_on(crawl, tmp_path / f"threads-{threads}", threads=threads, templates="host")
        assert digests(stage.path) == digests(whole.path)
    again = write_crawl(tmp_path / "again" / "crawl", pages, 12, random.Random(2))
    assert digests(run_on(again, tmp_path / "listing", templates="host").path) == digests(
        whole.path
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, {"templates": "host"}), ({"templates": "host"}, {"threshold": 0.95, "keep": "first"})],
    ids=str,
)
def test_rethreshold_writes_the_bytes_of_a_full_run(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old = run(tmp_path / "run", corpus(7, 240), **before)
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", **after)
    full = run_on(tmp_path / "run" / "crawl", tmp_path / "full", **{**before, **after})
    assert digests(tmp_path / "again") == digests(full.path)
