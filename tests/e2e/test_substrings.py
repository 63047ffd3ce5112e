"""`--substring-dedup` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from glmdata.dedup import apply_edits, read_edits
from glmdata.stage.manifest import read_manifest
from glmdata.verify.sums import wrong_sums
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

STAGE = Path("glmdata-out/dedup")
PASSAGE = "The harbour was closed for the whole winter, and the fishing boats lay upside down. "
OWN = [
    "The ferry left the northern quay at dawn with the whole orchestra on its deck. ",
    "渡船在黎明离开北岸的码头，载着整个乐团穿过海峡，没有人想到会有大雾。",
    "In spring the ice broke up so early that nobody had mended a single net yet. ",
]


def pages() -> list[dict[str, object]]:
    """Three pages that share a passage in their middle, and one that is nothing else."""
    texts = [f"{own}{PASSAGE}{own[::-1].lower()}" for own in OWN]
    records: list[dict[str, object]] = [
        {"id": f"p{n}", "text": text} for n, text in enumerate(texts)
    ]
    return [*records, {"id": "bare", "text": f"So. {PASSAGE}"}]


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STAGE / "report.json").read_text())
    return found


def rows(pattern: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in sorted(STAGE.glob(pattern)):
        found += pa.ipc.open_file(str(part)).read_all().to_pylist()
    return found


def test_a_passage_stays_in_the_first_document(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    done = glmdata("dedup", "--input", "crawl/", "--substring-dedup", "14", "--keep", "first")
    assert done.code == 0, done.err
    assert done.lines()["cut"].startswith("2 repeated passages, ")
    texts = {str(page["id"]): str(page["text"]) for page in pages()}
    names = [str(page["id"]) for page in pages()]
    keys = [row["doc"] for row in rows("decisions/part-*.arrow")]
    edits = {names[keys.index(doc)]: found for doc, found in read_edits(STAGE)}
    assert {name: [edit.rule for edit in found] for name, found in edits.items()} == {
        "p1": ["substring"],
        "p2": ["substring"],
    }
    kept = {row["id"]: row["text"] for row in rows("data/part-*.arrow")}
    assert kept == {
        name: apply_edits(texts[name], edits.get(name, [])) for name in ("p0", "p1", "p2")
    }
    assert kept["p0"] == texts["p0"]
    assert kept["p1"] == texts["p1"].replace(PASSAGE, "")
    # Of the last one next to nothing is left.
    counts, text = report()["documents"], report()["text_bytes"]
    assert counts == {"in": 4, "kept": 3, "removed": 1, "quarantined": 0}
    assert text["in"] == text["kept"] + text["removed"] + text["cut"]
    assert report()["removed_by_rule"]["substring"] == 1
    done = glmdata("explain", "bare")
    assert done.code == 0, done.err
    assert "removed by rule substring" in done.out
    (row,) = rows("removed/part-*.arrow")
    assert (row["kept_doc"], row["kept_id"], row["rule"]) == (None, None, "substring")
    done = glmdata("show", str(STAGE))
    assert "2 repeated passages" in done.out
    done = glmdata("verify", str(STAGE))
    assert done.code == 0, done.err


def test_counts_that_contradict_each_other_are_seen(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    glmdata("dedup", "--input", "crawl/", "--substring-dedup", "14", "--keep", "first")
    manifest = read_manifest(STAGE)
    assert manifest is not None
    assert wrong_sums(STAGE, manifest, report()) == []
    data = report()
    data["cut"]["substrings"] += 1
    data["text_bytes"]["cut"] += 1
    assert [what.partition(":")[0] for what in wrong_sums(STAGE, manifest, data)] == [
        "bytes in",
        "substrings cut by source",
        "rows of edits/part-*",
    ]


def test_a_recipe_that_cuts_hands_on_texts(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*pages())
    recipe = "[pipeline]\ninput = ['crawl/']\n[dedup]\nsubstring_dedup = 14\n"
    Path("recipe.toml").write_text(recipe + "[filter]\npreset = 'none'\n")
    done = glmdata("run", "recipe.toml")
    assert done.code == 0, done.err
    assert list(STAGE.glob("data/part-*.arrow"))
    Path("scored.toml").write_text(recipe + "[filter]\npreset = 'none'\n[score]\n")
    done = glmdata("run", "scored.toml", "--workspace", "scored")
    assert done.code == 2
    assert "scored.toml:4: cuts texts after they were measured" in done.err


@pytest.mark.parametrize("value", ["0", "9", "65537", "many"])
def test_a_wrong_length_is_refused(glmdata: Glmdata, crawl: Crawl, value: str) -> None:
    crawl(*pages())
    done = glmdata("dedup", "--input", "crawl/", "--substring-dedup", value)
    assert done.code == 2
    assert "--substring-dedup: expected a number of units from 10 to 65,536" in done.err
