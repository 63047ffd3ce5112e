"""The token store: rows beside the slow twin, the same bytes for any number of threads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import Tokenizer, dedup, filter, shard
from glmdata.errors import ConfigError
from glmdata.reference import bpe
from glmdata.shard import ShardReport
from glmdata.shard.sentences import sentence_ends
from glmdata.tokenizer import glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN
from tests.property.tokenizers import ALPHABETS, SAMPLE, ranks_text, trained_ranks
from tests.sealed import reseal

RANKS = trained_ranks(SAMPLE, 300)
SMALL = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS)))

some_documents = st.lists(
    st.tuples(
        st.text(alphabet="".join(ALPHABETS), max_size=30) | st.just("渔民<|endoftext|>河口"),
        st.sampled_from([None, "zh", "en"]),
        st.sampled_from(["web", "书", "../up", ""]),
    ),
    min_size=1,
    max_size=30,
)


def crawl(documents: list[tuple[str, str | None, str]], files: int = 1) -> str:
    shutil.rmtree("crawl", ignore_errors=True)
    Path("crawl").mkdir()
    for file in range(files):
        lines = [
            json.dumps({"text": text, "lang": lang, "source": source})
            for text, lang, source in documents[file::files]
        ]
        Path("crawl", f"{file}.jsonl").write_text("".join(line + "\n" for line in lines))
    return "crawl"


def write(input: object, output: str = "store", **options: Any) -> ShardReport:
    return shard.run(input, output, tokenizer=SMALL, **options)


def shards(folder: str = "store") -> dict[str, bytes]:
    found = sorted(Path(folder).glob("*/part-*.arrow"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def rows(folder: str = "store") -> list[dict[str, Any]]:
    read = []
    for path in sorted(Path(folder).glob("*/part-*.arrow")):
        with pa.memory_map(str(path)) as file:
            read += pa.ipc.open_file(file).read_all().to_pylist()
    return read


@settings(deadline=None)
@given(some_documents, st.integers(1, 3), st.integers(1, 5))
def test_rows_equal_those_of_the_twin(
    documents: list[tuple[str, str | None, str]], files: int, threads: int
) -> None:
    # An empty source is none: the label of the input root stands for it.
    expected = sorted(
        (source or "crawl", lang or "", bpe.encode(text, RANKS)) for text, lang, source in documents
    )
    report = write(crawl(documents, files), threads=threads, fresh=True, shard_size=200)
    found = rows()
    assert sorted((row["source"], row["lang"] or "", row["tokens"]) for row in found) == expected
    assert all(row["n_tokens"] == len(row["tokens"]) for row in found)
    assert len({row["doc"] for row in found}) == len(documents)
    assert report.data["documents"]["kept"] == len(documents)
    assert report.data["tokens"] == sum(len(ids) for _, _, ids in expected)
    # Every source stays below the folder.
    assert not Path("up").exists()
    assert not Path("../up").exists()


def many() -> list[tuple[str, str | None, str]]:
    return [
        (f"{SAMPLE[: n % 97]} {n}", "zh" if n % 3 else None, ("web", "书")[n % 2])
        for n in range(4_000)
    ]


def test_threads_change_no_byte_and_keys_are_those_of_every_stage() -> None:
    input = crawl(many(), 5)
    write(input, "one", threads=1, shard_size="16kB")
    write(input, "many", threads=4, shard_size="16kB")
    assert shards("one") == shards("many")
    assert len(shards("one")) > 4, "shards were cut"
    for data in shards("one").values():
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
        assert sum(table["n_tokens"].to_pylist()) * 4 <= 16_000
    manifests = [json.loads(Path(name, "manifest.json").read_text()) for name in ("one", "many")]
    assert manifests[0] == manifests[1]


def test_keys_are_those_of_every_stage_in_a_file_of_several_units() -> None:
    # Only files of more than 16 MiB are cut, and rows then count from the start of a unit.
    text = "渔民 mends nets. " * 60
    lines = [json.dumps({"text": f"{text}{n}"}) for n in range(12_000)]
    lines[11_000] = "{broken"
    Path("crawl").mkdir()
    path = Path("crawl/big.jsonl")
    path.write_text("".join(line + "\n" for line in lines))
    assert path.stat().st_size > 17 << 20
    write("crawl")
    dedup.run("crawl", "dedup", write="decisions")
    keys = []
    for part in sorted(Path("dedup/decisions").iterdir()):
        keys += [row["doc"] for row in pa.ipc.open_file(part).read_all().to_pylist()]
    ours = [row["doc"] for row in rows()]
    assert len(ours) == len(lines) - 1
    assert [key for key in keys if key in set(ours)] == ours
    event = json.loads(Path("store/quarantine/part-000000.jsonl").read_text())
    assert event["row"] == 11_000


def test_a_document_keeps_its_key_through_the_stages() -> None:
    input = crawl(many(), 3)
    shutil.copy("crawl/1.jsonl", "crawl/copy.jsonl")
    dedup.run(input, "glmdata-out/dedup")
    write(None, "after-dedup", workspace="glmdata-out")
    filter.run(None, None, preset="none", lang_id="keep", workspace="glmdata-out")
    write(None, "after-filter", workspace="glmdata-out")
    write(input, "raw")
    keys = {row["doc"] for row in rows("raw")}
    for folder, stage in (("after-dedup", "dedup"), ("after-filter", "filter")):
        found = [row["doc"] for row in rows(folder)]
        assert len(found) < len(keys), "duplicates were removed"
        assert len(found) == len(set(found))
        assert set(found) <= keys
        parents = json.loads(Path(folder, "manifest.json").read_text())["parents"]
        assert [parent["stage"] for parent in parents] == [stage, "tokenizer"]
    assert rows("after-dedup") == rows("after-filter")


def test_the_token_behind_documents_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"no special token `<\|endoftext>`") as raised:
        write(crawl(many()), eod="<|endoftext>")
    assert raised.value.hint == "did you mean `<|endoftext|>`?"
    assert not Path("store").exists()


def test_the_schema_is_the_token_stores() -> None:
    write(crawl(many()))
    path = next(iter(Path("store/web").iterdir()))
    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file)
        schema = reader.schema
        before = pa.total_allocated_bytes()
        table = reader.read_all()
        # Uncompressed buffers are read where they lie.
        assert pa.total_allocated_bytes() == before
    assert table.num_rows == 2_000
    assert schema.field("doc").type == pa.binary(16)
    assert schema.field("tokens").type.equals(
        pa.large_list(pa.field("item", pa.uint32(), nullable=False))
    )
    assert schema.field("n_tokens").type == pa.uint32()
    assert schema.names == ["doc", "tokens", "n_tokens", "source", "lang"]
    manifest = json.loads(Path("store/manifest.json").read_text())
    named = {k: v for k, v in SMALL.special_tokens.items() if not k.startswith("<|reserved")}
    assert len(named) == 14
    assert schema.metadata == {
        b"glmdata.format": b"1",
        b"glmdata.tokenizer_sha256": SMALL.sha256.encode(),
        b"glmdata.config_sha256": manifest["config_sha256"].encode(),
        b"glmdata.rows": str(SMALL.rows).encode(),
        b"glmdata.stage": b"shard",
        b"glmdata.eod_id": str(SMALL.special_tokens["<|endoftext|>"]).encode(),
        b"glmdata.special_ids": json.dumps(named).encode(),
        b"glmdata.sentence_ends": sentence_ends(SMALL._native.to_tiktoken()).encode(),
    }


def test_a_second_run_has_nothing_to_do_and_half_a_store_is_made_whole() -> None:
    input = crawl(many(), 2)
    assert not write(input).already_complete
    assert write(input).already_complete
    with pytest.raises(ConfigError, match="tokenizer was"):
        shard.run(input, "store", tokenizer=Tokenizer.load("cl100k_base"))
    before = shards()
    # What a kill leaves: no manifest, a shard missing, half a file.
    manifest = json.loads(Path("store/manifest.json").read_text())
    Path("store/manifest.json").unlink()
    Path("store/web/part-000000.arrow").unlink()
    Path("store/web/.tmp-half").write_bytes(b"half")
    Path("store/.work").mkdir()
    inputs = [{**entry, "modified_ns": int(entry["modified_ns"])} for entry in manifest["inputs"]]
    begun = {key: manifest[key] for key in ("config", "config_sha256")} | {"inputs": inputs}
    reseal(Path("store/.work/start.json"), begun)
    write(input)
    assert shards() == before
    assert json.loads(Path("store/manifest.json").read_text()) == manifest
    assert not list(Path("store").rglob(".*"))


KILLED = """
import sys
from glmdata import shard
from glmdata.tokenizer import Tokenizer
shard.run("crawl", "store", tokenizer=Tokenizer.load("small"), threads=2, shard_size="64kB")
"""


def test_a_run_that_is_killed_anywhere_goes_on() -> None:
    SMALL.save("small")
    documents = [(f"{SAMPLE} {n} " * 40, None, ("web", "书")[n % 2]) for n in range(6_000)]
    input = crawl(documents, 60)
    expected = write(input, "whole", shard_size="64kB")
    assert expected.run["units_reused"] == 0
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    kept = 0
    for more in (3, 10, 10):
        process = subprocess.Popen([sys.executable, "-c", KILLED], env=environment)
        wanted = kept + more
        while kept < wanted and process.poll() is None:
            kept = len(list(Path("store").glob(".work/unit-*.tokens")))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    kept = len(list(Path("store").glob(".work/unit-*.tokens")))
    assert 23 <= kept < 60
    report = write(input, "store", shard_size="64kB")
    assert report.run["units"] == 60
    assert report.run["units_reused"] == kept
    assert shards("store") == shards("whole")
    manifests = [json.loads(Path(name, "manifest.json").read_text()) for name in ("store", "whole")]
    assert manifests[0] == manifests[1]
    assert not list(Path("store").rglob(".*"))


def test_fresh_removes_the_shards_of_another_run_and_nothing_else() -> None:
    write(crawl([("a", None, "old"), ("b", None, "quarantine")]))
    Path("store/old/mine.txt").write_text("x")
    write(crawl([("a", None, "new")]), fresh=True)
    assert list(shards()) == ["new/part-000000.arrow"]
    assert [path.name for path in Path("store/old").iterdir()] == ["mine.txt"]
