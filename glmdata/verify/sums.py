"""Whether the counts of a stage add up: manifest, report, and rows of files.

Each check looks for what it compares and passes over a stage that has it not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from glmdata.stage.manifest import (
    DOCUMENTS_FOLDER,
    MANIFEST_FILE,
    REPORT_FILE,
    Manifest,
    stage_manifest,
)

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
        *_cuts(manifest, report),
        *_tokens(folder, manifest, report),
    ]
    return [
        f"{what}: expected {expected:,} ({why}), found {found:,}"
        for what, expected, why, found in found
        if expected != found
    ]


def broken_chain(folder: Path, manifest: Manifest, report: Mapping[str, Any]) -> list[str]:
    """Counts that contradict those of the stages it was made from, as sentences.

    A stage reads what the one before kept. That one is looked for beside the folder, by its name,
    and is known by the hash of its config; where it is not there, nothing is said.
    """
    documents = report.get("documents")
    found = []
    for parent in manifest.parents:
        before = folder.resolve().parent / str(parent.get("stage"))
        known = stage_manifest(before)
        if known is None or known.config_sha256 != parent.get("config_sha256"):
            continue
        kept = known.counts.get("kept")
        if isinstance(documents, dict) and isinstance(kept, int) and documents["in"] != kept:
            found.append(
                f"documents in: expected {kept:,} (kept by {before}), found {documents['in']:,}"
            )
    return found


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
    nested = [table for table in (documents, report.get("tokens")) if isinstance(table, dict)]
    told = {name: count for table in [*nested, report] for name, count in table.items()}
    for name, count in manifest.counts.items():
        if isinstance(told.get(name), int):
            yield f"{name} in {REPORT_FILE}", count, f"in {MANIFEST_FILE}", told[name]


def _rows(manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    documents = report.get("documents")
    if not isinstance(documents, dict):
        return
    kept = "*/part-*" if manifest.stage == "shard" else f"{DOCUMENTS_FOLDER}/part-*"
    for pattern, way in ((kept, "kept"), ("removed/part-*", "removed")):
        rows = [entry["rows"] for entry in manifest.files if _is(entry["path"], pattern)]
        if rows:
            yield f"rows of {pattern}", documents[way], f"{way} documents", sum(rows)


def _cuts(manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    """What was cut out of kept documents, in report.json and in the rows of edits/."""
    cut, text = report.get("cut"), report.get("text_bytes")
    if not isinstance(cut, dict) or not isinstance(text, dict):
        return
    yield (
        "bytes in",
        text["kept"] + text["removed"] + text["cut"],
        "kept + removed + cut",
        text["in"],
    )
    sources = cut["by_source"].values()
    known = ("lines", "paragraphs", "substrings", "templates")
    kinds = [kind for kind in known if kind in cut]
    for name in (*kinds, "text_bytes", "documents"):
        total = sum(source[name] for source in sources)
        yield f"{name} cut by source", cut[name], "of all documents", total
    rows = sum(entry["rows"] for entry in manifest.files if _is(entry["path"], "edits/part-*"))
    yield "rows of edits/part-*", sum(cut[kind] for kind in kinds), "pieces that were cut", rows


def _tokens(folder: Path, manifest: Manifest, report: Mapping[str, Any]) -> Iterator[Check]:
    """What files of ids hold, and what report.json says of them."""
    if manifest.stage == "shard":
        by_source = sum(row["tokens"] for row in report["by_source"])
        yield "tokens of by_source", report["tokens"], "of all documents", by_source
        said = held = 0
        for batch in _batches(folder, manifest, "*/part-*.arrow"):
            said += sum(batch.column("n_tokens").to_pylist())
            held += len(batch.column("tokens").flatten())
        yield "n_tokens of the shards", report["tokens"], f"in {REPORT_FILE}", said
        yield "ids in the shards", report["tokens"], f"in {REPORT_FILE}", held
    if manifest.stage == "mix":
        tokens, padding = report["tokens"], report["padding"]["tokens"]
        rows = sliced = added = unused = stored = 0
        for batch in _batches(folder, manifest, "plan/part-*.arrow"):
            rows += batch.num_rows
            lengths = sum(batch.column("parts").flatten().field("length").to_pylist())
            full = sum(batch.column("n_tokens").to_pylist())
            sliced += lengths
            added += full - lengths
            unused += sum(batch.column("bucket").to_pylist()) - full
        for batch in _batches(folder, manifest, "plan/shards.arrow"):
            stored += sum(batch.column("tokens").to_pylist())
        told = f"in {REPORT_FILE}"
        yield "rows of the plan", report["rows"], told, rows
        yield "tokens of the plan", tokens["realised"], told, sliced
        yield "separators and marks of the plan", tokens["added"], told, added
        yield "padding of the plan", padding, told, unused
        yield "tokens of the store", tokens["store"], told, stored
        by_source = sum(row["realised"] for row in report["by_source"])
        yield "tokens of by_source", tokens["realised"], "of all documents", by_source


def _batches(folder: Path, manifest: Manifest, pattern: str) -> Iterator[Any]:
    import pyarrow as pa

    for entry in manifest.files:
        if _is(entry["path"], pattern):
            with pa.memory_map(str(folder / entry["path"])) as file:
                reader = pa.ipc.open_file(file)
                for number in range(reader.num_record_batches):
                    yield reader.get_batch(number)


def _is(path: str, pattern: str) -> bool:
    """Whether a path matches, with as many folders; quarantine/ is no source."""
    same_depth = path.count("/") == pattern.count("/")
    return same_depth and Path(path).match(pattern) and not path.startswith("quarantine/")
