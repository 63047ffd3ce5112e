from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata import dedup
from glmdata.errors import ConfigError, CorruptDataError, StorageError
from tests.conftest import Crawl
from tests.unit.fake_native import FakeNative

OUT = Path("out")
SIZE_AND_HASH = '"bytes": 1, "sha256": "' + "0" * 64 + '"'


@pytest.fixture
def small(crawl: Crawl) -> Path:
    return crawl({"id": "a", "text": "x"}, {"id": "b", "text": "x"}, {"id": "c", "text": "y"})


def tree(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_run_leaves_a_complete_stage(native: FakeNative, small: Path) -> None:
    report = dedup.run(small, OUT, threads=2, memory="1GiB", threshold=0.9)
    assert (report.documents_in, report.documents_kept, report.documents_removed) == (3, 2, 1)
    assert report.removed["exact-raw"] == 1
    assert not report.already_complete
    manifest = json.loads((OUT / "manifest.json").read_text())
    assert manifest["format_version"] == 2
    assert manifest["status"] == "complete"
    assert manifest["seed"] is None
    assert manifest["config"]["threshold"] == 0.9
    assert manifest["counts"] == report.data["documents"]
    assert {entry["path"] for entry in manifest["files"]} == tree(OUT) - {
        "manifest.json",
        "run.json",
        "README.md",
        "croissant.json",
    }
    run = json.loads((OUT / "run.json").read_text())
    assert run["threads"] == 2
    assert run["memory_limit_bytes"] == 2**30
    assert run["peak_memory_bytes"] > 0
    assert native.calls[0][1]["options"].max_record == 2**26


def test_equal_runs_have_equal_files(native: FakeNative, small: Path) -> None:
    dedup.run(small, "one", threads=1)
    dedup.run(small.absolute(), "two", threads=4, memory="2GiB")
    for name in tree(Path("one")) - {"run.json"}:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name


def test_a_rerun_does_nothing(native: FakeNative, small: Path) -> None:
    first = dedup.run(small, OUT)
    before = (OUT / "run.json").read_bytes()
    again = dedup.run(small, OUT, threads=1)
    assert again.already_complete
    assert again.data == first.data
    assert (OUT / "run.json").read_bytes() == before
    assert len(native.calls) == 1


@pytest.mark.parametrize("interrupted", [False, True])
def test_another_config_or_input_is_refused_unless_fresh(
    native: FakeNative, small: Path, crawl: Crawl, interrupted: bool
) -> None:
    if interrupted:
        native.failure = StorageError("disk full")
        with pytest.raises(StorageError):
            dedup.run(small, OUT)
        native.failure = None
    else:
        dedup.run(small, OUT)
    with pytest.raises(ConfigError, match=r"threshold was 0\.8, now 0\.9") as caught:
        dedup.run(small, OUT, threshold=0.9)
    assert "--fresh" in str(caught.value.hint)
    crawl({"text": "new"}, name="web/b.jsonl")
    with pytest.raises(ConfigError, match=r"inputs changed since: crawl/web/b\.jsonl is new"):
        dedup.run(small, OUT)
    assert dedup.run(small, OUT, fresh=True, threshold=0.9).documents_in == 4
    assert not (OUT / ".work").exists()


def test_an_interrupted_run_is_resumed(native: FakeNative, small: Path) -> None:
    native.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        dedup.run(small, OUT)
    assert not (OUT / "manifest.json").exists()
    assert not (OUT / ".lock").exists()
    native.failure = None
    report = dedup.run(small, OUT)
    assert [call["resume"] for _, call in native.calls] == [False, True]
    assert report.run["units_reused"] == 1
    assert not (OUT / ".work").exists()


def test_a_run_killed_before_it_began_starts(native: FakeNative, small: Path) -> None:
    (OUT / ".work").mkdir(parents=True)
    (OUT / "part-000007.arrow").write_text("of an earlier run, half cleared")
    dedup.run(small, OUT)
    assert native.calls[0][1]["resume"] is False
    assert not (OUT / "part-000007.arrow").exists()


def test_a_run_killed_after_its_manifest_is_complete(native: FakeNative, small: Path) -> None:
    dedup.run(small, OUT)
    (OUT / ".work").mkdir()
    assert dedup.run(small, OUT).already_complete
    assert not (OUT / ".work").exists()


def test_a_foreign_folder_is_refused_even_with_fresh(native: FakeNative, small: Path) -> None:
    OUT.mkdir()
    (OUT / "thesis.txt").write_text("dear")
    for fresh in (False, True):
        with pytest.raises(ConfigError, match=r"found 1 other entries such as thesis\.txt"):
            dedup.run(small, OUT, fresh=fresh)
    assert tree(OUT) == {"thesis.txt"}


def test_fresh_removes_only_names_of_ours(native: FakeNative, small: Path) -> None:
    dedup.run(small, OUT)
    others = ["notes.txt", "removed/mine.txt", "part-1.arrow", "decisions/part-000000.arrow.bak"]
    for name in others:
        (OUT / name).write_text("mine")
    (OUT / "part-000009.arrow").write_text("ours")
    elsewhere = Path("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "part-000000.arrow").write_text("precious")
    (OUT / "edits").symlink_to(elsewhere.absolute())
    with pytest.raises(ConfigError, match="out/edits: expected a folder, found a link to"):
        dedup.run(small, OUT, fresh=True)
    (OUT / "edits").unlink()
    dedup.run(small, OUT, fresh=True)
    assert set(others) <= tree(OUT)
    assert not (OUT / "part-000009.arrow").exists()
    assert (elsewhere / "part-000000.arrow").read_text() == "precious"


def test_a_damaged_stage_is_told(native: FakeNative, small: Path) -> None:
    dedup.run(small, OUT)
    (OUT / "data/part-000000.arrow").write_text("short")
    with pytest.raises(CorruptDataError, match=r"part-000000\.arrow: expected \d+ bytes, found 5"):
        dedup.run(small, OUT)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"format_version": 9, "status": "complete"}',
        '{"format_version": 2, "status": "complete", "stage": "dedup"}',
        '{"format_version": 2, "status": "complete", "stage": "dedup", "config": {}, '
        f'"config_sha256": "", "inputs": [], "files": [{{"path": "../x", {SIZE_AND_HASH}}}]}}',
    ],
)
def test_a_damaged_manifest_is_told(native: FakeNative, small: Path, content: str) -> None:
    OUT.mkdir()
    (OUT / "manifest.json").write_text(content)
    with pytest.raises(CorruptDataError, match=r"manifest\.json"):
        dedup.run(small, OUT)
    assert native.calls == []


def test_the_output_cannot_lie_in_the_input(native: FakeNative, small: Path) -> None:
    with pytest.raises(ConfigError, match="lies inside the input"):
        dedup.run(".", "glmdata-out/dedup")


def test_an_unknown_keyword_is_refused(native: FakeNative, small: Path) -> None:
    with pytest.raises(ConfigError, match="unknown option `treshold`") as caught:
        dedup.run(small, OUT, treshold=0.9)  # type: ignore[call-arg]
    assert caught.value.hint == "did you mean `threshold`?"


def test_gates(native: FakeNative, crawl: Crawl) -> None:
    crawl(*[{"text": "same", "source": "web"}] * 4, *["broken"] * 11)
    report = dedup.run("crawl", OUT, max_source_loss=0.5)
    assert [failure.gate for failure in report.failed_gates()] == ["max_bad", "max_source_loss"]
    assert "'web' lost 75.0%" in report.failed_gates()[1].message
    crawl(*[{"text": "same", "source": "web"}] * 4, *["broken"] * 10)
    report = dedup.run("crawl", OUT, max_source_loss=0.75, fresh=True)
    assert report.failed_gates() == []


def test_rethreshold_makes_a_stage_beside_the_old_one(native: FakeNative, small: Path) -> None:
    first = dedup.run(small, OUT)
    again = dedup.rethreshold(OUT, threshold=0.85, keep="first")
    assert again.output == Path("out-0.85")
    assert not (again.output / ".work").exists()
    assert again.config == {**first.config, "threshold": 0.85, "keep": "first"}
    assert again.run["inputs"] == first.run["inputs"]
    assert dedup.rethreshold(OUT, threshold=0.85, keep="first").already_complete
    old, new = (json.loads(Path(p, "manifest.json").read_text()) for p in ("out", "out-0.85"))
    assert old["inputs_sha256"] == new["inputs_sha256"]


def test_rethreshold_refuses_what_needs_text(native: FakeNative, small: Path) -> None:
    with pytest.raises(ConfigError, match="expected a complete dedup stage"):
        dedup.rethreshold(OUT, threshold=0.9)
    dedup.run(small, OUT)
    with pytest.raises(ConfigError, match="shingle: expected 'mixed' as in out, found 'code'"):
        dedup.rethreshold(OUT, threshold=0.9, shingle="code")
    with pytest.raises(ConfigError, match="cannot replace"):
        dedup.rethreshold(OUT, OUT, threshold=0.9)


def test_shingles_are_asked_for(native: FakeNative) -> None:
    assert dedup.shingles("a b") == ["mixed:a", "mixed:b"]
