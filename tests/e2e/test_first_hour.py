"""What a newcomer stumbled over: hints that lead nowhere, and calls that did something else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import glmdata
from glmdata.errors import ConfigError
from glmdata.rows import RowStream, TokenRows
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata, environment
from tests.e2e.test_filter import rows

PAGE = "Nine lamps were lit along quay {} before the boats came in with their crates of fish."

ABOUT_ENCODINGS = [
    "If you see `â€™` where an apostrophe should be, the page was saved as UTF-8 and read as "
    "windows-1252. The characters `â€™` are the bytes of a quotation mark, `Ã©` stands for é.",
    "The wrong encoding gives cafÃ© and MÃ¼nchen and SÃ£o Paulo; you read donâ€™t and wonâ€™t. "
    "Tell the program that the file is UTF-8 before it reads the first byte of it.",
    "数据库里显示 cafÃ©、MÃ¼nchen 和 SÃ£o Paulo，这就是常说的乱码：用 UTF-8 写入的字节被当成"
    " latin1 读出来。先确认连接的字符集，再把这些列转换一次，就能看到正确的字母。",
]


@pytest.mark.parametrize("text", ABOUT_ENCODINGS)
def test_a_page_about_encodings_keeps_its_examples(
    glmdata: Glmdata, crawl: Crawl, text: str
) -> None:
    crawl({"id": "a", "text": text})
    assert glmdata("filter", "--input", "crawl", "--preset", "none", "--output", "out").code == 0
    assert [row["text"] for row in rows(Path("out"), "data")] == [text]


def test_the_text_field_of_a_recipe(glmdata: Glmdata, crawl: Crawl) -> None:
    """The hint names an option that the verb must have."""
    crawl(*({"content": PAGE.format(n * 999)} for n in range(3)))
    Path("recipe.toml").write_text("[dedup]\n[filter]\npreset = 'none'\n")
    done = glmdata("run", "recipe.toml", "--input", "crawl")
    assert (done.code, "hint: name it with --text-field" in done.err) == (2, True), done.err
    done = glmdata("run", "recipe.toml", "--input", "crawl", "--text-field", "content")
    assert done.code == 0, done.err
    assert len(rows(Path("glmdata-out/filter"), "data")) == 3


def test_no_bad_record_means_none(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": PAGE}, "{broken")
    for share, code in (("0", 3), ("0.001", 0)):
        done = glmdata("dedup", "--input", "crawl", "--max-bad", share, "--output", f"out{share}")
        assert done.code == code, done.err
    Path("recipe.toml").write_text("[dedup]\n")
    done = glmdata("run", "recipe.toml", "--input", "crawl")
    assert done.lines()["quarantined"].startswith("1 records")


def test_a_store_needs_a_vocabulary(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": PAGE})
    done = glmdata("shard", "--input", "crawl")
    assert (done.code, "run `glmdata train-tokenizer` first" in done.err) == (2, True), done.err


@pytest.mark.parametrize("argument", ["--help", "-h", "own"])
def test_the_sample_is_written_beside_nothing(argument: str) -> None:
    Path("own").mkdir()
    Path("own/mine.jsonl").write_text(json.dumps({"text": PAGE}) + "\n")
    call = [sys.executable, "-m", "glmdata.sample", argument]
    done = subprocess.run(call, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, "hint: " in done.stderr) == (1, True)
    assert [path.name for path in Path().iterdir()] == ["own"]
    assert [path.name for path in Path("own").iterdir()] == ["mine.jsonl"]


def test_one_text_is_no_list_of_texts() -> None:
    with pytest.raises(TypeError, match="expected a list of str, found one str"):
        glmdata.filter.languages("hello world")


def test_a_step_has_no_more_rows_than_the_plan(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"text": PAGE.format(n * 999)} for n in range(4)))
    flags = ("--tokenizer", "cl100k_base", "--output", "ids")
    assert glmdata("shard", "--input", "crawl", *flags).code == 0
    done = glmdata("mix", "--store", "ids", "--row-length", "64", "--output", "plan")
    assert done.code == 0, done.err
    plan = TokenRows("plan")
    with pytest.raises(ConfigError, match=f"expected at most {len(plan)} rows a step"):
        RowStream(plan, len(plan) + 1)
    assert len(RowStream(plan, len(plan))) == 1
