from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glmdata import Tokenizer, tokenizer
from glmdata.errors import ConfigError, MemoryBudgetError
from glmdata.reference import bpe
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.sealed import reseal

ZH = ["渔民在河口修补渔网{}", "老师在山谷里清点种子{}", "渔民和老师在河口清点渔网{}"]
EN = ["the fisherman mends nets {}", "the teacher counts seeds {}", "zqxj wvut zqxj {}"]
SMALL = ("--base", "none", "--no-numbers", "--vocab-size", "330", "--min-documents", "1")


@pytest.fixture
def bilingual(crawl: Crawl) -> Path:
    """Twelve documents of each language, in two files."""
    crawl(*({"text": text.format(n)} for n in range(4) for text in ZH), name="zh/a.jsonl")
    return crawl(*({"text": text.format(n)} for n in range(4) for text in EN), name="en/b.jsonl")


def files(folder: Path) -> dict[str, bytes]:
    """Contents by name, without what differs between runs."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_the_three_commands(glmdata: Glmdata, bilingual: Path) -> None:
    assert glmdata("dedup", "--input", "crawl/").code == 0
    done = glmdata("train-tokenizer", *SMALL)
    assert done.code == 0, done.err
    assert done.lines()["ranks"].startswith("330; 1,024 rows")
    assert "other ids than GLM-4's" in done.lines()["special"]
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    assert loaded.is_valid
    assert loaded.decode(loaded.encode("你好, world")) == "你好, world"
    assert len(loaded.encode("渔民在河口")) < len("渔民在河口".encode()) / 2
    manifest = json.loads(Path("glmdata-out/tokenizer/manifest.json").read_text())
    assert [parent["stage"] for parent in manifest["parents"]] == ["dedup"]
    assert glmdata("show", "glmdata-out/tokenizer").code == 0


def test_rule_c1_by_the_slow_check(glmdata: Glmdata, bilingual: Path) -> None:
    assert glmdata("train-tokenizer", "--input", "crawl/", *SMALL).code == 0
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    ranks = {token: rank for rank, token in enumerate(loaded.token_bytes())}
    assert len(ranks) == 330
    assert bpe.violations(ranks) == []


def test_tables_tell_of_every_token(glmdata: Glmdata, bilingual: Path) -> None:
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--max-han", "2", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["documents"] == {"in": 24, "kept": 24, "removed": 0, "quarantined": 0}
    tokens = pq.read_table("glmdata-out/tokenizer/tokens.parquet").to_pylist()
    assert [row["id"] for row in tokens] == list(range(330))
    for row in tokens[256:]:
        assert row["bytes"] == tokens[row["left"]]["bytes"] + tokens[row["right"]]["bytes"]
        assert row["count"] >= 2
        assert row["step"] in ("chinese", "und-Latn", "multilingual")
        assert row["script"] != "han" or len(row["text"]) <= 2
    scripts = {
        row["step"]: {r["script"] for r in tokens if r["step"] == row["step"]} for row in tokens
    }
    assert "han" in scripts["chinese"]
    assert scripts["und-Latn"] == {"latin"}
    vetoes = pq.read_table("glmdata-out/tokenizer/vetoes.parquet").to_pylist()
    guards = [row["guard"] for row in vetoes]
    assert set(guards) == {"max_han", "whole_characters"}
    assert report["vetoes"] == {guard: guards.count(guard) for guard in set(guards)}


def test_threads_and_split_change_no_byte(glmdata: Glmdata, bilingual: Path) -> None:
    first = glmdata(
        "train-tokenizer", "--input", "crawl/", "--output", "a", "--threads", "1", *SMALL
    )
    second = glmdata(
        "train-tokenizer", "--input", "crawl/", "--output", "b", "--threads", "3", *SMALL
    )
    assert (first.code, second.code) == (0, 0)
    assert files(Path("a")) == files(Path("b"))


def test_a_second_run_has_nothing_to_do(glmdata: Glmdata, bilingual: Path) -> None:
    arguments = ("train-tokenizer", "--input", "crawl/", *SMALL)
    assert glmdata(*arguments).code == 0
    before = files(Path("glmdata-out/tokenizer"))
    again = glmdata(*arguments)
    assert again.code == 0
    assert "already complete" in again.err
    other = glmdata(*arguments, "--max-han", "3")
    assert other.code == 2
    assert "max_han was 4, now 3" in other.err
    fresh = glmdata(*arguments, "--fresh")
    assert fresh.code == 0
    assert files(Path("glmdata-out/tokenizer")) == before


def test_an_interrupted_run_starts_again(glmdata: Glmdata, bilingual: Path) -> None:
    arguments = ("train-tokenizer", "--input", "crawl/", *SMALL)
    assert glmdata(*arguments, "--output", "whole").code == 0
    assert glmdata(*arguments).code == 0
    folder = Path("glmdata-out/tokenizer")
    manifest = json.loads((folder / "manifest.json").read_text())
    # What a kill between the exports and the manifest leaves behind.
    (folder / "manifest.json").unlink()
    (folder / "report.json").unlink()
    (folder / "tokenizer.json").write_text("half")
    (folder / ".work").mkdir()
    begun = {"config": manifest["config"], "config_sha256": manifest["config_sha256"]}
    inputs = [{**entry, "modified_ns": int(entry["modified_ns"])} for entry in manifest["inputs"]]
    reseal(folder / ".work/start.json", {**begun, "inputs": inputs})
    done = glmdata(*arguments)
    assert done.code == 0, done.err
    assert files(folder) == files(Path("whole"))


def test_too_few_tokens(glmdata: Glmdata, bilingual: Path) -> None:
    few = ("train-tokenizer", "--input", "crawl/", *SMALL, "--vocab-size", "2000")
    done = glmdata(*few, "--require-size")
    assert done.code == 1
    assert "expected 2,000 ranks (--require-size)" in done.err
    short = Tokenizer.load("glmdata-out/tokenizer")
    assert short.special_tokens["<|endoftext|>"] == short.n_ranks < 2000
    padded = glmdata(*few, "--pad-to-size", "--output", "padded")
    assert padded.code == 0, padded.err
    assert Tokenizer.load("padded").special_tokens["<|endoftext|>"] == 2000
    assert Tokenizer.load("padded").rows == 2048


def test_bad_lines_are_quarantined(glmdata: Glmdata, bilingual: Path) -> None:
    Path("crawl/en/c.jsonl").write_text("{broken\n" * 20)
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL)
    assert done.code == 3
    lines = Path("glmdata-out/tokenizer/quarantine/part-000000.jsonl").read_text().splitlines()
    assert len(lines) == 20
    assert json.loads(lines[0])["kind"] == "broken_json"


def test_a_word_of_the_lexicon_is_no_token(glmdata: Glmdata, bilingual: Path) -> None:
    Path("words.txt").write_text("渔民\n\nfisher\n")
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--lexicon", "words.txt")
    assert done.code == 0, done.err
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    texts = [token.decode("utf-8", "replace") for token in loaded.token_bytes()]
    assert not [text for text in texts if "渔民" in text or "fisher" in text]
    vetoes = pq.read_table("glmdata-out/tokenizer/vetoes.parquet").to_pylist()
    assert {"渔民", " fisher"} <= {row["text"] for row in vetoes}
    # What the file says is part of the config.
    Path("words.txt").write_text("渔民\n")
    again = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--lexicon", "words.txt")
    assert again.code == 2


def test_nothing_to_read(glmdata: Glmdata) -> None:
    done = glmdata("train-tokenizer")
    assert done.code == 2
    assert "expected --input or a complete stage" in done.err
    assert "hint: try `glmdata dedup --input crawl/` first" in done.err


def test_decisions_alone_are_no_text(glmdata: Glmdata, bilingual: Path) -> None:
    assert glmdata("dedup", "--input", "crawl/", "--write", "decisions").code == 0
    done = glmdata("train-tokenizer")
    assert done.code == 2
    assert "found decisions only" in done.err


def test_texts_from_an_iterator_equal_those_of_a_file(bilingual: Path) -> None:
    texts = [text.format(n) for n in range(4) for text in [*ZH, *EN]]
    options: dict[str, Any] = {
        "base": "none",
        "numbers": False,
        "vocab_size": 330,
        "min_documents": 1,
    }
    report = tokenizer.train_from_iterator(iter(texts), "memory", **options)
    assert (report.ranks, report.already_complete) == (330, False)
    assert tokenizer.train("crawl/", "files", **options).data["sha256"] == report.data["sha256"]
    with pytest.raises(ConfigError, match="vocab_size: expected a whole number from 257"):
        tokenizer.train("crawl/", "more", vocab_size=3)
    Path("characters.txt").write_text("龘")  # two tokens: it has four bytes, or three
    with pytest.raises(ConfigError, match=r"vocab_size: expected at least 1358, .* found 1357"):
        tokenizer.train("crawl/", "more", base="none", vocab_size=1357, cover="characters.txt")
    assert not Path("more").exists()


def test_a_vocabulary_from_inventories_equals_one_from_texts(
    glmdata: Glmdata, bilingual: Path
) -> None:
    assert glmdata("train-tokenizer", "--input", "crawl/", "--output", "texts", *SMALL).code == 0
    for half in ("zh", "en"):
        tokenizer.count(f"crawl/{half}", half)
    done = glmdata("train-tokenizer", "--inventory", "zh", "--inventory", "en", *SMALL)
    assert done.code == 0, done.err
    for name in ("tokenizer.tiktoken", "tokens.parquet", "vetoes.parquet"):
        assert files(Path("glmdata-out/tokenizer"))[name] == files(Path("texts"))[name]
    manifest = json.loads(Path("glmdata-out/tokenizer/manifest.json").read_text())
    assert [parent["stage"] for parent in manifest["parents"]] == ["inventory", "inventory"]
    other = glmdata(
        "train-tokenizer", "--inventory", "zh", *SMALL, "--document-cap", "7", "--fresh"
    )
    assert other.code == 2
    assert "document_cap: expected 7, found 256" in other.err
    nothing = glmdata("train-tokenizer", "--inventory", "crawl", *SMALL, "--output", "x")
    assert nothing.code == 2


def test_inventories_are_tables_sorted_by_word(bilingual: Path) -> None:
    report = tokenizer.count("crawl/", "counted")
    assert report.data["documents"] == {"in": 24, "kept": 24, "removed": 0, "quarantined": 0}
    with pa.ipc.open_file("counted/zh.arrow") as file:
        table = file.read_all()
    assert table.num_rows == report.data["pre_tokens"]["zh"]
    words = table["word"].to_pylist()
    assert words == sorted(words)
    row = table.slice(words.index("渔民在河口修补渔网".encode()), 1).to_pylist()[0]
    assert (row["count"], row["documents"]) == (4, 4)
    assert tokenizer.count("crawl/", "counted").already_complete


def test_counts_that_do_not_fit_are_put_aside(bilingual: Path) -> None:
    """The mechanism has to fire, and change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glmdata.tokenizer.inventory.working_memory", lambda *_: 1)
        spilled = tokenizer.count("crawl/", "spilled")
    assert spilled.run["runs_spilled"] > 0
    tokenizer.count("crawl/", "whole")
    for name in ("zh.arrow", "und-Latn.arrow", "report.json"):
        assert Path("spilled", name).read_bytes() == Path("whole", name).read_bytes()


def test_too_little_memory_is_told(bilingual: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glmdata.tokenizer.run.working_memory", lambda *_: 1)
        with pytest.raises(MemoryBudgetError, match="training needs"):
            tokenizer.train("crawl/", "a", base="none", vocab_size=1400)


def test_a_killed_run_goes_on(bilingual: Path) -> None:
    """Counts and steps are taken from .work, and the bytes are those of a run without a stop."""
    options: dict[str, Any] = {"base": "none", "numbers": False, "vocab_size": 330}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glmdata.tokenizer.run.CHECKPOINT_SECONDS", 0)
        whole = tokenizer.train("crawl/", "whole", min_documents=1, **options)
        patch.setattr("glmdata.tokenizer.run.write_vocabulary", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            tokenizer.train("crawl/", "killed", min_documents=1, **options)
    resumed = tokenizer.train("crawl/", "killed", min_documents=1, **options)
    assert (whole.run["counts_resumed"], whole.run["steps_resumed"]) == (False, 0)
    assert resumed.run["counts_resumed"]
    assert resumed.run["steps_resumed"] > 3
    assert files(Path("killed")) == files(Path("whole"))


def test_listed_characters_are_tokens(glmdata: Glmdata, bilingual: Path) -> None:
    Path("characters.txt").write_text("龘 靐\n𠀀丂龘")
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--cover", "characters.txt")
    assert done.code == 0, done.err
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    assert [len(loaded.encode(character)) for character in "龘靐𠀀丂"] == [1, 1, 1, 1]
    assert bpe.violations({t: rank for rank, t in enumerate(loaded.token_bytes())}) == []


def test_a_phrase_of_one_source_is_no_token(glmdata: Glmdata, crawl: Crawl) -> None:
    for source in ("web", "wiki", "law"):
        said = ["龙王在东海的龙宫里修补渔网"] * 20
        spam = ["彩票平台彩票平台"] * 40 if source == "web" else []
        crawl(*({"text": text} for text in said + spam), name=f"{source}/a.jsonl")
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--vocab-size", "400")
    assert done.code == 0, done.err
    texts = Tokenizer.load("glmdata-out/tokenizer").token_bytes()
    assert "龙王在".encode() in texts or "在东海".encode() in texts
    assert not [text for text in texts if "彩票平".encode() in text or "票平台".encode() in text]
    vetoes = pq.read_table("glmdata-out/tokenizer/vetoes.parquet").to_pylist()
    assert {row["sources"] for row in vetoes if row["guard"] == "min_sources"} == {1}


@pytest.mark.parametrize("policy", ["weighted", "parity", "union"])
def test_every_policy_gives_a_valid_vocabulary(
    glmdata: Glmdata, bilingual: Path, policy: str
) -> None:
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--policy", policy)
    assert done.code == 0, done.err
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    assert loaded.n_ranks == 330
    assert bpe.violations({t: rank for rank, t in enumerate(loaded.token_bytes())}) == []


def test_a_weight_that_is_none(glmdata: Glmdata, bilingual: Path) -> None:
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, "--weight", "zh:2")
    assert done.code == 2
    assert "--weight: expected a list of language=number, such as zh=2.5" in done.err


def test_special_tokens_of_ones_own(glmdata: Glmdata, bilingual: Path) -> None:
    Path("glmdata.toml").write_text('[tokenizer]\nspecial = ["<|思考|>", "<tool>"]\n')
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL)
    assert done.code == 0, done.err
    assert done.lines()["special"].startswith("16 tokens from 330")
    loaded = Tokenizer.load("glmdata-out/tokenizer")
    assert [loaded.special_tokens[name] for name in ("<|思考|>", "<tool>")] == [344, 345]
    assert loaded.special_tokens["<|reserved_0|>"] == 346
    assert loaded.rows == 1024
    text = "a<|思考|>b"
    assert 344 not in loaded.encode(text)
    assert loaded.encode(text, allowed_special="all")[1] == 344
    report = json.loads(Path("glmdata-out/tokenizer/report.json").read_text())
    assert report["special_tokens"]["<tool>"] == 345
    theirs = Tokenizer.load("glmdata-out/tokenizer/transformers")
    assert (theirs, theirs.end_ids) == (loaded, loaded.end_ids)
    flags = ("--special", "<|user|>", "--fresh")
    done = glmdata("train-tokenizer", "--input", "crawl/", *SMALL, *flags)
    assert done.code == 2
    assert "expected different names" in done.err
