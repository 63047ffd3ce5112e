"""A disk that takes no more: exit 4 wherever it happens, no half file, and the next run goes on."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import command, environment
from tests.property.crawls import crawl_documents, write_crawl
from tests.property.stages import digests

STAGE = Path("glmdata-out/dedup")


def run(*arguments: str, file_bytes: int | None = None) -> tuple[int, str]:
    """Exit code and messages of a process that can write no larger file than that."""

    def limit() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    done = subprocess.run(
        command(*arguments), env=environment(), capture_output=True, preexec_fn=limit, check=False
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize(
    ("kibibytes", "options", "at"),
    [
        (8, (), ".work/unit-"),
        (120, (), "part-000000.arrow"),
        (120, ("--index", "index"), "texts/part-000000.arrow"),
    ],
)
def test_dedup(clean_place: Path, kibibytes: int, options: tuple[str, ...], at: str) -> None:
    write_crawl(Path("crawl"), crawl_documents(1, 600, 600), 12)
    arguments = ("dedup", "--input", "crawl/", *options)
    code, said = run(*arguments, file_bytes=kibibytes << 10)
    assert code == 4, said
    assert at in said
    assert not (STAGE / "manifest.json").exists()
    for part in STAGE.glob("**/part-*"):
        assert part.stat().st_size < kibibytes << 10, "a half file is seen"
    assert run(*arguments)[0] == 0
    went_on = digests(STAGE)
    assert run(*arguments, "--fresh")[0] == 0
    assert digests(STAGE) == went_on


@pytest.mark.parametrize(
    ("stage", "kibibytes", "at"),
    [
        ("filter", 4, ".work/unit-"),
        ("tokenizer", 8, "tokenizer_config.json"),
        ("shard", 20, ".work/unit-"),
        ("mix", 4, "plan/part-000000.arrow"),
    ],
)
def test_later_stages(clean_place: Path, stage: str, kibibytes: int, at: str) -> None:
    write_crawl(Path("crawl"), crawl_documents(2, 200, 300), 4)
    tables = {
        "dedup": "",
        "filter": 'preset = "none"',
        "tokenizer": 'base = "none"\nnumbers = false\nvocab_size = 1000',
        "shard": "",
        "mix": "row_length = 512",
    }
    lines = [f"[{name}]\n{keys}\n" for name, keys in tables.items()]
    Path("recipe.toml").write_text('[pipeline]\ninput = ["crawl/"]\n' + "".join(lines))
    before = list(tables)[list(tables).index(stage) - 1]
    assert run("run", "recipe.toml", "--until", before)[0] == 0
    code, said = run("run", "recipe.toml", "--until", stage, file_bytes=kibibytes << 10)
    assert code == 4, said
    assert at in said
    assert not Path("glmdata-out", stage, "manifest.json").exists()
    assert run("run", "recipe.toml", "--until", stage)[0] == 0
    whole = digests(Path("glmdata-out", stage))
    assert run("run", "recipe.toml", "--from", stage, "--until", stage, "--fresh")[0] == 0
    assert digests(Path("glmdata-out", stage)) == whole
