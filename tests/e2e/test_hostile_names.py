"""Names from a crawl meet names of our own, and links stand where folders are expected."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

SOURCES = [
    "manifest.json",
    "MANIFEST.JSON",
    "report.json",
    "run.json",
    "quarantine",
    "part-000000.arrow",
    "zh.arrow",
    ".work",
    ".lock",
    ".tmp-x",
    "..",
    "../../up",
    "a/b",
    "nul\0name",
    "n" * 300,
    "web",
    "Web",
    "caf\u00e9",
    "cafe\u0301",
    "\u202eevil\x9b",
]
SMALL = ("--tokenizer", "cl100k_base", "--input", "crawl/")


@pytest.fixture
def sources(crawl: Crawl) -> Path:
    """A crawl with two documents of each source."""
    return crawl(
        *(
            {"text": f"text {n} of number {i}", "source": name, "lang": "en"}
            for n in range(2)
            for i, name in enumerate(SOURCES)
        )
    )


def rows_by_source(folder: Path) -> dict[str, int]:
    """Rows of a token store by the source that they name."""
    counts: dict[str, int] = {}
    for entry in json.loads((folder / "manifest.json").read_text())["files"]:
        if entry["path"].endswith(".arrow"):
            for row in pa.ipc.open_file(folder / entry["path"]).read_all()["source"].to_pylist():
                counts[row] = counts.get(row, 0) + 1
    return counts


def test_no_source_takes_a_name_of_ours(glmdata: Glmdata, sources: Path) -> None:
    for arguments in (SMALL, (*SMALL, "--fresh"), SMALL):
        done = glmdata("shard", *arguments)
        assert done.code == 0, done.err
        store = Path("glmdata-out/shard")
        assert rows_by_source(store) == dict.fromkeys(SOURCES, 2)
        assert glmdata("verify", str(store)).code == 0
        folded = [entry.name.lower() for entry in store.iterdir()]
        assert len(folded) == len(set(folded)), "one folder on a file system without case"
        assert not Path("glmdata-out/up").exists()
    for verb in (("mix", "--row-length", "64"), ("export", "--input", "glmdata-out/shard")):
        for fresh in ((), ("--fresh",)):
            done = glmdata(*verb, *fresh)
            assert done.code == 0, done.err
    assert glmdata("verify", "glmdata-out/export").code == 0
    assert not list(Path().rglob(".tmp-*"))


def test_no_name_reaches_the_terminal_as_a_command(glmdata: Glmdata, sources: Path) -> None:
    assert glmdata("shard", *SMALL).code == 0
    shown = glmdata("show", "glmdata-out/shard")
    assert "\\u202eevil\\x9b" in shown.out
    assert not set(shown.out) & set("\u202e\x9b\0")
    plain = glmdata("show", "glmdata-out/shard", "--json")
    assert not set(plain.out) & set("\u202e\x9b\0")
    names = {row["source"] for row in json.loads(plain.out)["report"]["by_source"]}
    assert "\u202eevil\x9b" in names


@pytest.mark.parametrize("name", [".lock", ".work", "quarantine", "web"])
def test_nothing_is_written_through_a_link(glmdata: Glmdata, crawl: Crawl, name: str) -> None:
    crawl({"text": "some text", "source": "web", "lang": "en"})
    assert glmdata("shard", *SMALL).code == 0
    stage, elsewhere = Path("glmdata-out/shard"), Path("elsewhere")
    if name == ".lock":
        elsewhere.write_text("a letter")
    else:
        elsewhere.mkdir()
        (elsewhere / "part-000000.arrow").write_text("a letter")
        (elsewhere / "part-000000.jsonl").write_text("a letter")
    if (stage / name).exists():
        (stage / name).rename("away")
    (stage / name).symlink_to(elsewhere.absolute())
    done = glmdata("shard", *SMALL, "--fresh")
    assert done.code == 2
    assert "found a link to" in done.err
    letters = [elsewhere] if name == ".lock" else sorted(elsewhere.iterdir())
    assert [letter.read_text() for letter in letters] == ["a letter"] * len(letters)
