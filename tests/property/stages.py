"""Run a deduplication on dicts and read its files back by position."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

import glmdata.dedup
from glmdata.reference.decide import Pair
from tests.property.texts import Document


@dataclass(frozen=True)
class Stage:
    """A finished stage folder."""

    path: Path

    @cached_property
    def decisions(self) -> list[dict[str, Any]]:
        """One row a document, in input order."""
        return [
            row
            for part in sorted((self.path / "decisions").glob("part-*.arrow"))
            for row in rows_of(part)
        ]

    @cached_property
    def position(self) -> dict[bytes, int]:
        """The place of every document key."""
        return {row["doc"]: i for i, row in enumerate(self.decisions)}

    @property
    def kept(self) -> set[int]:
        """Positions of kept documents."""
        return {i for i, row in enumerate(self.decisions) if row["keep"]}

    @property
    def removed(self) -> dict[int, tuple[str, int]]:
        """Position of a removed document -> rule and position of the kept one."""
        return {
            i: (row["rule"], self.position[row["kept_doc"]])
            for i, row in enumerate(self.decisions)
            if not row["keep"]
        }

    @property
    def via(self) -> dict[int, int]:
        """Of a removal at the end of a chain: the equal document that was removed as well."""
        rows = [row for part in (self.path / "removed").glob("part-*") for row in rows_of(part)]
        found = ((row["doc"], row["via_doc"]) for row in rows if row["via_doc"] is not None)
        return {self.position[doc]: self.position[via] for doc, via in found}

    @property
    def cluster(self) -> list[int]:
        """The first document of each one's cluster; itself where it is alone."""
        return [
            i if row["cluster_id"] is None else self.position[row["cluster_id"]]
            for i, row in enumerate(self.decisions)
        ]

    @cached_property
    def pairs(self) -> list[Pair]:
        """The ledger, by the documents it names: the winners of their exact groups."""
        found = []
        for row in rows_of(self.path / "pairs.arrow"):
            sides = [
                (self.position[row["doc_a"]], row["shingles_a"]),
                (self.position[row["doc_b"]], row["shingles_b"]),
            ]
            (a, shingles_a), (b, shingles_b) = sorted(sides)
            extra_a, extra_b = row["extra_a"], row["extra_b"]
            if a != self.position[row["doc_a"]]:
                extra_a, extra_b = extra_b, extra_a
            said = (row["relation"], row["same_opening"], extra_a, extra_b)
            found.append(Pair(a, b, shingles_a, shingles_b, row["shared"], *said))
        return found

    @property
    def measured_pairs(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Of large ledgers: both positions and J, as arrays."""
        with pa.memory_map(str(self.path / "pairs.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
            columns = ("position_a", "position_b", "jaccard")
            a, b, jaccard = (table[name].to_numpy() for name in columns)
            return a.copy(), b.copy(), jaccard.copy()

    def read(self, name: str) -> dict[str, Any]:
        """report.json or run.json."""
        found: dict[str, Any] = json.loads((self.path / name).read_text())
        return found


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of an Arrow file."""
    with pa.memory_map(str(path)) as source:
        rows: list[dict[str, Any]] = pa.ipc.open_file(source).read_all().to_pylist()
        return rows


def write_jsonl(path: Path, documents: Sequence[Document]) -> Path:
    """The documents, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for document in documents:
            file.write(json.dumps(document, ensure_ascii=False) + "\n")
    return path


def run(folder: Path, documents: Sequence[Document], **options: Any) -> Stage:
    """Deduplicate documents in an emptied folder; two threads unless told otherwise."""
    shutil.rmtree(folder, ignore_errors=True)
    write_jsonl(folder / "crawl" / "a.jsonl", documents)
    return run_on(folder / "crawl", folder / "stage", **options)


def run_on(crawl: object, output: Path, **options: Any) -> Stage:
    """Deduplicate what is in a folder, or files."""
    glmdata.dedup.run(crawl, output, **{"threads": 2, **options})
    return Stage(output)


def digests(stage: Path) -> dict[str, str]:
    """sha256 of every file that must not differ between runs of the same work."""
    return {
        str(path.relative_to(stage)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(stage.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }
