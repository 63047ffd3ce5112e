"""Repeated passages cut out of kept documents: runs against the twin, and what must hold."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from glmdata.config.limits import resident_memory
from glmdata.dedup import Edit, apply_edits, read_edits, rethreshold
from glmdata.reference import passages
from glmdata.reference import substrings as twin
from glmdata.reference.keep import ranks
from tests.property.stages import Stage, digests, rows_of, run, run_on
from tests.property.texts import Document, units

LEAST = 12

MARKS = [
    *("", "", "", "，", "。", ". ", "“", "” ", "\n", "\n\n", " (", ") ", "\r\n", "\n> "),
    *("\n- ", "?", "! ", "\n    ", "：\n", ":\n\n", "。</", "<"),
]
FRAMES = [
    "# One\n",
    "## Section two\n\n",
    "### 第三节\n",
    "Underlined\n----------\n",
    "标题\n===\n",
    "```python\n",
    "```\n",
    "~~~\n",
    "----\n",
    "\n\n",
    "\n",
    "## \n",
    "    indented_code = of(four, spaces)\n\n    more_of_it()\n",
    "    one more line\n",
    "\tx = y\n",
    "如下：\n\n```\n",
]

TITLES = ["共享的标题\n", "A shared first line\n\n", "这是一句话。\n", "A sentence ends here.\n"]


def passage_of(rng: random.Random) -> str:
    """Units with marks between some of them."""
    script = rng.choice(["en", "zh", "mixed", "thai"])
    own = units(rng, script, rng.choice([3, 8, 13, 30]))
    return "".join(unit + (rng.choice(MARKS) if rng.random() < 0.2 else "") for unit in own)


def spelled(rng: random.Random, text: str) -> str:
    """The same units: other letters, other gaps."""
    return rng.choice([text, text, text.upper(), text.replace(" ", "  "), text.replace("。", "\n")])


def corpus(seed: int, n: int) -> list[Document]:
    """Documents that share passages at any place, some within, some nothing else."""
    rng = random.Random(seed)
    pool = [passage_of(rng) for _ in range(12)]
    pool += [f"\n```python\n{passage_of(rng)}\n```\n" for _ in range(2)]
    pool += [f"\n## Section\n\n{passage_of(rng)}。\n" for _ in range(2)]
    documents: list[Document] = []
    for number in range(n):
        parts = [rng.choice(TITLES) + rng.choice(pool[:4])] if rng.random() < 0.4 else []
        for _ in range(rng.randint(1, 7)):
            choice = rng.random()
            if choice < 0.5:
                parts.append(spelled(rng, rng.choice(pool)))
            elif choice < 0.75:
                parts.append(rng.choice(FRAMES))
            elif choice < 0.8:
                parts.append("".join(units(rng, "zh", rng.choice([1, 2]))) * rng.randint(10, 30))
            else:
                parts.append(passage_of(rng))
            parts.append(rng.choice(["", "\n", "\n\n", " ", "“", "）", "。（", "! ["]))
        source = rng.choice(["web", "web", "wiki", "code"])
        document = {"text": "".join(parts), "source": source, "lang": rng.choice(["zh", "en"])}
        documents.append({"id": f"{rng.randrange(10**6)}-{number}", **document})
    return documents


CASES: list[dict[str, Any]] = [
    {"substring_dedup": LEAST},
    {"substring_dedup": 25, "keep": "first"},
    {"substring_dedup": LEAST, "line_dedup": 1, "paragraph_dedup": 1},
    {"substring_dedup": 10, "scope": "source", "source_priority": ["wiki"], "line_dedup": 2},
]


@pytest.mark.parametrize("options", CASES, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_runs_cut_as_the_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    check_against_twin(tmp_path, seed, options)


@pytest.mark.parametrize(
    ("target", "mutant"),
    [
        ("normalise", lambda text: text),
        ("_section", lambda blocks, number: []),
        ("SHORTEST", 400),
        ("OPENING", "x"),
        ("_SENTENCE", ("x",)),
        ("_begins", lambda text, units, blocks: [*range(len(units) + 1)]),
    ],
    ids=["normal form", "headings", "shortest", "opening", "titles", "sentences"],
)
def test_a_planted_mutation_is_seen(
    tmp_path: Path, target: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, target, mutant)

    def check_all() -> None:
        for seed in range(6):
            check_against_twin(tmp_path, seed, CASES[0])

    with pytest.raises(AssertionError):
        check_all()


def check_against_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    """The same edits, the same documents emptied, the same texts, and counts that add up."""
    documents = corpus(seed, 60)
    least = options["substring_dedup"]
    frequent = {k: v for k, v in options.items() if k != "substring_dedup"}
    before = run(tmp_path / "before", documents, **frequent)
    stage = run(tmp_path / "run", documents, **options)
    order = ranks(
        [{**d, "text_key": b""} for d in documents],
        options.get("keep", "longest"),
        options.get("source_priority", ()),
    )
    texts = {i: documents[i]["text"] for i in before.kept if documents[i]["source"] != "code"}
    scope = options.get("scope", "global")
    scopes = {i: documents[i].get(scope) for i in texts}
    theirs = {before.position[doc]: found for doc, found in read_edits(before.path)}
    others = {i: [(e.start, e.end) for e in own] for i, own in theirs.items()}
    expected = {i: [(e.rule, e.start, e.end, e.count) for e in own] for i, own in theirs.items()}
    emptied = set()
    spared = 0
    for i, left in twin.cut(texts, order, least, scopes, others).items():
        if left.weight >= twin.SHORTEST:
            found = [("substring", *cut) for cut in left.cuts]
            expected[i] = sorted([*expected.get(i, []), *found], key=lambda edit: edit[1])
        elif before.cluster.count(before.cluster[i]) == 1:
            emptied.add(i)
            expected.pop(i, None)
        else:
            spared += 1
    edits = {stage.position[doc]: found for doc, found in read_edits(stage.path)}
    assert {i: [(e.rule, e.start, e.end, e.count) for e in own] for i, own in edits.items()} == {
        i: own for i, own in expected.items() if own
    }
    assert before.kept - stage.kept == emptied
    for i in emptied:
        row = stage.decisions[i]
        assert (row["rule"], row["kept_doc"], row["value"]) == ("substring", None, None)
    for i, text in kept_texts(stage).items():
        assert text == apply_edits(documents[i]["text"], edits.get(i, []))
    check_report(stage.read("report.json"), documents, edits)
    if not set(options) & {"line_dedup", "paragraph_dedup"}:
        assert stage.read("report.json")["cut"]["spared"] == spared


def kept_texts(stage: Stage) -> dict[int, str]:
    parts = sorted(stage.path.glob("data/part-*.arrow"))
    return {stage.position[row["doc"]]: row["text"] for part in parts for row in rows_of(part)}


def check_report(
    report: dict[str, Any], documents: list[Document], edits: dict[int, list[Edit]]
) -> None:
    """Documents, bytes and spans add up, in all and by source."""
    counts, text, cut = report["documents"], report["text_bytes"], report["cut"]
    assert counts["in"] == counts["kept"] + counts["removed"] + counts["quarantined"]
    assert sum(report["removed_by_rule"].values()) == counts["removed"]
    assert text["in"] == text["kept"] + text["removed"] + text["cut"]
    every = [edit for found in edits.values() for edit in found]
    for rule in ("line", "paragraph", "substring"):
        assert cut[f"{rule}s"] == sum(edit.rule == rule for edit in every)
    assert cut["documents"] == len(edits)
    assert cut["text_bytes"] == text["cut"] == sum(edit.end - edit.start for edit in every)
    for source, tally in cut["by_source"].items():
        own = [i for i in edits if documents[i]["source"] == source]
        assert tally["documents"] == len(own)
        assert tally["text_bytes"] == sum(e.end - e.start for i in own for e in edits[i])
        assert tally["substrings"] == sum(e.rule == "substring" for i in own for e in edits[i])
        assert source != "code"


def test_every_fate_is_met(tmp_path: Path) -> None:
    """The runs above mean something: pieces of lines, whole lines, emptied and spared documents."""
    met: set[str] = set()
    for seed in range(15):
        documents = corpus(seed, 60)
        stage = run(tmp_path / "run", documents, **CASES[0])
        report = stage.read("report.json")
        met |= {"emptied"} if report["removed_by_rule"]["substring"] else set()
        met |= {"spared"} if report["cut"]["spared"] else set()
        for doc, found in read_edits(stage.path):
            data = documents[stage.position[doc]]["text"].encode()
            for edit in found:
                whole = data[: edit.start].endswith((b"\n", b"")) and not edit.start
                ends = data[: edit.end].endswith(b"\n")
                met |= {"lines" if whole and ends else "part"}
                met |= {"fence"} if b"```" in data[edit.start : edit.end] else set()
                met |= {"heading"} if b"#" in data[edit.start : edit.end] else set()
    assert met >= {"emptied", "spared", "lines", "part", "fence", "heading"}


def test_what_is_cut_stays_where_it_was_first(tmp_path: Path) -> None:
    """Every unit that goes is found, between its neighbours, in what stays."""
    for seed in range(4):
        documents = corpus(seed, 60)
        stage = run(tmp_path / "run", documents, substring_dedup=LEAST)
        if stage.read("report.json")["removed_by_rule"]["substring"]:
            # What is left of an emptied document goes too.
            documents = [d for i, d in enumerate(documents) if i in stage.kept]
            stage = run(tmp_path / "run", documents, substring_dedup=LEAST)
        left = " ".join(form for text in kept_texts(stage).values() for form in forms_of(text))
        emptied = stage.read("report.json")["removed_by_rule"]["substring"]
        for doc, found in read_edits(stage.path):
            data = documents[stage.position[doc]]["text"].encode()
            for edit in found:
                gone = forms_of(data[edit.start : edit.end].decode())
                assert emptied or all(form in left for form in gone)


def forms_of(text: str) -> list[str]:
    return [unit.form for unit in twin._units(text)]


def test_threads_memory_and_a_late_decision_change_nothing(tmp_path: Path) -> None:
    """One thread, little memory, or the option given afterwards: the same bytes."""
    rng = random.Random(5)
    pool = [" ".join(passage_of(rng) for _ in range(20)) for _ in range(30)]
    documents = [
        {"id": str(n), "text": passage_of(rng) + rng.choice(pool) + str(n) + rng.choice(pool)}
        for n in range(3_000)
    ]
    options = {"substring_dedup": 20, "threshold": 0.95, "bands": "16x16", "variants": "keep"}
    wide = run(tmp_path / "wide", documents, **options, memory="2GiB")
    assert wide.read("report.json")["cut"]["substrings"] > 1_000
    crawl = tmp_path / "wide" / "crawl"
    # What this process of tests holds by now counts too.
    little = resident_memory() + (110 << 20)
    small = run_on(crawl, tmp_path / "small", **options, memory=little, threads=1)
    assert digests(small.path) == digests(wide.path)
    bare = run_on(crawl, tmp_path / "bare", threshold=0.95, bands="16x16")
    rethreshold(bare.path, tmp_path / "late", substring_dedup=20)
    late = digests(tmp_path / "late")
    assert late == digests(wide.path)


@pytest.mark.parametrize("shape", ["line", "halves", "periodic", "nested"])
def test_hostile_texts_take_linear_time(tmp_path: Path, shape: str) -> None:
    """Four times the text takes about four times as long, never sixteen times."""

    def seconds(n: int) -> float:
        rng = random.Random(n)
        half = "".join(units(rng, "zh", 500))
        texts = {
            "line": lambda: ["版权所有，未经许可不得转载。\n" * n],
            "halves": lambda: [
                half + "".join(units(rng, "zh", 500)) for _ in range(max(2, n // 100))
            ],
            "periodic": lambda: ["一二三四五六七" * n, "四五六七一二三" * n],
            "nested": lambda: [half[:i] + f" {i} " for i in range(1, 500)] * (n // 10_000),
        }[shape]()
        documents = [
            {"id": str(i), "text": f"{text} {i}", "source": "web"} for i, text in enumerate(texts)
        ]
        began = time.monotonic()
        stage = run(tmp_path / "run", documents, substring_dedup=50, variants="keep")
        assert stage.read("report.json")["cut"] is not None
        return time.monotonic() - began

    seconds(10_000)
    small, large = seconds(50_000), seconds(200_000)
    assert large < 9 * small + 1


def test_short_texts_have_the_shortest_passage(tmp_path: Path) -> None:
    passage = "".join(units(random.Random(1), "zh", LEAST))
    own = ["甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉"]
    documents = [
        {"id": "a", "text": f"{own[0]}，{passage}。", "source": "web"},
        {"id": "b", "text": f"{own[1]}。{passage}！", "source": "web"},
    ]
    stage = run(tmp_path / "run", documents, substring_dedup=LEAST, keep="first")
    assert kept_texts(stage) == {0: documents[0]["text"], 1: f"{own[1]}。"}
    stage = run(tmp_path / "run", documents, substring_dedup=LEAST + 1, keep="first")
    assert kept_texts(stage) == {i: d["text"] for i, d in enumerate(documents)}
    assert passages.SHORTEST == twin.SHORTEST
