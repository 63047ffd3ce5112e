"""The k-th read, write, fsync, rename, open or listing fails, once or for good, in every stage.

Allowed are the same bytes as without the fault, or exit 4 (a refused option or too little memory
would be clean, too) after which the same command gives these bytes. Never a document that is
missing without a word, an internal error, an abort, a wait without an end.
"""

from __future__ import annotations

import errno
import gzip
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.property.crawls import crawl_documents
from tests.property.server import CALLS, NOTHING_FAILS, Fault, Server, fault_library
from tests.property.stages import digests
from tests.property.texts import Document

ERRNO = {"write": errno.ENOSPC, "rename": errno.EIO}
EVER = 1 << 40

WORKSPACE = ("--workspace", "w", "--output", "new")
VERBS: dict[str, tuple[str, ...]] = {
    "dedup": ("dedup", "--input", "crawl/", "--output", "new/s"),
    "index": ("dedup", "--input", "crawl/", "--index", "new/index", "--output", "new/s"),
    "rethreshold": ("dedup", "--rethreshold", "0.9", "--stage", "w/dedup", "--output", "new"),
    "lines": ("dedup", "--input", "crawl/", "--line-dedup", "2", "--output", "new"),
    "substrings": ("dedup", "--input", "crawl/", "--substring-dedup", "10", "--output", "new"),
    "filter": ("filter", "--input", "crawl/", "--preset", "none", "--output", "new"),
    "decided": ("filter", *WORKSPACE),
    "tag": ("filter", "--input", "crawl/", "--tag", "--output", "new"),
    "tokenizer": (
        *("train-tokenizer", *WORKSPACE, "--base", "none", "--no-numbers"),
        *("--vocab-size", "400", "--min-documents", "0"),
    ),
    "shard": ("shard", "--tokenizer", "w/tokenizer", *WORKSPACE),
    "mix": ("mix", "--row-length", "64", *WORKSPACE),
    "materialize": ("materialize", "--input", "w/mix", "--output", "new"),
    "export": ("export", "--input", "w/shard", "--output", "new"),
    "vocabulary": (
        *("tokenizer", "export", "w/tokenizer", "--format", "huggingface"),
        *("--output", "new"),
    ),
    "report": ("report", "--workspace", "w", "--output", "new"),
    "verify": ("verify", "w/filter"),
    "run": ("run", "r.toml", "--workspace", "new"),
}
"""What is run; each writes below `new`, if it writes."""

RECIPE = (
    "[pipeline]\ninput = ['crawl/']\n[dedup]\n[filter]\nwrite = 'all'\npreset = 'none'\n"
    "[tokenizer]\nbase = 'none'\nnumbers = false\nvocab_size = 400\nmin_documents = 0\n"
    "[shard]\n[mix]\nrow_length = 64\n"
)


def write_every_form(folder: Path, documents: list[Document]) -> None:
    """The documents, spread over files of every form of crawl."""
    folder.mkdir()
    forms = 6
    parts = [documents[n::forms] for n in range(forms)]
    lines = [
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in part).encode()
        for part in parts
    ]
    tables = [pa.Table.from_pylist([dict(record) for record in part]) for part in parts]
    (folder / "a.jsonl").write_bytes(lines[0])
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(lines[1], mtime=0))
    (folder / "c.jsonl.zst").write_bytes(zstandard.compress(lines[2]))
    pq.write_table(tables[3], folder / "d.parquet", row_group_size=20)
    with pa.ipc.new_file(str(folder / "e.arrow"), tables[4].schema) as sink:
        sink.write_table(tables[4], max_chunksize=20)
    with pa.ipc.new_stream(str(folder / "f.arrow"), tables[5].schema) as sink:
        sink.write_table(tables[5], max_chunksize=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A finished workspace `w` beside its crawl, and who runs verbs there."""
    folder = tmp_path_factory.mktemp("faults")
    place = folder / "place"
    place.mkdir()
    write_every_form(place / "crawl", crawl_documents(5, 180, 60))
    (place / "r.toml").write_text(RECIPE)
    # A machine that does other things at once is no hang.
    server = Server(place, seconds=180, preload=fault_library(folder))
    try:
        assert server.run(("run", "r.toml", "--workspace", "w")) == 0, server.said()
        yield server
    finally:
        server.close()


def emptied(server: Server) -> Path:
    new = server.folder / "new"
    shutil.rmtree(new, ignore_errors=True)
    return new


def written(new: Path) -> dict[str, str]:
    """The page to read shows how long a run took; all else is the same in equal runs."""
    found = digests(new) if new.exists() else {}
    return {name: digest for name, digest in found.items() if not name.endswith("report.html")}


def check(server: Server, verb: str, fault: Fault, whole: dict[str, str]) -> str | None:
    """What is wrong with a run during which calls fail; None if nothing is."""
    new = emptied(server)
    code = server.run(VERBS[verb], fault)
    case = f"{verb}: {fault}: exit {code}\n{server.said()[-1500:]}"
    if "Traceback" in case:
        return case
    if code == 0:
        return None if written(new) == whole else f"{case}: other bytes"
    # A file that cannot be read is what `verify` is asked about: 1 is its answer.
    if code not in (2, 4, 5) and (verb, code) != ("verify", 1):
        return case
    if server.run(VERBS[verb]) != 0:
        return f"{case}: a rerun fails: {server.said()[-1500:]}"
    if written(new) != whole:
        other = [name for name, digest in written(new).items() if whole.get(name) != digest]
        return f"{case}: a rerun writes other bytes: {other}"
    return None


def unharmed(server: Server, verb: str) -> tuple[dict[str, int], dict[str, str]]:
    """How many calls of each kind a verb makes, and what it writes, when nothing fails."""
    emptied(server)
    assert server.run(VERBS[verb], NOTHING_FAILS) == 0, server.said()
    return server.calls(), written(server.folder / "new")


def attack(server: Server, verb: str, places: int) -> list[str]:
    """Let calls fail at so many places of each kind, once and for good; or at one in one way."""
    calls, whole = unharmed(server, verb)
    # A verb that differs from itself could be judged by nothing.
    new = emptied(server)
    assert server.run(VERBS[verb]) == 0
    assert written(new) == whole
    rng = random.Random(f"{verb} {places}")
    wrong = []
    for call in CALLS:
        numbers = range(1, calls[call] + 1)
        for first in sorted(rng.sample(numbers, min(places, len(numbers)))):
            lasting = (first, EVER) if places > 1 else (rng.choice((first, EVER)),)
            for last in lasting:
                fault = Fault(call, first, last, ERRNO.get(call, errno.EIO))
                wrong.append(check(server, verb, fault, whole))
    return [case for case in wrong if case is not None]


def test_a_fault_that_is_not_told_would_be_seen(server: Server) -> None:
    """A system that says of files that they are in place, and they are not."""
    calls, whole = unharmed(server, "dedup")
    silent = (Fault("rename", k, k, 0) for k in range(1, calls["rename"] + 1))
    assert any(check(server, "dedup", fault, whole) for fault in silent)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_few_faults_lose_nothing(server: Server, verb: str) -> None:
    assert attack(server, verb, 1) == []


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_faults_anywhere_lose_nothing(server: Server, verb: str) -> None:
    assert attack(server, verb, 20) == []
