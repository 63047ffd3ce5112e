"""Whether the counts of a stage add up: manifest, report, and rows of files.

Each check looks for what it compares and passes over a stage that has it not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from glmdata.stage.manifest import MANIFEST_FILE, REPORT_FILE, Manifest

_WAYS = ("kept", "removed", "quarantined")


def wrong_sums(folder: Path, manifest: Manifest, report: Mapping[str, Any]) -> list[str]:
    """Counts that contradict each other, as sentences.

    Parameters
    ----------
    folder
        The stage folder, whose files are those of the manifest.
    manifest, report
        Its manifest.json and report.json.
    """
    found = [
        *_documents(report),
        *_counts(manifest, report),
        *_rows(manifest, report),
        *_tokens(folder, manifest, report),
    ]
    return [
        f"{what}: expected {expected:,} ({why}), found {found:,}"
        for what, expected, why, found in found
        if expected != found
    ]


Check = tuple[str, int, str, int]
"""What, the number expected, why, and the number found."""


def _documents(report: Mapping[str, Any]) -> Iterator[Check]:
    documents = report.get("documents")
    if not isinstance(documents, dict) or not set(_WAYS) < set(documents):
        return
    out = sum(documents[way] for way in _WAYS)
    yield "documents in", out, "kept + removed + quarantined", documents["in"]
    for table in ("by_source", "by_lang"):
        rows = report.get(table)
        if not isinstance(rows, dict):
            continue
        for way in ("kept", "removed"):
            total = sum(row[way] for row in rows.values())
            yield f"{way} documents of {table}", documents[way], "of all documents", total


def _counts(manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    documents = report.get("documents")
    told = {**(documents if isinstance(documents, dict) else {}), **report}
    for name, count in manifest.counts.items():
        if isinstance(told.get(name), int):
            yield f"{name} in {REPORT_FILE}", count, f"in {MANIFEST_FILE}", told[name]


def _rows(manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    documents = report.get("documents")
    if not isinstance(documents, dict):
        return
    kept = "*/part-*" if manifest.stage == "shard" else "part-*"
    for pattern, way in ((kept, "kept"), ("removed/part-*", "removed")):
        rows = [entry["rows"] for entry in manifest.files if _is(entry["path"], pattern)]
        if rows:
            yield f"rows of {pattern}", documents[way], f"{way} documents", sum(rows)


def _tokens(folder: Path, manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    """The token store: what its documents say of themselves, and what they hold."""
    if manifest.stage != "shard":
        return
    by_source = sum(row["tokens"] for row in report["by_source"])
    yield "tokens of by_source", report["tokens"], "of all documents", by_source
    import pyarrow as pa
    import pyarrow.compute as pc

    said = held = 0
    for entry in manifest.files:
        if not _is(entry["path"], "*/part-*.arrow"):
            continue
        with pa.memory_map(str(folder / entry["path"])) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                said += pc.sum(batch.column("n_tokens"), min_count=0).as_py()
                held += len(batch.column("tokens").flatten())
    yield "n_tokens of the shards", report["tokens"], f"in {REPORT_FILE}", said
    yield "ids in the shards", report["tokens"], f"in {REPORT_FILE}", held


def _is(path: str, pattern: str) -> bool:
    """Whether a path matches, with as many folders; quarantine/ is no source."""
    same_depth = path.count("/") == pattern.count("/")
    return same_depth and Path(path).match(pattern) and not path.startswith("quarantine/")
