"""Training rows beside their slow twin, over many layouts of store and plan."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import TokenRows
from glmdata.errors import ConfigError, CorruptDataError, InputError, MissingFileError
from glmdata.reference.rows import causal_row
from glmdata.rows import block_diagonal_mask
from tests.property.plans import EOD, PAD, concat, key_of, write_plan, write_store
from tests.sealed import reseal

Documents = dict[str, list[list[dict[str, Any]]]]


def spans_of(tokens: list[int]) -> st.SearchStrategy[Any]:
    places = st.lists(st.integers(0, len(tokens)), max_size=4, unique=True).map(sorted)
    pairs = places.map(
        lambda p: [{"start": a, "end": b} for a, b in zip(p[::2], p[1::2], strict=False)]
    )
    return st.none() | pairs


some_tokens = st.lists(st.integers(0, 2**32 - 1), max_size=12)
some_documents = st.lists(
    some_tokens.flatmap(
        lambda tokens: st.fixed_dictionaries(
            {"tokens": st.just(tokens)}, optional={"loss_spans": spans_of(tokens)}
        )
    ),
    min_size=1,
    max_size=8,
)
some_store = st.dictionaries(
    st.sampled_from(["web", "书"]), st.lists(some_documents, min_size=1, max_size=2), min_size=1
)


def flat(store: Documents) -> list[list[dict[str, Any]]]:
    """The shards of a store, in the order they are numbered."""
    return [shard for _, shards in sorted(store.items()) for shard in shards]


def make(store: Documents, row_length: int = 8, **layout: Any) -> list[dict[str, Any]]:
    """Write store/ and mix/; returns the rows of the plan."""
    for name in ("store", "mix"):
        shutil.rmtree(name, ignore_errors=True)
    lengths = [[len(document["tokens"]) for document in shard] for shard in flat(store)]
    rows = concat(lengths, row_length)
    write_plan(
        Path("mix"), write_store(Path("store"), store), rows, row_length=row_length, **layout
    )
    return rows


def plain(documents: int = 9, shards: int = 2) -> Documents:
    """A store whose every id tells where it stands."""
    return {
        "web": [
            [{"tokens": [s * 400 + d * 20 + t for t in range(d % 7)]} for d in range(documents)]
            for s in range(shards)
        ]
    }


@settings(deadline=None)
@given(some_store, st.integers(1, 9), st.integers(1, 3), st.integers(1, 4))
def test_rows_equal_those_of_the_twin(
    store: Documents, row_length: int, files: int, batch: int
) -> None:
    planned = make(store, row_length, files=files, batch=batch)
    documents = {
        (s, d): {"loss_spans": None, **document}
        for s, shard in enumerate(flat(store))
        for d, document in enumerate(shard)
    }
    rows = TokenRows("mix")
    assert len(rows) == len(planned)
    for row, plan in zip(rows, planned, strict=True):
        expected = causal_row({"bucket": row_length, **plan}, documents, EOD, PAD)
        found = {name: values.tolist() for name, values in row.items()}
        assert found.pop("loss_weight") == 1.0
        assert found == expected


def test_every_token_of_the_store_comes_once_and_arrays_are_as_stated() -> None:
    make(plain(), 8)
    rows = TokenRows("mix")
    assert rows.row_length == 8
    read = [row["input_ids"][row["doc_ids"] >= 0] for row in rows]
    separators = sum(len(shard) for shard in flat(plain()))
    ids = [token for shard in flat(plain()) for row in shard for token in row["tokens"]]
    together = np.concatenate(read)
    assert together[together != EOD].tolist() == ids
    assert (together == EOD).sum() == separators
    row = rows[0]
    types = {name: (values.dtype.name, values.shape) for name, values in row.items()}
    cu_seqlens = row["cu_seqlens"]
    assert types == {
        "input_ids": ("int64", (8,)),
        "labels": ("int64", (8,)),
        "position_ids": ("int64", (8,)),
        "doc_ids": ("int32", (8,)),
        "cu_seqlens": ("int32", cu_seqlens.shape),
        "loss_weight": ("float32", ()),
    }
    assert cu_seqlens[0] == 0
    assert cu_seqlens[-1] == 8
    assert TokenRows("mix", dtype="int32")[0]["labels"].dtype == np.int32
    assert (rows[-1]["input_ids"] == rows[len(rows) - 1]["input_ids"]).all()
    for outside in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            rows[outside]


def test_weights_and_buckets_come_from_the_plan() -> None:
    shards = write_store(Path("store"), {"web": [[{"tokens": [1, 2, 3]}]]})
    part = {"shard": 0, "row": 0, "start": 0, "length": 3, "repeat": 2, "eod": True}
    rows = [{"parts": [part], "bucket": 4, "weight": 0.25}, {"parts": [part], "bucket": 16}]
    write_plan(Path("mix"), shards, rows, row_length=16)
    first, second = TokenRows("mix")
    assert first["input_ids"].tolist() == [1, 2, 3, EOD]
    assert first["loss_weight"] == 0.25
    assert second["input_ids"].shape == (16,)


def test_the_mask_lets_documents_alone() -> None:
    make(plain(), 8)
    batch = np.stack([row["doc_ids"] for row in TokenRows("mix")])
    mask = block_diagonal_mask(batch)
    assert mask.shape == (*batch.shape, 8)
    for row, doc_ids in enumerate(batch):
        for query in range(8):
            for key in range(8):
                allowed = key <= query and doc_ids[key] == doc_ids[query]
                assert mask[row, query, key] == allowed


def test_a_step_names_its_documents() -> None:
    planned = make(plain(), 8)
    rows = TokenRows("mix")
    slices = rows.rows_at(1, 3)
    assert sorted({part.position for part in slices}) == [3, 4, 5]
    for part in slices:
        mine = [s for s in slices if s.position == part.position]
        wanted = planned[part.row]["parts"][mine.index(part)]
        assert (part.start, part.length, part.repeat) == (wanted["start"], wanted["length"], 0)
        assert part.doc == key_of(wanted["shard"], wanted["row"]).hex()
        assert part.shard == f"web/part-{wanted['shard']:06d}.arrow"
        assert part.source == "web"
    # Every row is named once in a pass, and the next pass comes in another order.
    one = [part.row for step in range(len(rows)) for part in rows.rows_at(step, 1)]
    two = [part.row for step in range(len(rows)) for part in rows.rows_at(step, 1, start=len(rows))]
    assert set(one) == set(range(len(rows)))
    assert sorted(one) == sorted(two)
    assert one != two
    assert rows.rows_at(0, 3, start=3) == slices
    assert rows.rows_at(1, 3, seed=8) != slices


def _read(rows: TokenRows) -> list[list[int]]:
    return [row["input_ids"].tolist() for row in rows]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_read_the_same(method: str) -> None:
    make(plain(), 8, files=2)
    rows = TokenRows("mix")
    before = _read(rows)
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_read, [rows, rows]) == [before, before]
    # What travels is names, not files.
    assert len(pickle.dumps(rows)) < 2_000


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_shards_are_mapped_when_read_and_no_file_stays_open() -> None:
    make(plain(3, shards=20), 8)
    rows = TokenRows("mix")
    Path("store/web/part-000019.arrow").unlink()
    held = open_files()
    for row in range(10):
        rows[row]
    assert open_files() == held
    with pytest.raises(MissingFileError, match="part-000019"):
        _read(rows)


def test_the_store_is_the_one_of_the_plan() -> None:
    make(plain(), 8)
    Path("store").rename("moved")
    with pytest.raises(MissingFileError, match="no manifest"):
        TokenRows("mix")
    before = _read(TokenRows("mix", "moved"))
    other = plain()
    other["web"][1][6]["tokens"][0] = 77
    write_store(Path("store"), other)
    with pytest.raises(
        ConfigError, match=r"web/part-000001.arrow with sha256 .* found another one"
    ):
        TokenRows("mix")
    after = _read(TokenRows("mix", allow_changed_store=True))
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_damage_is_named() -> None:
    with pytest.raises(MissingFileError, match="expected a pack plan"):
        TokenRows("mix")
    make(plain(), 8)
    with pytest.raises(InputError, match="found a shard stage"):
        TokenRows("store")
    with pytest.raises(ConfigError, match="expected int64 or int32"):
        TokenRows("mix", dtype="uint16")
    shards = write_store(Path("store"), plain())
    part = {"shard": 0, "row": 0, "start": 0, "length": 1, "repeat": 0, "eod": False}
    wrong = {
        "expects ids 0 to 1, found a document of 0": {"parts": [part]},
        "expected 0 to 8": {"parts": [{**part, "row": 9}]},
        "names shard 2 of 2": {"parts": [{**part, "shard": 2}]},
        "expected a row of 5 tokens": {"parts": [{**part, "row": 1}], "n_tokens": 5},
        "found 9": {"parts": [{**part, "row": 1}], "mode": 9},
    }
    for message, row in wrong.items():
        write_plan(Path("mix"), shards, [row], row_length=8)
        with pytest.raises(CorruptDataError, match=message):
            TokenRows("mix")[0]
    manifest = json.loads(Path("mix/manifest.json").read_text())
    manifest["files"][0]["rows"] = 5
    reseal(Path("mix/manifest.json"), manifest)
    with pytest.raises(CorruptDataError, match="expected 5 rows, found 1"):
        TokenRows("mix")


def test_a_compressed_or_foreign_store_is_refused() -> None:
    make(plain(), 8)
    path = Path("store/web/part-000000.arrow")
    table = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
    for change in ("zstd", "uint16", "nonsense"):
        with pa.OSFile(str(path), "wb") as file:
            if change == "nonsense":
                file.write(b"nonsense")
                continue
            codec = "zstd" if change == "zstd" else None
            if change == "uint16":
                tokens = pa.array([[1]] * table.num_rows, pa.large_list(pa.uint16()))
                table = table.set_column(1, "tokens", tokens)
            options = pa.ipc.IpcWriteOptions(compression=codec)
            with pa.ipc.new_file(file, table.schema, options=options) as writer:
                writer.write_table(table)
        with pytest.raises(CorruptDataError, match="expected an uncompressed Arrow file"):
            _read(TokenRows("mix", allow_changed_store=True))
