"""The reference of files and tables: types of columns from a run, meanings from `columns.toml`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pyarrow as pa
import tomllib
from pyarrow import parquet

from docs.site.page import cell, code, page, table
from docs.site.signals import signals
from glmdata.sample import documents

DECLARED = Path(__file__).parent / "columns.toml"

RUN = """
dedup --input crawl.jsonl --line-dedup 1 --url-dedup --max-bad 1
train-classifier --input crawl.jsonl --label-field source --positive news-zh --output taught
filter --pii mask --benchmark items.jsonl --classifier name=taught --offence --jieba
train-tokenizer --base none --vocab-size 2000
shard
shard --input crawl.jsonl --loss-spans-field spans --output glmdata-out/spans
mix --row-length 512 --infill-rate 0.5
materialize --output glmdata-out/materialized
tokenizer count --input crawl.jsonl --output glmdata-out/counts
"""
"""A run that has every table, and every column that an option adds."""


class UndeclaredError(Exception):
    """Files or columns that `columns.toml` does not tell, or that nothing writes."""


def declared() -> list[dict[str, Any]]:
    """The tables `[[file]]`, in their order."""
    with DECLARED.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)["file"]
    return entries


def written(place: Path) -> dict[str, pa.Schema]:
    """Run in an empty folder; the schema of every table by its path in the workspace."""
    records = [record for table in documents().values() for record in table[:60]]
    for number, record in enumerate(records):
        record.update(url=f"http://example.net/{number}", spans="")
    lines = [json.dumps({**record, "spans": [[0, 2]]}, ensure_ascii=False) for record in records]
    (place / "crawl.jsonl").write_text("\n".join([*lines, *lines[:9], "{"]), encoding="utf-8")
    (place / "items.jsonl").write_text("\n".join(lines[:3]), encoding="utf-8")
    for line in RUN.split("\n"):
        if line:
            command = [sys.executable, "-m", "glmdata", *line.split()]
            # The words are those above.
            done = subprocess.run(  # noqa: S603
                command, cwd=place, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"glmdata {line}: {done.stderr}")
    return dict(_schemas(place / "glmdata-out"))


def _schemas(workspace: Path) -> Iterator[tuple[str, pa.Schema]]:
    for path in sorted(workspace.rglob("*")):
        name = path.relative_to(workspace).as_posix().replace("spans/", "shard/")
        if path.suffix == ".parquet":
            yield name, parquet.read_schema(path)
        elif path.suffix == ".arrow":
            with pa.ipc.open_file(path) as file:
                yield name, file.schema
        elif path.is_file():
            yield name, None


def columns(found: dict[str, pa.Schema]) -> dict[str, dict[str, tuple[str, str]]]:
    """Path of a declared table -> column -> type and meaning.

    Raises
    ------
    UndeclaredError
        A file, a column or a meaning has no other half.
    """
    measured = {signal.name for signal in signals()}
    missing: list[str] = []
    result: dict[str, dict[str, tuple[str, str]]] = {}
    told: set[str] = set()
    for entry in declared():
        patterns = entry["path"].split(", ")
        names = [name for name in found if any(fnmatch(name, pattern) for pattern in patterns)]
        told.update(names)
        if "columns" not in entry:
            continue
        kinds = {field.name: field for name in names for field in found[name]}
        kinds = {name: field for name, field in kinds.items() if name not in measured}
        missing += [f"{entry['path']}: {name}" for name in kinds.keys() ^ entry["columns"].keys()]
        result[entry["path"]] = {
            name: (shown_type(kinds[name].type), about)
            for name, about in entry["columns"].items()
            if name in kinds
        }
    missing += sorted(set(found) - told)
    if missing:
        raise UndeclaredError(f"{DECLARED.name} and a run differ: {', '.join(missing)}")
    return result


def shown_type(kind: pa.DataType) -> str:
    """A type in Arrow's words."""
    return str(kind).replace(" not null", "").replace("item: ", "").replace("element: ", "")


def file_page(found: dict[str, pa.Schema]) -> str:
    """`reference/files.md`."""
    told = columns(found)
    entries = declared()
    kinds = [(code(e["path"]).replace(", ", "`, `"), cell(e["about"])) for e in entries]
    parts = [
        "What a run leaves, by place in its workspace. Tables are Arrow IPC files, but for two of "
        "Parquet; `--format` writes kept documents as JSON lines or Parquet instead. What is read "
        "is told in [Inputs](../guides/inputs.md).",
        table(("file", "what it holds"), kinds),
    ]
    for entry in entries:
        if entry["path"] in told:
            parts += [
                f"## {code(entry['path']).replace(', ', '`, `')}",
                entry["about"][:1].upper() + entry["about"][1:] + ".",
            ]
            rows = [(code(n), code(t), cell(a)) for n, (t, a) in told[entry["path"]].items()]
            parts.append(table(("column", "type", "meaning"), rows))
    return page("Files and tables", *parts)
