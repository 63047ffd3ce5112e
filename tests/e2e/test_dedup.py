from __future__ import annotations

import gzip
import json
import signal
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from glmdata import sample
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata, command, environment

STAGE = Path("glmdata-out/dedup")
STORY = (
    "The ferry left the northern quay at dawn and carried the whole orchestra across the sound. "
    "Nobody on deck had slept, because the concert of the night before had gone on until the "
    "lamps burned out, and the conductor kept humming one phrase that he could not finish. "
)
STORY_ZH = (
    "渡船在黎明离开北岸的码头，载着整个乐团穿过海峡。甲板上没有一个人睡过，因为前一晚的音乐会一直演到"
    "灯油烧尽，指挥还在哼着一句他怎么也写不完的旋律。风从东边吹来，乐谱被吹得满船都是。"
)


def rows(name: str) -> list[dict[str, object]]:
    found = []
    for path in sorted(STAGE.glob(name)):
        with pa.ipc.open_file(str(path)) as file:
            found += file.read_all().to_pylist()
    return found


def write_mixed_crawl() -> int:
    """One folder with each format; every document is there twice."""
    texts = [f"{story} Chapter {word}." for story in (STORY, STORY_ZH) for word in ("one", "two")]
    records = [{"id": f"d{n}", "text": text * 2} for n, text in enumerate(texts)]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    folder = Path("crawl")
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(lines)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    (folder / "c.jsonl.zst").write_bytes(zstandard.compress(lines))
    pq.write_table(pa.Table.from_pylist(records), folder / "d.parquet")
    return 4 * len(records)


def test_a_mixed_folder_is_deduplicated(glmdata: Glmdata) -> None:
    n_records = write_mixed_crawl()
    done = glmdata("dedup", "--input", "crawl/")
    assert done.code == 0, done.err
    report = json.loads((STAGE / "report.json").read_text())
    counts = report["documents"]
    assert counts["in"] == n_records
    assert counts["in"] == counts["kept"] + counts["removed"] + counts["quarantined"]
    assert counts["quarantined"] == 0
    assert len(rows("data/part-*.arrow")) == counts["kept"]
    assert len(rows("removed/part-*.arrow")) == counts["removed"]
    assert len(rows("decisions/part-*.arrow")) == n_records
    assert sum(report["removed_by_rule"].values()) == counts["removed"]
    assert report["removed_by_rule"]["exact-raw"] >= n_records // 2
    last = [line.split()[0] for line in done.out.splitlines()[-5:]]
    assert last == ["kept", "duplicates", "quarantined", "where", "next"]
    assert not (STAGE / ".work").exists()
    assert not (STAGE / ".lock").exists()


def test_every_removal_names_a_kept_document(glmdata: Glmdata) -> None:
    write_mixed_crawl()
    assert glmdata("dedup", "--input", "crawl/").code == 0
    kept = {row["doc"] for row in rows("data/part-*.arrow")}
    removed = rows("removed/part-*.arrow")
    assert removed
    assert {row["kept_doc"] for row in removed} <= kept


def test_the_files_match_the_manifest(glmdata: Glmdata) -> None:
    write_mixed_crawl()
    assert glmdata("dedup", "--input", "crawl/").code == 0
    manifest = json.loads((STAGE / "manifest.json").read_text())
    there = {p.relative_to(STAGE).as_posix() for p in STAGE.rglob("*") if p.is_file()}
    listed = {entry["path"]: entry["bytes"] for entry in manifest["files"]}
    cards = {"README.md", "croissant.json"}
    assert there == set(listed) | cards | {"manifest.json", "run.json"}
    assert {name: (STAGE / name).stat().st_size for name in listed} == listed


def test_a_rerun_says_so_and_changes_nothing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY}, {"text": STORY})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    before = {p: p.stat().st_mtime_ns for p in STAGE.rglob("*")}
    again = glmdata("dedup", "--input", "crawl/")
    assert again.code == 0
    assert "already complete" in again.err
    assert {p: p.stat().st_mtime_ns for p in STAGE.rglob("*")} == before


def test_json_is_the_report(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY}, {"text": STORY})
    done = glmdata("dedup", "--input", "crawl/", "--json")
    assert json.loads(done.out) == json.loads((STAGE / "report.json").read_text())


def test_bad_records_are_quarantined_and_many_of_them_exit_3(
    glmdata: Glmdata, crawl: Crawl
) -> None:
    crawl({"text": STORY}, *["{broken"] * 11)
    done = glmdata("dedup", "--input", "crawl/")
    assert done.code == 3
    assert "too many bad inputs" in done.err
    assert (STAGE / "manifest.json").exists()
    events = [
        json.loads(line)
        for path in (STAGE / "quarantine").glob("part-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert len(events) == 11
    assert glmdata("dedup", "--input", "crawl/", "--max-bad", "1", "--fresh").code == 0


def test_a_heavy_loss_fails_the_gate(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*[{"text": STORY, "source": "mirror"}] * 4)
    done = glmdata("dedup", "--input", "crawl/", "--max-source-loss", "0.5")
    assert done.code == 1
    assert "source 'mirror' lost 75.0%" in done.err


@pytest.mark.parametrize("kind", ["plain", "gz", "zst"])
def test_standard_input(glmdata: Glmdata, kind: str) -> None:
    lines = (json.dumps({"text": STORY}) + "\n").encode() * 3
    packed = {"plain": lines, "gz": gzip.compress(lines), "zst": zstandard.compress(lines)}[kind]
    done = glmdata("dedup", "--input", "-", stdin=packed)
    assert done.code == 0, done.err
    assert json.loads((STAGE / "report.json").read_text())["documents"]["in"] == 3
    assert "already complete" in glmdata("dedup", "--input", "-", stdin=packed).err


def test_a_dry_run_writes_nothing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY})
    done = glmdata("dedup", "--input", "crawl/", "--dry-run")
    assert done.code == 0
    assert {"read", "text", "memory", "disk", "output"} <= set(done.lines())
    plan = json.loads(glmdata("dedup", "--input", "crawl/", "--dry-run", "--json").out)
    assert plan["files"] == 1
    assert not Path("glmdata-out").exists()


def test_refusals(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY})
    Path("full").mkdir()
    Path("full/notes.txt").touch()
    cases = [
        (["dedup"], "nothing to read"),
        (["dedup", "--input", "nowhere"], "nowhere: no such file or folder"),
        (["dedup", "--input", "."], "lies inside the input"),
        (["dedup", "--input", "crawl", "--output", "full"], "expected an empty folder"),
        (["dedup", "--input", "crawl", "--threshold", "2"], "--threshold: expected a number"),
        (["dedup", "--input", "crawl", "--shingles", "x"], "no such option"),
        (["dedup", "--stage", "x"], "--stage: expected together with --rethreshold"),
        (["dedup", "--rethreshold", "0.9", "--input", "x"], "--input: expected without"),
        (["dedupe"], "no command `dedupe`"),
        (["explain", "x"], "expected a complete dedup or filter stage"),
        (["show"], "expected a stage, found none"),
    ]
    for arguments, message in cases:
        done = glmdata(*arguments)
        assert (done.code, done.out) == (2, ""), arguments
        first, *_, last = [*done.err.splitlines(), ""]
        assert first.startswith("error: "), arguments
        assert message in first, arguments
        assert not first.endswith("."), arguments
        assert last == "" or last.startswith("hint: "), arguments


def test_another_config_needs_fresh(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    refused = glmdata("dedup", "--input", "crawl/", "--threshold", "0.9")
    assert refused.code == 2
    assert "threshold was 0.8, now 0.9" in refused.err
    assert glmdata("dedup", "--input", "crawl/", "--threshold", "0.9", "--fresh").code == 0


def test_a_full_disk_is_exit_4(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY})
    done = glmdata("dedup", "--input", "crawl/", "--output", "/proc/glmdata")
    assert done.code == 4
    assert "/proc/glmdata" in done.err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_goes_on(glmdata: Glmdata, sent: signal.Signals) -> None:
    sample.write(Path("crawl"))
    big = Path("crawl/news-zh/2024-01.jsonl")
    lines = big.read_text(errors="surrogateescape").splitlines(keepends=True)
    with big.open("w", errors="surrogateescape") as file:
        for copy in range(20):
            file.writelines(line.replace('"text": "', f'"text": "{copy} ', 1) for line in lines)
    arguments = ("dedup", "--input", "crawl/", "--max-bad", "1")
    with subprocess.Popen(command(*arguments), env=environment()) as process:
        start = STAGE / ".work/start.json"
        while process.poll() is None and not start.exists():
            pass
        process.send_signal(sent)
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
    assert process.returncode in (codes[sent], 0)
    if process.returncode != 0:
        assert not (STAGE / "manifest.json").exists()
    assert glmdata(*arguments).code == 0
    assert glmdata(*arguments, "--output", "again").code == 0
    first, second = (
        {entry["path"]: entry["sha256"] for entry in json.loads(p.read_text())["files"]}
        for p in (STAGE / "manifest.json", Path("again/manifest.json"))
    )
    assert first == second


def test_rethreshold_equals_a_full_run(glmdata: Glmdata) -> None:
    sample.write(Path("crawl"))
    bands = ("--bands", "16x8")
    assert glmdata("dedup", "--input", "crawl/", *bands).code == 0
    done = glmdata("dedup", "--rethreshold", "0.95")
    assert done.code == 0, done.err
    full = ("dedup", "--input", "crawl/", *bands, "--threshold", "0.95", "--output", "full")
    assert glmdata(*full).code == 0
    for path in Path("full").rglob("*"):
        if path.is_file() and path.name != "run.json":
            twin = Path("glmdata-out/dedup-0.95", path.relative_to("full"))
            assert path.read_bytes() == twin.read_bytes(), path


def test_rethreshold_says_what_is_missing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": STORY}, {"text": STORY})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    crawl({"text": STORY})
    done = glmdata("dedup", "--rethreshold", "0.85")
    assert (done.code, done.out) == (2, "")
    assert "the inputs changed since: crawl/web/a.jsonl had" in done.err
