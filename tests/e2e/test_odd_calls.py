"""Calls that people make by mistake: each is answered, none is an internal error."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata, command, environment
from tests.e2e.test_reading import page, report
from tests.sealed import reseal


def test_fresh_removes_all_that_a_stage_of_before_left(glmdata: Glmdata, crawl: Crawl) -> None:
    """Dense families leave buckets.arrow, which the next stage may not have."""
    words = page(1).split()
    family = [" ".join([*words[:-1], f"other{n}"]) for n in range(300)]
    crawl(*({"text": text} for text in family))
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    assert Path("out/buckets.arrow").exists()
    Path("few").mkdir()
    Path("few/a.jsonl").write_text(json.dumps({"text": page(2)}) + "\n")
    done = glmdata("dedup", "--input", "few", "--output", "out", "--fresh")
    assert done.code == 0, done.err
    assert not Path("out/buckets.arrow").exists()
    assert glmdata("verify", "out").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (b"explain", b"\x9b", b"--stage", b"out"),
        (b"dedup", b"--input", b"crawl", b"--text-field", b"n\xff", b"--output", b"new"),
        (b"filter", b"--input", b"crawl", b"--kind", b"\xff=law", b"--output", b"new"),
        (b"dedup", b"--input", b"crawl", b"--source-rule", b"*=\xff", b"--output", b"new"),
    ],
)
def test_an_option_that_is_no_utf8_is_refused(
    glmdata: Glmdata, crawl: Crawl, arguments: tuple[bytes, ...]
) -> None:
    crawl({"text": page(1)})
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    call = [*map(os.fsencode, command()), *arguments]
    done = subprocess.run(call, env=environment(), capture_output=True, check=False, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False), done.stderr
    assert b"expected UTF-8, found" in done.stderr


def test_a_stage_without_documents_is_named(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"text": page(n)} for n in range(3)))
    shard = ("shard", "--input", "crawl", "--tokenizer", "cl100k_base", "--output", "ids")
    assert glmdata(*shard).code == 0
    done = glmdata("filter", "--input", "ids", "--output", "out")
    assert done.code == 2, done.err
    assert "expected documents, found a shard stage" in done.err


def damages(manifest: Path) -> list[bytes | None]:
    """What a disk or a hand makes of a manifest; None for nothing."""
    data = manifest.read_bytes()
    legible = data.replace(b'"kept"', b'"kfpt"', 1)
    assert legible != data
    return [None, b"", b"null", data[: len(data) // 2], legible]


@pytest.mark.parametrize("number", range(5))
def test_a_stage_without_its_manifest_is_no_heap_of_files(
    glmdata: Glmdata, crawl: Crawl, number: int
) -> None:
    """Or its removed documents would come back."""
    crawl({"text": page(1)}, {"text": page(1) + " more"})
    assert glmdata("dedup", "--input", "crawl", "--output", "s", "--removed-text").code == 0
    manifest = Path("s/manifest.json")
    damaged = damages(manifest)[number]
    manifest.unlink() if damaged is None else manifest.write_bytes(damaged)
    for options in (("--input", "s"), ("--input", "s", "--input", "crawl")):
        if len(options) > 2 and number == 4:
            continue  # its JSON is legible, and only Python looks at the seal
        done = glmdata("filter", *options, "--preset", "none", "--output", "out")
        assert done.code == 4, done.err
        assert "manifest" in done.err


def test_a_damaged_run_file_is_not_as_written(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    run = Path("out/run.json")
    run.write_text(run.read_text().replace('"seconds"', '"sfconds"'))
    done = glmdata("verify", "out")
    assert (done.code, "run.json" in done.out + done.err) == (1, True), done.out


def test_counts_that_a_hand_edited_are_told(glmdata: Glmdata, crawl: Crawl) -> None:
    """Earlier versions wrote no seal, so a manifest without one is read."""
    crawl({"text": page(1)})
    assert glmdata("dedup", "--input", "crawl", "--output", "out").code == 0
    path = Path("out/manifest.json")
    manifest = json.loads(path.read_text())
    del manifest["sealed"]
    manifest["counts"]["kept"] = "many"
    path.write_text(json.dumps(manifest))
    done = glmdata("verify", "out")
    assert (done.code, "Traceback" in done.err) == (1, False), done.err
    assert "not what a stage writes" in done.out + done.err


def test_a_report_over_a_text_that_is_damaged(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(*({"text": page(n)} for n in range(5)), {"text": page(1) + " more"})
    assert glmdata("dedup", "--input", "crawl", "--output", "w/dedup").code == 0
    part = Path("w/dedup/data/part-000000.arrow")
    with pa.OSFile(str(part)) as file:
        table = pa.ipc.open_file(file).read_all()
    texts = pa.array([b"\xff" * 9] * table.num_rows, pa.large_binary()).view(pa.large_string())
    table = table.set_column(table.schema.get_field_index("text"), "text", texts)
    with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, table.schema) as sink:
        sink.write_table(table)
    # Its size is what the manifest says, as that of a file with a flipped byte is.
    manifest = json.loads(Path("w/dedup/manifest.json").read_text())
    entry = next(entry for entry in manifest["files"] if entry["path"] == f"data/{part.name}")
    entry["bytes"] = part.stat().st_size
    reseal(Path("w/dedup/manifest.json"), manifest)
    done = glmdata("report", "--workspace", "w", "--output", "page")
    assert (done.code, "Traceback" in done.err) == (4, False), done.err


@pytest.mark.parametrize(
    "verb", [("dedup",), ("filter",), ("train-tokenizer",), ("tokenizer", "count")]
)
def test_standard_input_may_be_closed(verb: tuple[str, ...]) -> None:
    call = [*command(*verb), "--input", "-", "--output", "out"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *call],
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False), done.stderr


def test_an_option_that_no_file_is_read_by_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    options = ("--split", "line", "--zst-window", "2GiB")
    done = glmdata("dedup", "--input", "crawl", "--output", "out", *options)
    assert done.code == 0, done.err
    said = done.out + done.err
    assert "--split has no effect: no .txt file is read" in said
    assert "--zst-window has no effect: no .zst file is read" in said


def test_an_option_that_no_document_meets_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1), "lang": "en"}, {"text": page(2), "url": "https://a.example/x"})
    fields = ("id", "source", "lang", "url")
    options = [f"--{name}-field=nosuch-{name}" for name in fields]
    ways = ("--source-priority", "books", "--url-dedup", "--scope", "lang")
    rules = ("--source-rule", "**/wiki/**=wiki", "--source-rule", "crawl/web/*=all")
    done = glmdata("dedup", "--input", "crawl", "--output", "out", *options, *ways, *rules)
    assert done.code == 0, done.err
    notes = report("out")["notes"]
    for name in fields:
        why = f"no document has text in the field `nosuch-{name}`"
        assert f"--{name}-field has no effect: {why}" in notes
    assert "--source-priority books has no effect: no document has this source" in notes
    assert "--url-dedup has no effect: no document has the field `nosuch-url`" in notes
    what = "2 of 2 documents have no language and are compared with each other"
    assert f"--scope lang: {what}" in notes
    (rule,) = (note for note in notes if note.startswith("--source-rule"))
    assert rule.startswith("--source-rule **/wiki/**=wiki has no effect")
    assert report("out")["fields"] == {"id": 0, "source": 0, "lang": 0, "url": 0, "date": 0} | {
        "date_unread": 0,
        "source_rules": [0, 2],
    }
    again = glmdata("dedup", "--rethreshold", "0.9", "--stage", "out", "--output", "second")
    assert again.code == 0, again.err
    assert report("second")["notes"] == notes
    small = ("train-tokenizer", "--base", "none", "--no-numbers", "--vocab-size", "300")
    for verb in (("filter", "--output", "kept"), small):
        done = glmdata(*verb, "--input", "crawl", "--source-field", "nosuch", "--json")
        assert (
            "--source-field has no effect: no document has text in the field `nosuch`" in done.out
        )


def test_a_format_without_kept_texts_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    note = "--format has no effect: with --write decisions no text is written"
    for flags, told in ((("--write", "decisions"), True), ((), False)):
        call = ("dedup", "--input", "crawl", "--output", f"out-{told}", "--format", "parquet")
        done = glmdata(*call, *flags)
        assert (done.code, note in done.out) == (0, told), done.out + done.err


def test_a_pattern_looks_only_where_a_match_may_lie(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)}, name="a.jsonl")
    Path("crawl/below/deep").mkdir(parents=True)
    Path("crawl/below/b.jsonl").write_text(json.dumps({"text": page(2)}) + "\n")
    # A folder that nobody may enter, and a stage that is not finished: neither can hold a match.
    Path("crawl/begun/.work").mkdir(parents=True)
    Path("crawl/begun/.work/start.json").write_text("{}")
    done = glmdata("dedup", "--input", "crawl/*.jsonl", "--output", "one")
    assert (done.code, report("one")["documents"]["in"]) == (0, 1), done.err
    done = glmdata("dedup", "--input", "crawl/b*w/*.jsonl", "--output", "two")
    assert (done.code, report("two")["documents"]["in"]) == (0, 1), done.err


def test_a_header_that_is_too_wide_loses_the_file(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    names = ",".join(["text", *(f"c{n}" for n in range(70_000))])
    row = ",".join([page(2).replace("\n", " "), *("1" for _ in range(70_000))])
    Path("crawl/wide.csv").write_text(f"{names}\n{row}\n{row}\n")
    done = glmdata("dedup", "--input", "crawl", "--output", "out")
    assert done.code == 3, done.err
    (lost,) = report("out")["lost_files"]
    assert lost["reason"] == "broken_csv"
    assert lost["detail"] == "its header is of more than 65536 fields"


@pytest.mark.parametrize("name", ["input", "output", "workspace"])
def test_an_empty_name_is_no_default(glmdata: Glmdata, crawl: Crawl, name: str) -> None:
    crawl({"text": page(1)})
    done = glmdata("dedup", "--input", "crawl", f"--{name}", "")
    assert done.code == 2, done.err
    assert "expected the name of a folder or file, found an empty text" in done.err
    assert not Path("glmdata-out").exists()


@pytest.mark.parametrize("named", ["ws", "ws/dedup/data/part-000000.arrow", "ws/*/data/part-*"])
def test_an_edited_manifest_is_seen_wherever_it_lies(
    glmdata: Glmdata, crawl: Crawl, named: str
) -> None:
    crawl({"text": page(1)}, {"text": page(2)})
    assert glmdata("dedup", "--input", "crawl", "--output", "ws/dedup").code == 0
    manifest = Path("ws/dedup/manifest.json")
    manifest.write_text(manifest.read_text().replace('"threshold": 0.8', '"threshold": 0.9'))
    done = glmdata("filter", "--input", named, "--output", "out")
    assert (done.code, "its content is not what was written" in done.err) == (4, True), done.err


def test_options_that_a_manifest_cannot_hold_are_damage(glmdata: Glmdata, crawl: Crawl) -> None:
    """Manifests of earlier versions have no seal, so what stands in them is looked at."""
    crawl({"id": "a", "text": page(1)}, {"id": "b", "text": page(1)})
    assert glmdata("dedup", "--input", "crawl", "--output", "ws/dedup").code == 0
    manifest = Path("ws/dedup/manifest.json")
    content = json.loads(manifest.read_text())
    content["config"]["split"] = 7
    del content["sealed"]
    manifest.write_text(json.dumps(content))
    for call in (("explain", "b", "--stage", "ws/dedup"), ("report", "--workspace", "ws")):
        done = glmdata(*call)
        assert (done.code, "manifest.json: damaged" in done.err) == (4, True), done.err


@pytest.mark.parametrize("column", ["other", "id", "text", "list"])
def test_a_dictionary_without_values_is_all_null(
    glmdata: Glmdata, crawl: Crawl, column: str
) -> None:
    crawl({"text": page(1)})
    empty = pa.array([None] * 3, pa.dictionary(pa.int32(), pa.string()))
    columns: dict[str, object] = {"text": [page(n) for n in (2, 3, 4)], column: empty}
    if column == "list":
        columns["list"] = pa.ListArray.from_arrays([0, 1, 2, 3], empty)
    table = pa.table(columns)
    with pa.ipc.new_file("crawl/a.arrow", table.schema) as file:
        file.write_table(table)
    for verb in ("dedup", "filter"):
        done = glmdata(verb, "--input", "crawl", "--output", verb)
        lost = 3 if column == "text" else 0
        assert report(verb)["documents"]["in"] == 4, done.err
        assert report(verb)["documents"]["quarantined"] == lost
        assert done.code == 0, done.err


@pytest.mark.parametrize("links", [1, 2])
@pytest.mark.parametrize("pattern", ["b/**", "**/*.jsonl", "*", "b/*/*.jsonl"])
def test_a_pattern_ends_over_links_in_a_circle(
    glmdata: Glmdata, clean_place: Path, links: int, pattern: str
) -> None:
    Path("b/c").mkdir(parents=True)
    for place in ("b/a.jsonl", "b/c/a.jsonl"):
        Path(place).write_text(json.dumps({"text": page(len(place))}) + "\n")
    for n in range(links):
        Path(f"b/l{n}").symlink_to("../b")
    done = glmdata("dedup", "--input", pattern, "--output", "../out")
    assert (done.code, report("../out")["documents"]["in"]) == (0, 2), done.err
    assert report("../out")["quarantine"] == {}


def test_a_crawl_that_the_index_holds_already_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    """Nothing of it is a copy of an earlier crawl, which may look as if the index had no effect."""
    crawl(*({"text": page(n)} for n in range(3)))
    call = ("dedup", "--input", "crawl", "--index", "index", "--output")
    first, second = glmdata(*call, "one"), glmdata(*call, "two")
    told = "the index held this crawl already"
    assert (first.code, second.code) == (0, 0), second.err
    assert (told in first.out + first.err, told in second.out + second.err) == (False, True)


def test_a_file_of_rules_that_is_not_there_is_a_wrong_call(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": page(1)})
    done = glmdata("filter", "--input", "crawl", "--rules", "nosuch.toml")
    assert (done.code, "error: --rules: no file nosuch.toml" in done.err) == (2, True), done.err


def test_a_misspelt_variable_is_a_wrong_call(
    glmdata: Glmdata, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl({"text": page(1)})
    monkeypatch.setenv("GLMDATA_WORKPLACE", "here")
    done = glmdata("dedup", "--input", "crawl")
    assert (done.code, "`GLMDATA_WORKPLACE`" in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    ("flags", "note"),
    [
        (("--kind", "nosuch=book"), "--kind nosuch=book has no effect"),
        (("--lang-id", "keep", "--lang-threshold", "0.9"), "--lang-threshold has no effect"),
        (("--benchmark-report",), "--benchmark-report has no effect"),
        (("--benchmark-field", "q"), "--benchmark-field has no effect"),
        (("--tag", "--removed-text"), "--removed-text has no effect"),
        (("--tag", "--pii", "mask"), "--pii has no effect: with --tag"),
        (("--tag", "--format", "jsonl.zst"), "--format has no effect: with --tag"),
        (("--write", "decisions", "--format", "parquet"), "--format has no effect: with --write"),
    ],
)
def test_options_of_the_filter_without_effect_are_told(
    glmdata: Glmdata, crawl: Crawl, flags: tuple[str, ...], note: str
) -> None:
    crawl({"text": page(1), "source": "web"})
    done = glmdata("filter", "--input", "crawl", *flags)
    assert (done.code, note in done.out) == (0, True), done.out + done.err
    plain = glmdata("filter", "--input", "crawl", "--kind", "web=book", "--output", "plain")
    assert "no effect" not in plain.out


@pytest.mark.parametrize(
    ("flags", "note"),
    [
        (("--fim-rate", "0.5", "--fim-source", "nosuch"), "no document of source `nosuch`"),
        (("--fim-spm", "0.2"), "--fim-spm has no effect"),
        (("--infill-mask", "0.2"), "--infill-mask has no effect"),
        (("--shortest-row", "64"), "--shortest-row has no effect"),
        (("--balance", "source"), "--balance has no effect"),
    ],
)
def test_options_of_a_mixture_without_effect_are_told(
    glmdata: Glmdata, crawl: Crawl, flags: tuple[str, ...], note: str
) -> None:
    crawl(*({"text": page(n), "source": "web"} for n in range(3)))
    shard = ("shard", "--input", "crawl", "--tokenizer", "cl100k_base", "--output", "ids")
    assert glmdata(*shard).code == 0
    done = glmdata("mix", "--store", "ids", "--row-length", "128", *flags)
    assert (done.code, note in done.out) == (0, True), done.out + done.err
