"""Two runs side by side: which documents one kept and the other did not, and by which rules.

What became of a document is read from `decisions/` of the stages; no text is read but that of a few
samples. A document is known by its key, which stays the same in all stages over one crawl.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata.errors import ConfigError
from glmdata.report.collect import CLEANING
from glmdata.stage.manifest import Manifest, read_manifest
from glmdata.stage.rows import find_keys, readable, shards

if TYPE_CHECKING:
    import polars as pl

KEPT, ABSENT = "kept", "not there"
"""Fates beside `stage: rule`."""

MAX_TEXT = 300
"""Characters of a sample's text."""


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    folder: Path
    stages: Sequence[str]
    """The stages that decided, in their order."""
    documents: int
    kept: int


@dataclass(frozen=True)
class Move:
    """Documents of which the two runs made something else."""

    a: str
    """What became of them in the first: `kept`, `stage: rule` or `not there`."""
    b: str
    documents: int


@dataclass(frozen=True)
class Sample:
    """A document of a move."""

    doc: str
    """Its key, in hexadecimal digits."""
    id: str | None
    source: str | None
    a: str
    b: str
    text: str | None
    """Its beginning; None if neither run has it in a file of columns."""


@dataclass(frozen=True)
class Difference:
    """What two runs made of the same documents."""

    a: Side
    b: Side
    options: Sequence[tuple[str, Any, Any]]
    """`stage.option` and its two values, where they differ."""
    kept_by_both: int
    removed_by_both: int
    """Whatever the rules."""
    kept_by_a: int
    """Kept by the first, removed by the second."""
    kept_by_b: int
    only_in_a: int
    """Read by the first alone, kept or not."""
    only_in_b: int
    moves: Sequence[Move]
    """Where the two differ, the most documents first."""
    by_source: Mapping[str, tuple[int, int]]
    """Documents of a source that the first alone has kept, and the second alone."""
    samples: Sequence[Sample]


def difference(
    a: str | os.PathLike[str], b: str | os.PathLike[str], *, samples: int = 3
) -> Difference:
    """Compare what two runs made of the same documents.

    Parameters
    ----------
    a, b
        Dedup or filter stages, or workspaces with such stages: of those, what became of a document
        after all of them counts.
    samples
        Documents of each move that are shown, at most; those with the smallest keys, which are
        hashes.

    Raises
    ------
    ConfigError
        A folder holds no such stage, or the two have no document in common.
    CorruptDataError, StorageError
        As their names say.

    Examples
    --------
    >>> glmdata.report.difference("out/loose", "out/strict").kept_by_a   # doctest: +SKIP
    1203
    """
    import polars as pl

    if samples < 0:
        raise ConfigError(f"samples: expected 0 or more, found {samples}")
    first, second = _run(Path(a)), _run(Path(b))
    pairs = _fates(first).join(_fates(second), on="doc", how="full", coalesce=True, suffix="_b")
    pairs = pairs.with_columns(pl.col("fate").fill_null(ABSENT), pl.col("fate_b").fill_null(ABSENT))
    counted = pairs.group_by("fate", "fate_b").len().rows()
    table = {(one, other): count for one, other, count in counted}

    def total(*, a: str | None, b: str | None) -> int:
        # None stands for any removal.
        def is_that(fate: str, wanted: str | None) -> bool:
            return fate == wanted if wanted else fate not in (KEPT, ABSENT)

        return sum(n for (x, y), n in table.items() if is_that(x, a) and is_that(y, b))

    common = sum(n for (x, y), n in table.items() if ABSENT not in (x, y))
    if not common:
        raise ConfigError(
            f"{a} and {b}: expected runs over the same documents, found none in common",
            hint="a key is made of the name of the input folder, the file in it and the row",
        )
    apart = pairs.filter(pl.col("fate") != pl.col("fate_b"))
    known = _known(apart, (first, second))
    return Difference(
        a=_side(Path(a), first, table, 0),
        b=_side(Path(b), second, table, 1),
        options=list(_options(first, second)),
        kept_by_both=table.get((KEPT, KEPT), 0),
        removed_by_both=total(a=None, b=None),
        kept_by_a=total(a=KEPT, b=None),
        kept_by_b=total(a=None, b=KEPT),
        only_in_a=sum(n for (_, y), n in table.items() if y == ABSENT),
        only_in_b=sum(n for (x, _), n in table.items() if x == ABSENT),
        moves=_moves(table),
        by_source=_by_source(known),
        samples=_samples(known, _moves(table), samples, (first, second)),
    )


Run = Sequence[tuple[Path, Manifest]]
"""The stages of a run that decide, in their order."""


def _run(folder: Path) -> Run:
    manifest = read_manifest(folder)
    if manifest is not None:
        found = [(folder, manifest)] if manifest.stage in CLEANING else []
    else:
        read = ((folder / name, read_manifest(folder / name)) for name in CLEANING)
        found = [(path, manifest) for path, manifest in read if manifest is not None]
    if not found:
        raise ConfigError(
            f"{folder}: expected a complete dedup or filter stage, or a workspace with one",
            hint="run `glmdata dedup` or `glmdata filter` first",
        )
    for path, manifest in found:
        manifest.check_content(path, ("decisions/", "removed/"))
    return found


def _fates(run: Run) -> pl.DataFrame:
    """`doc` and `fate` of every document that the first stage has read."""
    import polars as pl

    fates: pl.DataFrame | None = None
    for folder, manifest in run:
        rule = pl.format("{}: {}", pl.lit(manifest.stage), pl.col("rule").cast(pl.String))
        fate = pl.when(pl.col("keep")).then(pl.lit(KEPT)).otherwise(rule).alias("fate")
        own = _read(folder, "decisions", ["doc", "keep", "rule"]).select("doc", fate)
        if fates is None:
            fates = own
            continue
        # A later stage knows the documents alone that the one before it kept.
        joined = fates.join(own, on="doc", how="left", suffix="_next")
        fates = joined.select("doc", pl.coalesce("fate_next", "fate").alias("fate"))
    if fates is None:
        raise AssertionError("a run has a stage")
    return fates


def _read(folder: Path, table: str, columns: list[str]) -> pl.DataFrame:
    import polars as pl

    frames = [pl.read_ipc(readable(path), columns=columns) for path in shards(folder, table)]
    schema = {name: pl.Boolean if name == "keep" else pl.String for name in columns}
    empty = pl.DataFrame(schema={**schema, "doc": pl.Binary})
    return pl.concat([frame.cast(empty.schema) for frame in frames]) if frames else empty


def _side(folder: Path, run: Run, table: Mapping[tuple[str, str], int], which: int) -> Side:
    there = {fates: n for fates, n in table.items() if fates[which] != ABSENT}
    kept = sum(n for fates, n in there.items() if fates[which] == KEPT)
    return Side(folder, [m.stage for _, m in run], sum(there.values()), kept)


def _options(first: Run, second: Run) -> Iterator[tuple[str, Any, Any]]:
    theirs = {manifest.stage: manifest.config for _, manifest in second}
    for _, manifest in first:
        other = theirs.get(manifest.stage, {})
        for key in sorted(set(manifest.config) & set(other)):
            if manifest.config[key] != other[key]:
                yield f"{manifest.stage}.{key}", manifest.config[key], other[key]


def _moves(table: Mapping[tuple[str, str], int]) -> list[Move]:
    moves = [Move(a, b, n) for (a, b), n in table.items() if a != b]
    return sorted(moves, key=lambda move: (-move.documents, move.a, move.b))


def _known(apart: pl.DataFrame, runs: Sequence[Run]) -> pl.DataFrame:
    """`id` and `source` of the documents that differ: one of the runs removed each of them.

    Those that one run has kept and the other has not read are without both.
    """
    import polars as pl

    columns = ["doc", "id", "source"]
    tables = [_read(folder, "removed", columns) for run in runs for folder, _ in run]
    named = pl.concat(tables).unique("doc", keep="first", maintain_order=True)
    return apart.join(named, on="doc", how="left")


def _by_source(known: pl.DataFrame) -> dict[str, tuple[int, int]]:
    import polars as pl

    both = known.filter((pl.col("fate") != ABSENT) & (pl.col("fate_b") != ABSENT))
    counted = both.group_by(pl.col("source").fill_null("")).agg(
        (pl.col("fate") == KEPT).sum().alias("a"), (pl.col("fate_b") == KEPT).sum().alias("b")
    )
    rows = [(source, a, b) for source, a, b in counted.rows() if a or b]
    rows.sort(key=lambda row: (-(row[1] + row[2]), row[0]))
    return {source: (a, b) for source, a, b in rows}


def _samples(
    known: pl.DataFrame, moves: Sequence[Move], most: int, runs: Sequence[Run]
) -> list[Sample]:
    import polars as pl

    chosen: list[dict[str, Any]] = []
    for move in moves:
        own = known.filter((pl.col("fate") == move.a) & (pl.col("fate_b") == move.b))
        chosen += own.sort("doc").head(most).to_dicts()
    keys = {row["doc"] for row in chosen}
    texts: dict[bytes, str] = {}
    for run in runs:
        for folder, _ in run:
            for doc, row in find_keys(
                [*shards(folder), *shards(folder, "removed")], keys - set(texts)
            ).items():
                if row.get("text") is not None:
                    texts[doc] = str(row["text"])[:MAX_TEXT]
    return [
        Sample(
            row["doc"].hex(),
            row["id"],
            row["source"],
            row["fate"],
            row["fate_b"],
            texts.get(row["doc"]),
        )
        for row in chosen
    ]
