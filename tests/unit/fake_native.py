"""A stand-in for the compiled module: reads JSON lines, removes equal texts, keeps the contract.

With it the Python half is tested alone: what it asks for, what it does with the answer, and what it
does when the call fails. It imports nothing of glmdata but the errors.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from glmdata.errors import InputError

ORIGIN = pa.struct([("file", pa.string()), ("row", pa.uint64()), ("offset", pa.uint64())])
KEPT = pa.schema(
    [
        ("doc", pa.binary(16)),
        ("id", pa.string()),
        ("text", pa.large_string()),
        ("source", pa.string()),
        ("lang", pa.string()),
        ("origin", ORIGIN),
    ]
)
DECISIONS = pa.schema([("doc", pa.binary(16)), ("keep", pa.bool_()), ("rule", pa.string())])
REMOVED = pa.schema(
    [
        ("doc", pa.binary(16)),
        ("id", pa.string()),
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("kept_doc", pa.binary(16)),
        ("kept_id", pa.string()),
        ("jaccard", pa.float64()),
        ("containment", pa.float64()),
        ("source", pa.string()),
        ("origin", ORIGIN),
    ]
)
PAIRS = pa.schema(
    [
        ("doc_a", pa.binary(16)),
        ("doc_b", pa.binary(16)),
        ("id_a", pa.string()),
        ("id_b", pa.string()),
        ("jaccard", pa.float64()),
        ("containment", pa.float64()),
        ("relation", pa.string()),
        ("difference", pa.string()),
    ]
)


class Progress:
    """Counters that are never moved."""

    def read(self) -> tuple[str, int, int, int]:
        return ("scan", 3, 300, 600)


@dataclass
class FakeNative:
    """Calls are recorded in `calls`; `failure` is raised once half of the work is on the disk."""

    failure: BaseException | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    __version__: str = "0.0.fake"
    Progress: type = Progress

    def dedup(self, inputs: list[str], output: str, options: Any, **limits: Any) -> str:
        self.calls.append(("dedup", {"inputs": inputs, "options": options, **limits}))
        folder = Path(output)
        assert (folder / ".work/start.json").exists()
        assert not (folder / "manifest.json").exists()
        rows, quarantine = [], []
        files = _files(inputs)
        for root, relative, path in files:
            for number, line in enumerate(read_lines(path)):
                key = hashlib.md5(f"{root}\0{relative}\0{number}".encode()).digest()
                origin = {"file": f"{root}/{relative}", "row": number, "offset": 0}
                try:
                    record = json.loads(line)
                    text = record[options.text_field]
                    if not isinstance(text, str):
                        raise TypeError
                except (ValueError, KeyError, TypeError):
                    quarantine.append({"file": relative, "row": number, "reason": "broken_json"})
                    continue
                row = {"doc": key, "id": str(record.get("id", f"{relative}#{number}"))}
                source = record.get("source", root)
                rows.append({**row, "text": text, "source": source, "lang": None, "origin": origin})
        kept, removed = _decide(rows)
        gone = {row["doc"] for row in removed}
        written = [
            _write(folder, "data/part-000000.arrow", KEPT, kept),
            _write(folder, "removed/part-000000.arrow", REMOVED, removed),
        ]
        if self.failure is not None:
            raise self.failure
        decisions = [{"doc": row["doc"], "keep": row["doc"] not in gone} for row in rows]
        written.append(_write(folder, "decisions/part-000000.arrow", DECISIONS, decisions))
        written.append(_write(folder, "pairs.arrow", PAIRS, _variants(kept)))
        written += _write_quarantine(folder, quarantine)
        report = _report(rows, kept, removed, quarantine)
        facts = [
            {
                "root": root,
                "relative": relative,
                "bytes": path.stat().st_size,
                "modified_ns": path.stat().st_mtime_ns,
            }
            for root, relative, path in files
        ]
        run = {"units": len(files), "units_reused": 1 if limits["resume"] else 0}
        return json.dumps({"report": report, "files": written, "inputs": facts, "run": run})

    def rethreshold(
        self, inputs: list[str], stage: str, output: str, options: Any, **limits: Any
    ) -> str:
        self.calls.append(("rethreshold", {"inputs": inputs, "stage": stage, **limits}))
        old = json.loads((Path(stage) / "manifest.json").read_text())
        report = json.loads((Path(stage) / "report.json").read_text())
        written = [_write(Path(output), "decisions/part-000000.arrow", DECISIONS, [])]
        answer = {"report": report, "files": written, "inputs": old["inputs"], "run": {}}
        return json.dumps(answer)

    def plan(self, inputs: list[str], options: Any) -> str:
        files = _files(inputs)
        size = sum(path.stat().st_size for _, _, path in files)
        keys = ("bytes", "expected_text_bytes", "expected_memory_bytes", "expected_disk_bytes")
        return json.dumps({"files": len(files), **dict.fromkeys(keys, size), "notes": ["a note"]})

    def shingles(self, text: str, mode: str) -> list[str]:
        return [f"{mode}:{word}" for word in text.split()]

    def spool_arrow(self, data: Any, path: str) -> int:
        table = pa.table(data)
        # JSON lines under an Arrow name: the only reader here is this stand-in.
        lines = (json.dumps(row) + "\n" for row in table.to_pylist())
        Path(path).write_text("".join(lines))
        return int(table.num_rows)

    def fetch_texts(
        self, inputs: list[str], options: Any, origins: list[tuple[str, str, int]]
    ) -> list[str]:
        places = {(root, relative): path for root, relative, path in _files(inputs)}
        texts = []
        for root, relative, row in origins:
            line = read_lines(places[root, relative])[row]
            texts.append(json.loads(line)[options.text_field])
        return texts

    def simd_level(self) -> str:
        return "portable"


def read_lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def _files(inputs: list[str]) -> list[tuple[str, str, Path]]:
    found: list[tuple[str, str, Path]] = []
    for name in map(Path, inputs):
        if not name.exists():
            raise InputError(f"{name}: gone", path=str(name))
        below = sorted(p for p in name.rglob("*") if p.is_file()) if name.is_dir() else [name]
        base = name if name.is_dir() else name.parent
        label = name.resolve().name
        found.extend((label, path.relative_to(base).as_posix(), path) for path in below)
    return found


def _decide(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    first: dict[str, dict[str, Any]] = {}
    removed = []
    for row in rows:
        original = first.setdefault(row["text"], row)
        if original is not row:
            partner = {"kept_doc": original["doc"], "kept_id": original["id"]}
            figures = {"value": 1.0, "threshold": 1.0, "jaccard": 1.0, "containment": 1.0}
            fixed = {"stage": "dedup", "rule": "exact-raw", **figures, **partner}
            removed.append({**{k: row[k] for k in ("doc", "id", "source", "origin")}, **fixed})
    return list(first.values()), removed


def _variants(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[str, dict[str, Any]] = {}
    pairs = []
    for row in kept:
        other = seen.setdefault(re.sub(r"\d+", "0", row["text"]), row)
        if other is not row:
            ends = {"doc_a": other["doc"], "doc_b": row["doc"], "id_a": other["id"]}
            figures = {"jaccard": 0.9, "containment": 0.95, "relation": "variant"}
            pairs.append({**ends, "id_b": row["id"], **figures, "difference": "numbers"})
    return pairs


def _write(folder: Path, name: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> Any:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.ipc.new_file(str(path), schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema))
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return {"path": name, "rows": len(rows), "bytes": len(data), "sha256": digest}


def _write_quarantine(folder: Path, events: list[dict[str, Any]]) -> list[Any]:
    if not events:
        return []
    path = folder / "quarantine/part-000000.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    data = path.read_bytes()
    name = path.relative_to(folder).as_posix()
    digest = hashlib.sha256(data).hexdigest()
    return [{"path": name, "rows": len(events), "bytes": len(data), "sha256": digest}]


def _report(
    rows: list[Any], kept: list[Any], removed: list[Any], quarantine: list[Any]
) -> dict[str, Any]:
    by_source: dict[str, dict[str, int]] = {}
    gone = Counter(row["source"] for row in removed)
    for source, n in Counter(row["source"] for row in rows).items():
        by_source[source] = {"in": n, "kept": n - gone[source], "removed": gone[source]}
    sizes = [sum(len(row["text"].encode()) for row in part) for part in (rows, kept)]
    return {
        "format_version": 1,
        "stage": "dedup",
        "documents": {
            "in": len(rows) + len(quarantine),
            "kept": len(kept),
            "removed": len(removed),
            "quarantined": len(quarantine),
        },
        "text_bytes": {"in": sizes[0], "kept": sizes[1], "removed": sizes[0] - sizes[1]},
        "removed_by_rule": {
            "exact-raw": len(removed),
            "exact-normalised": 0,
            "fuzzy": 0,
            "contained": 0,
        },
        "variants": len(_variants(kept)),
        "by_source": by_source,
        "by_lang": {},
        "quarantine": {"broken_json": len(quarantine)} if quarantine else {},
        "notes": [],
    }
