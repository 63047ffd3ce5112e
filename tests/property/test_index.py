"""`index`: a crawl is deduplicated against all earlier ones, whose documents win."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import glmdata.dedup
from glmdata.errors import ConfigError, CorruptDataError, StorageError
from glmdata.reference.dedup import Options, decide
from glmdata.stage.atomic import TEMPORARY_PREFIX
from tests.property.stages import Stage, digests, rows_of, run_on, write_jsonl
from tests.property.texts import Document, corpus, edited, units
from tests.sealed import reseal

ALL_PAIRS: dict[str, Any] = {"num_perm": 128, "bands": "128x1", "variants": "remove"}
MOMENT = 1_600_000_000


def write(folder: Path, documents: list[Document]) -> Path:
    path = write_jsonl(folder / "a.jsonl", documents)
    os.utime(path, (MOMENT, MOMENT))
    return folder


def crawls(seed: int, parts: int) -> list[list[Document]]:
    """Crawls that hold copies of each other's documents."""
    documents = corpus(seed, 60)
    random.Random(seed).shuffle(documents)
    return [documents[part::parts] for part in range(parts)]


def kept_of(stage: Stage, documents: list[Document]) -> list[Document]:
    return [documents[i] for i in sorted(stage.kept)]


@pytest.mark.parametrize("scope", ["global", "source"])
@pytest.mark.parametrize("seed", range(6))
def test_earlier_documents_win(tmp_path: Path, seed: int, scope: str) -> None:
    """As the twin decides on what earlier crawls kept, which comes first, and the new crawl."""
    options = {**ALL_PAIRS, "scope": scope, "keep": "best:old", "index": str(tmp_path / "index")}
    earlier: list[Document] = []
    by_earlier = 0
    for number, documents in enumerate(crawls(seed, 3)):
        crawl = [{**document, "old": "0"} for document in documents]
        stage = run_on(
            write(tmp_path / f"crawl-{number}", crawl), tmp_path / f"stage-{number}", **options
        )
        # Rank by a field of its own, so that the scope can still be the source.
        both = [{**document, "old": "1"} for document in earlier]
        both += [{**document, "old": "0"} for document in documents]
        twin = decide(both, Options(variants="remove", scope=scope, keep="best:old"))
        removed = {i - len(earlier) for i in twin.removed}
        assert stage.kept == set(range(len(documents))) - removed
        assert min(removed, default=0) >= 0, "an earlier document never leaves"
        report = stage.read("report.json")
        assert report["documents"]["in"] == len(documents)
        assert report["index"]["documents"] == len(earlier)
        by_earlier += report["index"]["removed_for"]
        earlier += kept_of(stage, documents)
    assert by_earlier > (5 if scope == "global" else 1)


def test_an_indexed_document_is_named_and_shown(tmp_path: Path) -> None:
    rng = random.Random(1)
    old = units(rng, "zh", 200)
    new = edited(rng, old, "zh", 1)
    index = str(tmp_path / "index")
    first = run_on(write(tmp_path / "a", [{"text": "".join(old)}]), tmp_path / "one", index=index)
    documents = [{"id": "new", "text": "".join(new)}]
    second = run_on(write(tmp_path / "b", documents), tmp_path / "two", index=index)
    (removed,) = rows_of(second.path / "removed" / "part-000000.arrow")
    assert removed["kept_doc"] == first.decisions[0]["doc"]
    assert removed["kept_id"] == "a.jsonl#0"
    found = glmdata.dedup.explain("new", stage=second.path)
    assert (found.text, found.other_text) == ("".join(new), "".join(old))
    listed = json.loads((tmp_path / "index" / "index.json").read_text())["segments"]
    assert second.read("manifest.json")["config"]["index"] == [listed[0]["name"]]


def test_the_same_crawl_again_replaces_its_own(tmp_path: Path) -> None:
    """A crawl is no duplicate of itself, whether killed before its manifest or run once more."""
    index = tmp_path / "index"
    first, second = crawls(1, 2)
    run_on(write(tmp_path / "a", first), tmp_path / "one", index=str(index))
    crawl = write(tmp_path / "b", second)
    once = run_on(crawl, tmp_path / "two", index=str(index))
    listing = (index / "index.json").read_bytes()
    again = run_on(crawl, tmp_path / "three", index=str(index))
    assert digests(once.path) == digests(again.path)
    assert (index / "index.json").read_bytes() == listing
    # Killed between the index and the manifest.
    (once.path / "manifest.json").unlink()
    (once.path / ".work").mkdir()
    (index / f"{TEMPORARY_PREFIX}half").write_bytes(b"half")
    resumed = run_on(crawl, tmp_path / "two", index=str(index), fresh=True)
    assert digests(resumed.path) == digests(again.path)
    assert not list(index.glob(".*"))


@pytest.mark.usefixtures("as_asked")
@pytest.mark.parametrize("limits", [{"threads": 1}, {"memory": "3MiB"}])
def test_limits_change_no_byte(tmp_path: Path, limits: dict[str, Any]) -> None:
    first, second = crawls(2, 2)
    for name, given in (("x", {}), ("y", limits)):
        index = str(tmp_path / name / "index")
        run_on(write(tmp_path / "a", first), tmp_path / name / "one", index=index)
        run_on(write(tmp_path / "b", second), tmp_path / name / "two", index=index, **given)
    assert digests(tmp_path / "x/two") == digests(tmp_path / "y/two")
    assert digests(tmp_path / "x/index") == digests(tmp_path / "y/index")


def test_a_first_run_that_cannot_list_its_segment_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The segment stands, index.json does not: the next call is no stranger to the folder."""
    crawl, index = write(tmp_path / "a", corpus(3, 20)), str(tmp_path / "index")

    def fails(*_: object) -> None:
        raise StorageError("write index.json: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("glmdata.dedup.index.write_sealed", fails)
        with pytest.raises(StorageError):
            run_on(crawl, tmp_path / "one", index=index)
    assert list((tmp_path / "index").glob("segment-*"))
    with pytest.raises(ConfigError, match="expected an index or an empty folder"):
        run_on(write(tmp_path / "b", corpus(4, 20)), tmp_path / "other", index=index)
    run_on(crawl, tmp_path / "one", index=index)
    run_on(crawl, tmp_path / "again", index=str(tmp_path / "unharmed"))
    assert digests(tmp_path / "index") == digests(tmp_path / "unharmed")


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    index = tmp_path / "index"
    crawl = write(tmp_path / "a", corpus(3, 20))
    stage = run_on(crawl, tmp_path / "one", index=str(index))
    with pytest.raises(ConfigError, match="expected shingle 'mixed', as it was made with"):
        run_on(crawl, tmp_path / "two", index=str(index), shingle="word:5")
    with pytest.raises(ConfigError, match="expected an index or an empty folder"):
        run_on(crawl, tmp_path / "three", index=str(stage.path))
    for place in (crawl, stage.path):
        with pytest.raises(ConfigError, match=r"lies inside the input|expected a folder outside"):
            run_on(crawl, stage.path, index=str(place / "index"), fresh=True)
    with pytest.raises(ConfigError, match="was deduplicated against an index"):
        glmdata.dedup.rethreshold(stage.path, tmp_path / "four", threshold=0.9)
    (segment,) = (entry for entry in index.glob("segment-*"))
    shutil.rmtree(segment)
    other = write(tmp_path / "b", corpus(4, 20))
    with pytest.raises(CorruptDataError, match="expected a segment of the index"):
        run_on(other, tmp_path / "five", index=str(index))


@pytest.mark.parametrize("version", [1, 5])
def test_an_index_of_an_earlier_format_is_refused(tmp_path: Path, version: int) -> None:
    """Its band keys come of other sketches: a crawl would find next to nothing in it."""
    index = tmp_path / "index"
    run_on(write(tmp_path / "a", corpus(3, 20)), tmp_path / "one", index=str(index))
    content = json.loads((index / "index.json").read_text())
    reseal(index / "index.json", {**content, "format_version": version})
    before = digests(index)
    with pytest.raises(ConfigError, match=f"expected an index of format 6, found {version}"):
        run_on(write(tmp_path / "b", corpus(4, 20)), tmp_path / "two", index=str(index))
    assert digests(index) == before


@pytest.mark.parametrize("name", ["unit-000000.scan", "documents.arrow", "texts/part-000000.arrow"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_segment_is_noticed(tmp_path: Path, name: str, damage: str) -> None:
    index = tmp_path / "index"
    run_on(write(tmp_path / "a", corpus(3, 20)), tmp_path / "one", index=str(index))
    (path,) = index.glob(f"segment-*/{name}")
    data = path.read_bytes()
    rng = random.Random(f"{name} {damage}")
    for _ in range(3):
        place = rng.randrange(len(data))
        flipped = bytes([data[place] ^ 1 << rng.randrange(8)])
        if damage == "gone":
            path.unlink(missing_ok=True)
        else:
            tail = b"" if damage == "cut" else flipped + data[place + 1 :]
            path.write_bytes(data[:place] + tail)
        with pytest.raises(CorruptDataError) as caught:
            run_on(write(tmp_path / "b", corpus(4, 20)), tmp_path / "two", index=str(index))
        assert str(path) in str(caught.value)
    path.write_bytes(data)
    run_on(tmp_path / "b", tmp_path / "two", index=str(index))


def test_the_old_segment_stands_until_the_new_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any step of a replacement, an index knows the one or the other segment whole."""
    index = tmp_path / "index"
    documents = crawls(1, 2)
    crawl = write(tmp_path / "a", documents[0])
    run_on(crawl, tmp_path / "one", index=str(index))
    before = digests(index)
    listed = json.loads((index / "index.json").read_text())
    # The segment is found damaged, so that the next run over the same crawl writes another.
    (scan,) = index.glob("segment-*/unit-*.scan")
    scan.write_bytes(b"")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("write_sealed", "sync_folder"):
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules["glmdata.dedup.index"], step, killed)
            with pytest.raises(KeyboardInterrupt):
                run_on(crawl, tmp_path / "two", index=str(index), fresh=True)
        assert json.loads((index / "index.json").read_text()) == listed
        assert (index / listed["segments"][0]["folder"]).is_dir()
    run_on(crawl, tmp_path / "two", index=str(index), fresh=True)
    (segment,) = index.glob("segment-*")
    found = {
        name.split("/", 1)[1]: digest
        for name, digest in digests(segment.parent).items()
        if "/" in name
    }
    assert found == {n.split("/", 1)[1]: digest for n, digest in before.items() if "/" in n}
