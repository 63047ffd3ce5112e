"""Lines and paragraphs cut out of kept documents: runs against the twin, and what must hold."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from glmdata.dedup import Edit, apply_edits, read_edits
from glmdata.errors import ConfigError
from glmdata.reference import passages as twin
from glmdata.reference.keep import ranks
from tests.property.crawls import write_crawl
from tests.property.stages import Stage, digests, rows_of, run, run_on
from tests.property.texts import Document, units

BOILERPLATE = [
    "Share this page with your friends on every network",
    "版权所有，未经许可不得转载本站文章",
    "คลิกที่นี่เพื่อแบ่งปันหน้านี้กับเพื่อน",
    "👍 Like 👩‍👩‍👧 and subscribe to our little channel 🎉",
    "ＡＬＬ　ＲＩＧＨＴＳ　reserved by the owner of this site",
    "Straße der Jugend, 10115 Berlin, phone and fax",
    "short",
    "上一篇",
    "",
    " \t",
    "# A heading that is long enough to be cut",
    "| a row | of a table | that is | long enough |",
    "<p>a tag that opens what another line closes",
    "[link]: https://example.com/a/long/target/of/a/link",
    "{{% tabs of a template that closes below %}}",
    "- an item of a list that is long enough to be cut",
    "*An emphasised line that is no item of a list*",
    "12) the twelfth step of many that follow each other",
    "（三）其他玩忽职守、滥用职权、徇私舞弊的行为。",
    "第十八条　违反本条例规定的，依法追究刑事责任。",
    "2021 was the year in which all of this began",
    "The acceptable values of this parameter are these:",
    "具体用法请参见下面的表格和说明：",
    ".. directive:: of a markup language that we know",
    "    indented_code = of(four, spaces, and, more, words)",
    "\tindented_code = of(four, spaces, and, more, words)",
    "```python",
    "```",
    "~~~~",
    "> ``` quoted fence",
    "let code_line = that_is(long, enough, to, be, cut);",
    "This sentence goes on without an end to it",
    "and here it ends after some more words.",
    "> quoted, and wrapped as mails are,",
    "> so that a line is half a sentence only",
]


def text_of(rng: random.Random) -> str:
    """Frequent lines, own lines, blank ones, LF and CRLF, with and without an end."""
    end = rng.choice(["\n", "\n", "\r\n"])
    lines = []
    for _ in range(rng.randint(1, 8)):
        if rng.random() < 0.35:
            own = "".join(units(rng, rng.choice(["en", "zh", "thai"]), rng.choice([4, 12, 30])))
            lines.append(own)
        else:
            line = rng.choice(BOILERPLATE)
            lines.append(rng.choice([line, line, line.upper(), f"  {line} "]))
        lines += [""] * rng.choice([0, 0, 1, 2])
    return end.join(lines) + rng.choice(["", end, end * 2])


def corpus(seed: int, n: int) -> list[Document]:
    """Documents that share lines, some nothing else, some near copies of each other."""
    rng = random.Random(seed)
    documents: list[Document] = []
    for number in range(n):
        text = text_of(rng)
        source = rng.choice(["web", "web", "wiki", "code"])
        prose = [document["text"] for document in documents if document["source"] != "code"]
        if prose and rng.random() < 0.15:
            text = str(rng.choice(prose)) + rng.choice(["", "\n", " word"])
        if source == "code":
            text += f"\n# {number}"
        document = {"text": text, "source": source, "lang": rng.choice(["zh", "en"])}
        documents.append({"id": f"{rng.randrange(10**6)}-{number}", **document})
    return documents


def edits_by_position(stage: Stage) -> dict[int, list[Edit]]:
    return {stage.position[doc]: found for doc, found in read_edits(stage.path)}


def kept_texts(stage: Stage) -> dict[int, str]:
    parts = sorted(stage.path.glob("data/part-*.arrow"))
    return {stage.position[row["doc"]]: row["text"] for part in parts for row in rows_of(part)}


CASES: list[dict[str, Any]] = [
    {"line_dedup": 3},
    {"paragraph_dedup": 2},
    {"line_dedup": 1, "paragraph_dedup": 1},
    {"line_dedup": 4, "paragraph_dedup": 2, "scope": "source", "keep": "first"},
    {"line_dedup": 2, "scope": "lang", "source_priority": ["wiki"]},
]


@pytest.mark.parametrize("options", CASES, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_runs_cut_as_the_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    check_against_twin(tmp_path, seed, options)


@pytest.mark.parametrize(
    ("target", "mutant"),
    [
        ("SHORTEST", 80),
        ("normalise", str.lower),
        ("goes_on", lambda line, following: False),
        ("_STRUCTURE", re.compile("#")),
        ("units", lambda form: []),
    ],
    ids=["length", "normal form", "wrapped", "structure", "weights"],
)
def test_a_planted_mutation_is_seen(
    tmp_path: Path, target: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, target, mutant)
    with pytest.raises(AssertionError):
        check_against_twin(tmp_path, 1, CASES[2])


def check_against_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    """The same edits, the same documents emptied, the same texts, and counts that add up."""
    documents = corpus(seed, 150)
    shared = {k: v for k, v in options.items() if not k.endswith("_dedup")}
    before = run(tmp_path / "before", documents, **shared)
    stage = run(tmp_path / "run", documents, **options)
    order = ranks(
        [{**d, "text_key": b""} for d in documents],
        options.get("keep", "longest"),
        options.get("source_priority", ()),
    )
    texts = {i: documents[i]["text"] for i in before.kept if documents[i]["source"] != "code"}
    scope = options.get("scope", "global")
    scopes = {i: documents[i].get(scope) for i in texts}
    limits = {k.partition("_")[0]: v for k, v in options.items() if k.endswith("_dedup")}
    alone = [before.cluster.count(cluster) == 1 for cluster in before.cluster]
    expected: dict[int, list[tuple[str, int, int, int]]] = {}
    emptied: dict[int, str] = {}
    spared = 0
    for i, cuts in twin.cut(texts, order, limits, scopes).items():
        found = [(p.rule, p.start, p.end, count) for p, count in cuts]
        left = apply_edits(texts[i], [Edit(*edit, hash=0) for edit in found])
        if left.strip():
            expected[i] = found
        elif alone[i]:
            emptied[i] = "line" if any(rule == "line" for rule, *_ in found) else "paragraph"
        else:
            spared += 1
    edits = edits_by_position(stage)
    assert edits
    found_edits = {i: [(e.rule, e.start, e.end, e.count) for e in own] for i, own in edits.items()}
    assert found_edits == expected
    assert before.kept - stage.kept == set(emptied)
    for i, rule in emptied.items():
        row = stage.decisions[i]
        assert (row["rule"], row["kept_doc"], row["value"]) == (rule, None, None)
    for i, text in kept_texts(stage).items():
        assert text == apply_edits(documents[i]["text"], edits.get(i, []))
    report = stage.read("report.json")
    check_report(report, documents, edits)
    assert report["cut"]["spared"] == spared


def check_report(
    report: dict[str, Any], documents: list[Document], edits: dict[int, list[Edit]]
) -> None:
    """Documents, bytes and spans add up, in all and by source."""
    counts, text, cut = report["documents"], report["text_bytes"], report["cut"]
    assert counts["in"] == counts["kept"] + counts["removed"] + counts["quarantined"]
    assert sum(report["removed_by_rule"].values()) == counts["removed"]
    assert text["in"] == text["kept"] + text["removed"] + text["cut"]
    every = [edit for found in edits.values() for edit in found]
    assert cut["lines"] == sum(edit.rule == "line" for edit in every)
    assert cut["paragraphs"] == sum(edit.rule == "paragraph" for edit in every)
    assert cut["documents"] == len(edits)
    assert cut["text_bytes"] == text["cut"] == sum(edit.end - edit.start for edit in every)
    for source, tally in cut["by_source"].items():
        own = [i for i in edits if documents[i]["source"] == source]
        assert tally["documents"] == len(own)
        assert tally["text_bytes"] == sum(e.end - e.start for i in own for e in edits[i])
        assert source != "code"


def test_every_fate_is_met(tmp_path: Path) -> None:
    """The runs above mean something: lines, paragraphs, emptied and spared documents."""
    met: set[str] = set()
    for seed in range(4):
        stage = run(tmp_path / "run", corpus(seed, 150), **CASES[2])
        met |= {edit.rule for found in edits_by_position(stage).values() for edit in found}
        report = stage.read("report.json")
        met |= {f"removed by {rule}" for rule, n in report["removed_by_rule"].items() if n}
        met |= {"spared"} if report["cut"]["spared"] else set()
    assert met >= {"line", "paragraph", "removed by line", "removed by paragraph", "spared"}


def test_what_was_cut_stays_in_the_first_document(tmp_path: Path) -> None:
    """No text goes away altogether, and every removal that names a document names a kept one."""
    for seed in range(4):
        documents = corpus(seed, 150)
        stage = run(tmp_path / "run", documents, **CASES[2])
        edits = edits_by_position(stage)
        left = {p.form for text in kept_texts(stage).values() for p in twin.passages(text)} | {
            (form,) for text in kept_texts(stage).values() for form in lines_of(text)
        }
        cut_texts = [
            documents[i]["text"].encode()[e.start : e.end].decode()
            for i, found in edits.items()
            for e in found
        ]
        gone = [t for t in cut_texts if not set(lines_of(t)) <= {f for (f, *_) in left}]
        assert not gone
        named = [row["kept_doc"] for row in stage.decisions if row["kept_doc"] is not None]
        assert {stage.position[doc] for doc in named} <= stage.kept


def lines_of(text: str) -> list[str]:
    return [twin.normalise(line) for line in text.split("\n") if line.strip()]


LINE = "Share this page with your friends"
LINES = {
    "en": ("Own one\n", f"{LINE}\n", "Own two"),
    "zh": ("自己\n", "版权所有，未经许可不得转载\n", "的"),
    "emoji": ("👩‍👩‍👧\n", "👍 like and share this page now 🎉\n", "👩"),
    "thai": ("ก\n", "คลิกที่นี่เพื่อแบ่งปัน\n", "ข"),
    "crlf": ("A\r\n", f"{LINE}\r\n", "B\r\n"),
    "no end": ("A\n", LINE, ""),
    "alone at the start": ("", f"{LINE}\n", "B"),
    "marks": ("E\u0301\n", "Share this page with your cafe\u0301\n", "B"),
    "wide": ("A\n", "\u3000Ｓｈａｒｅ\u3000this page with your friends\n", "B"),
    "nul": ("\0\n", "Share this \0page with your friends\n", "B"),
    "other separators": ("A\u2028B\rC\n", f"{LINE}\u2028{LINE}\n", "B"),
}
"""What stands before a line, the line with its end, what stands behind it."""


@pytest.mark.parametrize("name", LINES)
def test_spans_are_whole_lines(tmp_path: Path, name: str) -> None:
    before, line, behind = LINES[name]
    text = before + line + behind
    documents = [{"id": "a", "text": f"{text}\n\nElse!"}, {"id": "b", "text": text + "C"}]
    if name == "no end":
        documents[1]["text"] = text
    stage = run(tmp_path / "run", documents, line_dedup=1, keep="first")
    edits = edits_by_position(stage)
    start = len(before.encode())
    assert [(e.start, e.end, e.count) for e in edits[1]] == [(start, start + len(line.encode()), 2)]
    assert kept_texts(stage) == {
        0: documents[0]["text"],
        1: documents[1]["text"].replace(line, "", 1),
    }


def test_any_text_is_cut_like_the_twin(tmp_path: Path) -> None:
    """Texts of anything: the second document with a passage loses it."""
    rng = random.Random(5)
    texts = [text_of(rng) for _ in range(300)]
    documents = []
    for number, text in enumerate(texts):
        for copy in "ab":
            own = "".join(units(rng, "en", 60))
            documents.append(
                {"id": f"{number}{copy}", "text": f"{own}\n\n{text}", "source": f"{number}"}
            )
    options = {"line_dedup": 1, "paragraph_dedup": 1, "scope": "source", "keep": "first"}
    stage = run(tmp_path / "run", documents, threshold=1.0, **options)
    assert stage.kept == set(range(len(documents)))
    edits = edits_by_position(stage)
    for i in range(0, len(documents), 2):
        pair = {i: documents[i]["text"], i + 1: documents[i + 1]["text"]}
        expected = twin.cut(
            pair, range(len(documents)), {"line": 1, "paragraph": 1}, {i: 0, i + 1: 0}
        )
        assert i not in edits
        assert [(e.rule, e.start, e.end) for e in edits.get(i + 1, [])] == [
            (p.rule, p.start, p.end) for p, _ in expected.get(i + 1, [])
        ]
    hashes: dict[int, tuple[str, tuple[str, ...]]] = {}
    for i, found in edits.items():
        forms = {(p.start, p.end, p.rule): p.form for p in twin.passages(documents[i]["text"])}
        for e in found:
            form = (e.rule, forms[e.start, e.end, e.rule])
            assert hashes.setdefault(e.hash, form) == form, "equal hashes are of equal passages"


@pytest.mark.usefixtures("as_asked")
def test_memory_threads_and_listing_change_nothing(tmp_path: Path) -> None:
    texts = [document["text"] for document in corpus(1, 40_000)]
    documents = [
        {"id": f"{i}", "text": f"{i}\n\n" + "\n\n".join(texts[i : i + 4])}
        for i in range(0, len(texts), 4)
    ]
    options = {"line_dedup": 2, "paragraph_dedup": 2}
    crawl = write_crawl(tmp_path / "crawl", documents, 12)
    whole = run_on(crawl, tmp_path / "whole", **options)
    assert whole.read("run.json")["runs_spilled"] == 0
    bare = run_on(crawl, tmp_path / "bare", memory="6MiB")
    little = run_on(crawl, tmp_path / "little", memory="6MiB", **options)
    # More runs than bands and pairs alone need: passages, frequent ones and spans went to disk.
    spilled = [stage.read("run.json")["runs_spilled"] for stage in (bare, little)]
    assert spilled[1] >= spilled[0] + 4
    assert digests(little.path) == digests(whole.path)
    for threads in (1, 4):
        stage = run_on(crawl, tmp_path / f"threads-{threads}", threads=threads, **options)
        assert digests(stage.path) == digests(whole.path)
    again = write_crawl(tmp_path / "again" / "crawl", documents, 12, random.Random(2))
    assert digests(run_on(again, tmp_path / "listing", **options).path) == digests(whole.path)


RETHRESHOLDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"line_dedup": 2}, {"threshold": 0.95}),
    ({}, {"line_dedup": 2, "paragraph_dedup": 3}),
    ({"line_dedup": 2}, {"keep": "first", "format": "jsonl.zst"}),
    ({"line_dedup": 2, "url_dedup": True}, {"source_priority": ["wiki"], "write": "decisions"}),
    ({"paragraph_dedup": 2}, {"paragraph_dedup": None}),
]


@pytest.mark.parametrize(("before", "after"), RETHRESHOLDS, ids=str)
def test_rethreshold_writes_the_bytes_of_a_full_run(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old = run(tmp_path / "run", corpus(7, 200), **before)
    glmdata.dedup.rethreshold(old.path, tmp_path / "again", **after)
    full = run_on(tmp_path / "run" / "crawl", tmp_path / "full", **{**before, **after})
    assert digests(tmp_path / "again") == digests(full.path)


def test_edits_of_another_text_are_refused() -> None:
    whole = Edit("line", 0, 6, 9, 1)
    assert apply_edits("版权\nx", [Edit("line", 0, 7, 9, 1)]) == "x"
    assert apply_edits("版权", [whole]) == ""
    for edits in ([Edit("line", 0, 7, 9, 1)], [Edit("line", 1, 6, 9, 1)], [whole, whole]):
        with pytest.raises(ConfigError):
            apply_edits("版权", edits)
