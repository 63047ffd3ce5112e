"""Token stores of documents of given lengths, written with pyarrow, and plans read back."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from glmdata.reference.mix import Document

EOD = 900
MARKS = {"[MASK]": 901, "[gMASK]": 902, "<sop>": 903, "<eop>": 904, "[sMASK]": 908}
FIM = {"<|fim_prefix|>": 905, "<|fim_suffix|>": 906, "<|fim_middle|>": 907}
SPECIALS = {"<|endoftext|>": EOD, **MARKS, **FIM}
SCHEMA = pa.schema(
    [
        pa.field("doc", pa.binary(16), nullable=False),
        pa.field(
            "tokens",
            pa.large_list(pa.field("item", pa.uint32(), nullable=False)),
            nullable=False,
        ),
        pa.field("n_tokens", pa.uint32(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
    ],
    metadata={
        "glmdata.format": "1",
        "glmdata.tokenizer_sha256": "0" * 64,
        "glmdata.rows": "1024",
        "glmdata.eod_id": str(EOD),
        "glmdata.special_ids": json.dumps(SPECIALS),
        "glmdata.sentence_ends": "AAAA",
    },
)


@dataclass(frozen=True)
class Text:
    """A document by what a planner sees of it."""

    source: str
    lang: str
    tokens: int

    def key(self, number: int) -> bytes:
        """Equal for any place in the store."""
        return hashlib.md5(f"{self.source} {self.lang} {number}".encode()).digest()


def write_store(
    texts: Sequence[Text], folder: str = "store", *, rows: int = 1 << 20, batch: int = 7
) -> list[Document]:
    """Write texts as a complete store, `rows` a shard; the documents as the reference has them."""
    by_source: dict[str, list[tuple[int, Text]]] = defaultdict(list)
    for number, text in enumerate(texts):
        by_source[text.source].append((number, text))
    parts = [
        (f"{source}/part-{at // rows:06}.arrow", own[at : at + rows])
        for source, own in sorted(by_source.items())
        for at in range(0, len(own), rows)
    ]
    documents, files = [], []
    for shard, (path, own) in enumerate(sorted(parts)):
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_shard(target, own, batch)
        data = target.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        files.append({"path": path, "rows": len(own), "bytes": len(data), "sha256": sha256})
        documents += [
            Document(text.key(number), (text.source, text.lang, 1), text.tokens, shard, row)
            for row, (number, text) in enumerate(own)
        ]
    manifest = {
        "format_version": 2,
        "status": "complete",
        "stage": "shard",
        "config": {},
        "config_sha256": "1" * 64,
        "inputs": [],
        "files": files,
    }
    Path(folder, "manifest.json").write_text(json.dumps(manifest))
    return documents


def _write_shard(target: Path, own: Sequence[tuple[int, Text]], batch: int) -> None:
    with pa.OSFile(str(target), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        for at in range(0, len(own), batch):
            some = own[at : at + batch]
            columns = [
                pa.array([text.key(number) for number, text in some], pa.binary(16)),
                pa.array([range(text.tokens) for _, text in some], SCHEMA.field("tokens").type),
                pa.array([text.tokens for _, text in some], pa.uint32()),
                pa.array([text.source for _, text in some]),
                pa.array([text.lang or None for _, text in some], pa.string()),
            ]
            writer.write_batch(pa.record_batch(columns, schema=SCHEMA))


def read_plan(folder: str = "mix") -> list[dict[str, Any]]:
    """The rows of a plan, in order."""
    rows = []
    for path in sorted(Path(folder, "plan").glob("part-*.arrow")):
        with pa.memory_map(str(path)) as file:
            rows += pa.ipc.open_file(file).read_all().to_pylist()
    return rows
