"""Plans beside the slow twin; whole documents, exact sums, the same bytes on any machine."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native, dedup, mix, shard
from glmdata.errors import ConfigError, CorruptDataError, MemoryBudgetError
from glmdata.reference import mix as slow_mix
from glmdata.reference import pack as slow_pack
from glmdata.stage.hashing import file_sha256
from tests.property.stores import SCHEMA, Text, read_plan, write_store
from tests.property.test_token_store import SMALL, crawl
from tests.sealed import reseal

lengths = st.integers(0, 60) | st.integers(0, 400) | st.sampled_from([63, 64, 65, 127, 128, 1000])
texts = st.lists(
    st.builds(Text, st.sampled_from(["web", "书", "code"]), st.sampled_from(["", "zh"]), lengths),
    min_size=1,
    max_size=40,
).filter(lambda some: any(text.tokens for text in some))


def plan(output: str = "mix", **options: Any) -> mix.MixReport:
    return mix.run("store", output, **{"row_length": 64, "fresh": True, **options})


def store_of(texts: Sequence[Text], **options: Any) -> list[slow_mix.Document]:
    shutil.rmtree("store", ignore_errors=True)
    return write_store(texts, **options)


def slow_rows(
    documents: list[slow_mix.Document], report: mix.MixReport, options: dict[str, Any]
) -> list[dict[str, Any]]:
    """The plan that the twin makes for what the report says was wanted."""
    wanted = {(r["source"], r["lang"], r["factor"]): r["wanted"] for r in report.data["by_source"]}
    items = slow_mix.choose(documents, wanted, options.get("seed", 0), options.get("max_epochs", 4))
    by_mode = slow_mix.assign(
        items,
        infill=options.get("infill_rate", 0.0),
        mask=options.get("infill_mask", 0.3),
        sentence=options.get("infill_sentence", 0.0),
        fim=options.get("fim_rate", 0.0),
        spm=options.get("fim_spm", 0.5),
        fim_sources=("code",),
    )
    rows = []
    for mode, own in enumerate(by_mode):
        sizes = [item.document.tokens for item in own]
        if options["packing"] == "concat":
            packed = [(64, row) for row in slow_pack.concat(sizes, mode, 64)]
        elif options["packing"] == "best-fit":
            packed = [(64, row) for row in slow_pack.best_fit(sizes, mode, 64)]
        else:
            packed = slow_pack.buckets(sizes, mode, 32, 128)
        for bucket, row in packed:
            parts = [
                {
                    "shard": own[piece.item].document.shard,
                    "row": own[piece.item].document.row,
                    "start": piece.start,
                    "length": piece.length,
                    "repeat": own[piece.item].repeat,
                    "eod": piece.eod,
                }
                for piece in row
            ]
            tokens = sum(slow_pack.cost(piece, mode) for piece in row)
            rows.append({"parts": parts, "n_tokens": tokens, "mode": mode, "bucket": bucket})
    return rows


@settings(deadline=None, max_examples=60)
@given(
    texts,
    st.fixed_dictionaries(
        {
            "packing": st.sampled_from(["concat", "best-fit", "buckets"]),
            "weight": st.sampled_from([[], ["web=2.5"], ["code=0"], ["web/zh=3", "书=0.4"]]),
            "seed": st.integers(0, 2**64 - 1),
            "infill_rate": st.sampled_from([0.0, 0.5, 1.0]),
            "infill_sentence": st.sampled_from([0.0, 0.4, 0.7]),
            "fim_rate": st.sampled_from([0.0, 0.5]),
        }
    ),
)
def test_a_plan_equals_the_twins(texts: list[Text], options: dict[str, Any]) -> None:
    known = {name for t in texts for name in (t.source, f"{t.source}/{t.lang or 'und'}")}
    options["weight"] = [pair for pair in options["weight"] if pair.partition("=")[0] in known]
    if options["weight"] == ["code=0"] and not any(t.tokens for t in texts if t.source != "code"):
        options["weight"] = []
    if options["packing"] == "buckets":
        options |= {"row_length": 128, "shortest_row": 32}
    documents = store_of(texts, rows=9)
    report = plan(**options)
    found = read_plan()
    expected = slow_rows(documents, report, options)
    kept = ("parts", "n_tokens", "mode", "bucket")
    assert [{key: row[key] for key in kept} for row in found] == expected
    weights = [row["weight"] for row in found]
    if options["packing"] == "buckets":
        # Every slice counts as much as any other, and rows weigh 1 on average.
        each = [row["weight"] / len(row["parts"]) for row in found]
        assert each == pytest.approx(each[:1] * len(each), rel=1e-6)
        assert sum(weights) == pytest.approx(len(weights), rel=1e-6)
    else:
        assert set(weights) <= {1.0}
    assert all((row["seed"] == 0) == (row["mode"] == 0) for row in found)
    sums_agree(documents, report, found)


def sums_agree(
    documents: Sequence[slow_mix.Document], report: mix.MixReport, rows: list[dict[str, Any]]
) -> None:
    """What the plan holds is what the report says; every pass over a document is whole."""
    data = report.data
    held = Counter((p["shard"], p["row"], p["repeat"]) for row in rows for p in row["parts"])
    tokens: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        for p in row["parts"]:
            tokens[p["shard"], p["row"], p["repeat"]] += p["length"]
    by_place = {(it.shard, it.row): it for it in documents}
    assert all(by_place[place[:2]].tokens == total for place, total in tokens.items())
    assert len(held) == data["documents"]["passes"]
    assert sum(tokens.values()) == data["tokens"]["realised"]
    assert sum(row["n_tokens"] for row in rows) == sum(
        data["tokens"][key] for key in ("realised", "added")
    )
    assert data["rows"] == len(rows)
    assert data["documents"]["in"] == len(documents)
    assert data["documents"]["kept"] == len({place[:2] for place in held})
    for sums in data["sources"].values():
        assert abs(sums["error"]) <= sums["allowed_error"]
        assert sums["realised"] - sums["wanted"] == sums["error"]
    for group in data["by_source"]:
        assert group["most_passes"] <= 4
    assert data["tokens"]["store"] == sum(it.tokens for it in documents)


def crawl_like(n: int, seed: int = 1) -> list[Text]:
    """Sizes as crawls have them: log-normal, Chinese shorter than English, program text longer."""
    draw = random.Random(seed)
    kinds = (("web", "zh", 5.5, 1.2), ("web", "en", 6.3, 1.1), ("code", "", 6.6, 1.5))
    return [
        Text(source, lang, min(200_000, int(draw.lognormvariate(mean, spread))))
        for source, lang, mean, spread in (kinds[at % 3] for at in range(n))
    ]


def stage_files() -> dict[Path, bytes]:
    files = (path for path in Path("mix").rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if path.name != "run.json"}


def slice_of(part: dict[str, Any]) -> tuple[int, int, int]:
    return part["start"], part["length"], part["repeat"]


def test_layout_threads_and_memory_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # What earlier tests left in this process must not count against --memory.
    monkeypatch.setattr("glmdata.config.limits.resident_memory", lambda: 100 << 20)
    texts = crawl_like(3_000)
    options: dict[str, Any] = {"row_length": 2048, "weight": ["web/zh=1.7"], "infill_rate": 0.3}

    def by_key(rows: int, **more: Any) -> list[list[tuple[bytes, int, int, int]]]:
        documents = store_of(texts, rows=rows)
        keys = {(it.shard, it.row): it.doc for it in documents}
        plan(**options, **more)
        return [
            [
                (keys[p["shard"], p["row"]], p["start"], p["length"], p["repeat"])
                for p in row["parts"]
            ]
            for row in read_plan()
        ]

    one = by_key(1 << 20, threads=1)
    assert by_key(100, threads=3) == one, "the layout of shards"
    assert by_key(777, threads=2, memory="1GiB") == one
    assert by_key(777, seed=1) != one
    files = stage_files()
    plan(**options, seed=1, threads=1, memory="2GiB")
    assert files == stage_files()
    assert len(files) == 4


def test_best_fit_cuts_nothing_that_fits_and_wastes_almost_nothing() -> None:
    store_of(crawl_like(20_000), batch=1_000)
    report = plan(row_length=8192)
    assert report.data["documents"]["cut"] == report.data["documents"]["longer_than_a_row"] > 0
    padding = report.data["padding"]
    assert padding["share"] - padding["least_share"] < 0.005
    for row in read_plan():
        for part in row["parts"]:
            assert part["eod"] or part["length"] == 8192


@pytest.mark.parametrize("packing", ["best-fit", "concat", "buckets"])
def test_unusual_stores(packing: str) -> None:
    options: dict[str, Any] = {"packing": packing, "row_length": 4096, "shortest_row": 1024}
    one_giant = [Text("web", "en", 1_000_000), *[Text("web", "en", 3)] * 10]
    documents = store_of(one_giant)
    report = plan(**options)
    sums_agree(documents, report, read_plan())
    assert report.data["rows"] <= 1_000_000 // 4096 + 2
    documents = store_of([Text("web", "", 0), Text("web", "", 0), Text("web", "", 5)])
    report = plan(**options)
    assert (
        report.data["documents"] | {"empty": 2, "kept": 1, "removed": 2} == report.data["documents"]
    )
    sums_agree(documents, report, read_plan())
    store_of([Text("web", "", 0)])
    with pytest.raises(ConfigError, match="weighs something"):
        plan(**options)


@pytest.mark.parametrize("packing", ["best-fit", "concat"])
def test_a_million_tiny_documents_take_seconds(packing: str) -> None:
    million = 1_000_000
    folder = Path("store/web")
    folder.mkdir(parents=True)
    keys = pa.py_buffer(random.Random(1).randbytes(16 * million))
    offsets = pa.array(range(0, 2 * million + 1, 2), pa.int64())
    ids = pa.array([7, 8] * million, pa.uint32())
    columns = [
        pa.Array.from_buffers(pa.binary(16), million, [None, keys]),
        pa.LargeListArray.from_arrays(offsets, ids, type=SCHEMA.field("tokens").type),
        pa.array([2] * million, pa.uint32()),
        pa.array(["web"] * million),
        pa.array([None] * million, pa.string()),
    ]
    template = write_store([Text("web", "", 2)])
    assert len(template) == 1
    path = folder / "part-000000.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
    manifest = json.loads(Path("store/manifest.json").read_text())
    manifest["files"][0]["bytes"] = path.stat().st_size
    manifest["files"][0]["sha256"] = file_sha256(path)
    reseal(Path("store/manifest.json"), manifest)
    began = time.monotonic()
    report = plan(packing=packing, row_length=8192)
    assert time.monotonic() - began < 20
    # Three tokens each with their separators: 2,730 whole ones fit into a row.
    needed = -(-million // 2730) if packing == "best-fit" else -(-3 * million // 8192)
    assert report.data["rows"] == needed
    assert report.data["documents"]["cut"] == 0 or packing == "concat"


def test_a_killed_plan_starts_again_and_a_finished_one_is_left_alone() -> None:
    store_of(crawl_like(500))
    before = plan()
    files = stage_files()
    assert mix.run("store", "mix", row_length=64).already_complete
    with pytest.raises(ConfigError, match="row_length was 64, now 128"):
        mix.run("store", "mix", row_length=128)
    # What a kill leaves: no manifest, a file missing, half of another.
    manifest = json.loads(Path("mix/manifest.json").read_text())
    Path("mix/manifest.json").unlink()
    Path("mix/plan/shards.arrow").unlink()
    Path("mix/plan/.tmp-half").write_bytes(b"half")
    Path("mix/.work").mkdir()
    inputs = [{**entry, "modified_ns": int(entry["modified_ns"])} for entry in manifest["inputs"]]
    begun = {key: manifest[key] for key in ("config", "config_sha256")} | {"inputs": inputs}
    reseal(Path("mix/.work/start.json"), begun)
    again = mix.run("store", "mix", row_length=64)
    assert not again.already_complete
    assert again.data == before.data
    assert files == stage_files()
    assert json.loads(Path("mix/run.json").read_text())["store"] == "../store"
    assert manifest["seed"] == 0


def test_too_little_memory_is_said() -> None:
    store_of(crawl_like(100))
    with pytest.raises(MemoryBudgetError):
        plan(memory="1MiB")
    paths = [str(path) for path in sorted(Path("store").glob("*/*.arrow"))]
    run: dict[str, Any] = {"threads": 1, "progress": _native.Progress()}
    how: dict[str, Any] = {"clusters": None, "steps": [], "seed": 0, **run}
    documents, passes = 24 * 100, 80 * 100
    with pytest.raises(MemoryBudgetError, match="the table of documents needs"):
        _native.Survey.read(paths, memory=documents - 1, **how)
    config = mix.MixConfig()
    shards = [("", "")] * len(paths)
    for memory, fits in ((documents + passes - 1, False), (documents + passes, True)):
        survey = _native.Survey.read(paths, memory=memory, **how)
        wanted = [group["tokens"] for group in json.loads(survey.groups())]
        with contextlib.nullcontext() if fits else pytest.raises(MemoryBudgetError, match="plan"):
            survey.plan(wanted, config, "out", {}, shards, part_bytes=1 << 20, **run)


def test_a_damaged_store_is_said() -> None:
    store_of(crawl_like(100))
    path = next(iter(Path("store").glob("web/*.arrow")))
    data = bytearray(path.read_bytes())
    data[-6:] = b"ARROW2"
    path.write_bytes(bytes(data))
    with pytest.raises((CorruptDataError, ConfigError)):
        plan()


def test_clusters_give_back_the_weight_of_what_was_removed() -> None:
    # Twenty copies, three copies, and one that is alone.
    copies = ["渔民在河口修补渔网"] * 20 + ["the nets are mended"] * 3 + ["a lonely text"]
    input = crawl([(text, None, "web") for text in copies])
    dedup.run(input, "dedup")
    shard.run("dedup/data/part-*", "store", tokenizer=SMALL)
    report = plan(clusters="dedup/clusters.arrow", max_epochs=4)
    passes = {row["factor"]: row["passes"] for row in report.data["by_source"]}
    # Of five times, the cap allows four.
    assert passes == {1: 1, 3: 3, 5: 4}
    assert plan(max_epochs=4).data["documents"]["passes"] == 3
