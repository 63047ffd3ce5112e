"""Small token stores and pack plans, written with pyarrow as shard and mix leave them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

EOD = 1_000
PAD = 1_000
SPECIAL_IDS = {
    "[MASK]": 1_001,
    "[gMASK]": 1_002,
    "<sop>": 1_003,
    "<eop>": 1_004,
    "<|fim_prefix|>": 1_005,
    "<|fim_suffix|>": 1_006,
    "<|fim_middle|>": 1_007,
    "[sMASK]": 1_008,
}
ENDERS = frozenset(n for n in range(EOD) if n % 11 in (3, 4))
"""Tokens that end a sentence."""

Documents = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]
"""Source -> shards -> documents with `tokens` and perhaps `loss_spans` and `lang`."""

SPANS = pa.large_list(pa.struct([("start", pa.uint32()), ("end", pa.uint32())]))
PARTS = pa.large_list(
    pa.struct(
        [
            ("shard", pa.uint32()),
            ("row", pa.uint32()),
            ("start", pa.uint32()),
            ("length", pa.uint32()),
            ("repeat", pa.uint16()),
            ("eod", pa.bool_()),
        ]
    )
)
PLAN = pa.schema(
    [
        ("parts", PARTS),
        ("n_tokens", pa.uint32()),
        ("mode", pa.uint8()),
        ("seed", pa.uint64()),
        ("weight", pa.float32()),
        ("bucket", pa.uint32()),
    ]
)
SHARDS = pa.schema(
    [
        ("shard", pa.uint32()),
        ("path", pa.utf8()),
        ("rows", pa.uint64()),
        ("tokens", pa.uint64()),
        ("sha256", pa.utf8()),
        ("source", pa.utf8()),
    ]
)


def key_of(shard: int, row: int) -> bytes:
    return hashlib.md5(f"{shard} {row}".encode(), usedforsecurity=False).digest()


def write_store(
    folder: Path, documents: Documents, *, batch: int = 3, eod: int | None = None
) -> list[dict[str, Any]]:
    """Write the shards and the manifest; returns what plan/shards.arrow says of them."""
    shards: list[dict[str, Any]] = []
    for source, parts in sorted(documents.items()):
        for number, rows in enumerate(parts):
            name = f"{source}/part-{number:06d}.arrow"
            columns = {
                "doc": pa.array(
                    [key_of(len(shards), row) for row in range(len(rows))], pa.binary(16)
                ),
                "tokens": pa.array([row["tokens"] for row in rows], pa.large_list(pa.uint32())),
                "n_tokens": pa.array([len(row["tokens"]) for row in rows], pa.uint32()),
                "source": pa.array([source] * len(rows), pa.utf8()),
                "lang": pa.array([row.get("lang") for row in rows], pa.utf8()),
            }
            if any("loss_spans" in row for row in rows):
                spans = [row.get("loss_spans") for row in rows]
                columns["loss_spans"] = pa.array(spans, SPANS)
            table = pa.table(columns)
            if eod is not None:
                table = table.replace_schema_metadata({"glmdata.eod_id": str(eod)})
            write_arrow(folder / name, table, batch)
            tokens = sum(len(row["tokens"]) for row in rows)
            facts = {"path": name, "rows": len(rows), "tokens": tokens, "source": source}
            shards.append({"shard": len(shards), **facts, "sha256": sha256(folder / name)})
    write_manifest(folder, "shard", [shard["path"] for shard in shards])
    return shards


def _bits(numbers: Collection[int]) -> str:
    bits = sum(1 << number for number in numbers)
    return base64.b64encode(bits.to_bytes(EOD // 8 + 1, "little")).decode()


def write_plan(
    folder: Path,
    shards: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    row_length: int,
    files: int = 1,
    batch: int = 2,
    store: str = "../store",
    seed: int = 7,
    **config: Any,
) -> None:
    """Write rows of {parts, and what differs from the usual} as a mix stage."""
    metadata = {
        "glmdata.format": "1",
        "glmdata.stage": "mix",
        "glmdata.row_length": str(row_length),
        "glmdata.eod_id": str(EOD),
        "glmdata.pad_id": str(PAD),
        "glmdata.seed": str(seed),
        "glmdata.special_ids": json.dumps(SPECIAL_IDS),
        "glmdata.sentence_ends": _bits(ENDERS),
    }
    usual = {"mode": 0, "seed": 0, "weight": 1.0, "bucket": row_length}
    full = [
        {**usual, "n_tokens": sum(p["length"] + p["eod"] for p in row["parts"]), **row}
        for row in rows
    ]
    names = []
    for number in range(files):
        share = full[len(full) * number // files : len(full) * (number + 1) // files]
        table = pa.Table.from_pylist(share, PLAN).replace_schema_metadata(metadata)
        names.append(f"plan/part-{number:06d}.arrow")
        write_arrow(folder / names[-1], table, batch)
    write_arrow(folder / "plan/shards.arrow", pa.Table.from_pylist(list(shards), SHARDS), 1_000)
    write_manifest(folder, "mix", [*names, "plan/shards.arrow"], config)
    (folder / "run.json").write_text(json.dumps({"store": store}))


def concat(shards: Sequence[Sequence[int]], row_length: int) -> list[dict[str, Any]]:
    """Rows of documents one after the other, each with its separator, cut where a row ends.

    `shards` are the lengths of the documents of each shard.
    """
    rows: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    room = row_length
    for shard, lengths in enumerate(shards):
        for row, n_tokens in enumerate(lengths):
            start = 0
            while start <= n_tokens:
                length = min(room, n_tokens - start)
                eod = start + length == n_tokens and length < room
                facts = {"shard": shard, "row": row, "start": start, "length": length}
                parts.append({**facts, "repeat": 0, "eod": eod})
                room -= length + eod
                start += length + eod
                if not room:
                    rows.append({"parts": parts})
                    parts, room = [], row_length
    return [*rows, {"parts": parts}] if parts else rows


def write_arrow(path: Path, table: pa.Table, batch: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)


def write_manifest(
    folder: Path, stage: str, names: Sequence[str], config: Mapping[str, Any] | None = None
) -> None:
    files = []
    for name in names:
        path = folder / name
        with pa.OSFile(str(path), "rb") as file:
            rows = pa.ipc.open_file(file).read_all().num_rows
        facts = {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256(path)}
        files.append({"path": name, **facts})
    content = {"format_version": 2, "stage": stage, "status": "complete"}
    content |= {"config": dict(config or {}), "config_sha256": "", "inputs": [], "files": files}
    (folder / "manifest.json").write_text(json.dumps(content))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
