from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import Tokenizer
from glmdata.tokenizer import glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.property.tokenizers import SAMPLE, ranks_text, trained_ranks


def test_verify_says_what_holds(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "verify", "cl100k_base")
    assert (done.code, done.err) == (0, "")
    assert done.lines()["C1"] == "holds"
    assert done.lines()["ranks"] == "100,256, and 5 special tokens"


def test_verify_fails_with_the_first_faults(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "verify", "llama3", "--limit", "3")
    assert done.code == 1
    rules = [line.split() for line in done.out.splitlines()]
    # The numbers that others counted in the published file.
    assert ["C1", "678", "tokens"] in [words[:3] for words in rules]
    assert ["C2", "588", "tokens"] in [words[:3] for words in rules]
    assert len([line for line in done.out.splitlines() if line.startswith("  C")]) == 3
    assert "and 1,263 more" in done.out
    content = json.loads(glmdata("tokenizer", "verify", "llama3", "--json").out)
    assert (content["valid"], content["broken"]["C2"], len(content["findings"])) == (False, 588, 20)


def test_repair_writes_what_verify_accepts(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "repair", "llama3", "--output", "mended")
    assert done.code == 0, done.err
    assert glmdata("tokenizer", "verify", "mended").code == 0
    content = json.loads(Path("mended/repair.json").read_text())
    assert content["ranks_before"] - content["ranks"] == len(content["dropped"]) == 695
    assert done.lines()["dropped"] == "695"
    mended, old = Tokenizer.load("mended"), Tokenizer.load("llama3")
    assert mended.special_tokens["<|begin_of_text|>"] == 128000
    tokens, old_tokens = mended.token_bytes(), old.token_bytes()
    assert tokens == [old_tokens[rank] for rank in content["old_ids"]]
    again = glmdata("tokenizer", "repair", "llama3", "--output", "mended")
    assert again.code == 2
    assert "expected an empty or new folder, found a folder with files" in again.err


@pytest.mark.parametrize("name", ["missing.tiktoken", "nowhere"])
def test_a_missing_vocabulary_is_named(glmdata: Glmdata, name: str) -> None:
    done = glmdata("tokenizer", "verify", name)
    assert done.code == 4
    assert f"error: {name}: no such vocabulary" in done.err
    assert "hint: name a folder" in done.err


def test_a_verb_that_is_none(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "verifx")
    assert done.code == 2
    assert "hint: did you mean `verify`?" in done.err


def test_audit_of_the_documents_that_stayed(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "渔民在河口修补渔网", "lang": "zh"}, {"text": "the nets", "lang": "en"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    done = glmdata("tokenizer", "audit", "cl100k_base", "glm4", "--output", "page")
    assert done.code == 0, done.err
    assert done.lines()["break"].split() == ["rule", "C1", "0", "1,072"]
    data = json.loads(Path("page/audit.json").read_text())
    assert data["input"]["documents"] == 2
    zh = data["compression"][1]["vocabularies"]
    assert done.lines()["zh"].split() == [f"{cell['bytes_per_token']:.3f}" for cell in zh]
    again = glmdata("tokenizer", "audit", "glm4", "--input", "crawl/", "--output", "page", "--json")
    assert json.loads(again.out) == json.loads(Path("page/audit.json").read_text())


def test_audit_with_too_many_bad_lines(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "the nets"}, *["{broken"] * 20)
    done = glmdata("tokenizer", "audit", "cl100k_base", "--input", "crawl/")
    assert done.code == 3
    assert "found 95.238%, 20 of 21 documents" in done.err
    data = json.loads(Path("audit/audit.json").read_text())
    assert data["input"]["quarantined"] == {"broken_json": 20}


def test_audit_of_nothing(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "audit", "cl100k_base")
    assert done.code == 2
    assert "expected --input or a complete stage" in done.err


def test_export_into_the_folder_and_elsewhere(glmdata: Glmdata) -> None:
    ranks = trained_ranks(SAMPLE, 100)
    Tokenizer(ranks_text(ranks), CL100K_PATTERN, glm4_specials(len(ranks))).save("mine")
    done = glmdata("tokenizer", "export", "mine", "--format", "gguf")
    assert done.code == 0, done.err
    assert done.out.split()[-1] == "mine/tokenizer.gguf"
    assert Path("mine/tokenizer.gguf").read_bytes()[:4] == b"GGUF"
    formats = ("--format", "tiktoken", "--format", "transformers")
    done = glmdata("tokenizer", "export", "mine", *formats, "--output", "theirs", "--json")
    assert done.code == 0, done.err
    names = json.loads(done.out)["files"]
    written = [path for path in Path("theirs").rglob("*") if path.is_file()]
    assert sorted(names) == sorted(path.relative_to("theirs").as_posix() for path in written)
    assert Tokenizer.load("theirs") == Tokenizer.load("mine")


def test_export_refuses_what_it_cannot_write(glmdata: Glmdata) -> None:
    done = glmdata("tokenizer", "export", "llama3", "--format", "gguf", "--output", "x")
    assert done.code == 2
    assert "expected a vocabulary that obeys rule C1" in done.err
    assert "hint: `glmdata tokenizer verify` names the tokens, `repair`" in done.err
    assert not Path("x").exists()
    done = glmdata("tokenizer", "export", "cl100k_base", "--format", "gguf")
    assert done.code == 2
    assert "expected --output" in done.err
    ranks = ranks_text(trained_ranks(SAMPLE, 100))
    Tokenizer(ranks, CL100K_PATTERN, glm4_specials(356)).save("mine")
    before = Path("mine/transformers/tokenizer_config.json").read_bytes()
    done = glmdata("tokenizer", "export", "mine/transformers", "--format", "huggingface")
    assert (done.code, "has files of these names" in done.err) == (2, True), done.err
    assert Path("mine/transformers/tokenizer_config.json").read_bytes() == before


def test_a_special_token_that_is_a_rank(glmdata: Glmdata) -> None:
    Tokenizer(ranks_text(trained_ranks(SAMPLE, 100)), CL100K_PATTERN).save("mine")
    content = json.loads(Path("mine/tokenizer.json").read_text())
    content["added_tokens"] = [{"id": 300, "content": "<|stop|>"}]
    Path("theirs").mkdir()
    Path("theirs/tokenizer.json").write_text(json.dumps(content))
    Path("theirs/tokenizer_config.json").write_text('{"eos_token": "<|stop|>"}')
    done = glmdata("tokenizer", "verify", "theirs")
    assert done.code == 1
    assert "its id is a rank  '<|stop|>'" in done.out
    done = glmdata("tokenizer", "export", "theirs", "--format", "gguf")
    assert done.code == 2
    assert "hint: `glmdata tokenizer repair` puts them behind the ranks" in done.err
    done = glmdata("tokenizer", "repair", "theirs", "--output", "mended")
    assert done.code == 0, done.err
    assert done.lines()["moved"] == "<|stop|> from 300 to 356"
    moved = json.loads(Path("mended/repair.json").read_text())["moved"]
    assert moved == {"<|stop|>": {"old": 300, "new": 356}}
    assert Tokenizer.load("mended").end_ids == [356]


def test_encode_the_documents_that_stayed(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "渔民在河口修补渔网", "lang": "zh"}, {"text": "the nets", "lang": "en"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    assert glmdata("tokenizer", "encode").code == 2, "there is no vocabulary yet"
    done = glmdata("tokenizer", "encode", "--tokenizer", "cl100k_base")
    assert done.code == 0, done.err
    count = Tokenizer.load("cl100k_base").count
    tokens = count("渔民在河口修补渔网") + count("the nets")
    assert done.lines()["total"].startswith(f"2 documents, {tokens} tokens")
    again = glmdata("tokenizer", "encode", "--tokenizer", "cl100k_base", "--json")
    assert "already complete" in again.err
    assert json.loads(again.out)["tokens"] == tokens
    shown = glmdata("show", "glmdata-out/encode")
    assert shown.code == 0, shown.err
    assert "shard, complete" in shown.out
    assert f"{tokens} tokens" in shown.out


def test_shard_reads_the_furthest_stage(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "渔民在河口修补渔网", "lang": "zh"}, {"text": "the nets", "lang": "en"})
    assert glmdata("shard", "--tokenizer", "cl100k_base").code == 2, "there is nothing to read"
    assert glmdata("dedup", "--input", "crawl/").code == 0
    planned = glmdata("shard", "--tokenizer", "cl100k_base", "--dry-run")
    assert planned.code == 0, planned.err
    assert "about" in planned.lines()["tokens"]
    assert not Path("glmdata-out/shard").exists()
    done = glmdata("shard", "--tokenizer", "cl100k_base", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["documents"]["kept"] == 2
    other = glmdata("shard", "--tokenizer", "glm4")
    assert other.code == 2
    assert "holds a run with another config: tokenizer was" in other.err
    assert "--fresh" in other.err
    Path("glmdata.toml").write_text('[shard]\neod = "<|endofprompt|>"\n')
    assert glmdata("shard", "--tokenizer", "cl100k_base", "--fresh").code == 0


def test_encode_with_too_many_bad_lines(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "the nets"}, *["{broken"] * 20)
    done = glmdata(
        "tokenizer", "encode", "--tokenizer", "glm4", "--input", "crawl/", "--output", "ids"
    )
    assert done.code == 3
    assert "found 95.238%, 20 of 21 documents" in done.err
    report = json.loads(Path("ids/report.json").read_text())
    assert report["documents"] == {"in": 21, "kept": 1, "removed": 0, "quarantined": 20}
    assert len(Path("ids/quarantine/part-000000.jsonl").read_text().splitlines()) == 20


@pytest.mark.parametrize("verb", ["repair", "export"])
def test_an_edited_stage_is_damaged(glmdata: Glmdata, crawl: Crawl, verb: str) -> None:
    """Which token pads and which end a text stand in no hash but the manifest's."""
    crawl(*({"text": f"The boats of harbour {n} go out to sea at dawn."} for n in range(20)))
    small = ("--base", "none", "--no-numbers", "--vocab-size", "300", "--min-documents", "0")
    done = glmdata("train-tokenizer", "--input", "crawl", *small, "--output", "tok")
    assert done.code == 0, done.err
    described = Path("tok/tokenizer.toml")
    lines = described.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("pad =")]
    assert len(kept) == len(lines) - 1
    described.write_text("".join(kept), encoding="utf-8")
    form = ("--format", "huggingface") if verb == "export" else ()
    done = glmdata("tokenizer", verb, "tok", *form, "--output", "new")
    assert (done.code, "tokenizer.toml: damaged" in done.err) == (4, True), done.err
    described.unlink()
    done = glmdata("tokenizer", verb, "tok", *form, "--output", "new")
    assert (done.code, "tokenizer.toml" in done.err) == (4, True), done.err
