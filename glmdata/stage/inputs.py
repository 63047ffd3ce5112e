"""Inputs that are no files: standard input, tables, frames, iterators; written to a file first.

A stage may read its input more than once, so what can be read only once is spooled into the
stage's .work folder, in bounded memory. A rerun recognises it by content: sizes and times of the
spooled file would differ each time.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from glmdata import _native
from glmdata.errors import InputError
from glmdata.stage.atomic import storage_errors
from glmdata.stage.hashing import file_sha256
from glmdata.stage.listing import Listing, list_inputs

STDIN = "-"
_BLOCK = 1 << 20
_NAMES_BY_MAGIC = {
    b"\x1f\x8b": "stdin.jsonl.gz",
    b"\x28\xb5\x2f\xfd": "stdin.jsonl.zst",
    b"BZh": "stdin.jsonl.bz2",
    b"\xfd7zXZ\x00": "stdin.jsonl.xz",
    b"\x04\x22\x4d\x18": "stdin.jsonl.lz4",
    b"PAR1": "stdin.parquet",
    b"ARROW1": "stdin.arrow",
}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


Spool = Callable[[Path], Path]


@dataclass(frozen=True)
class Source:
    """Where documents come from: `paths`, or `spool` to write them into a folder first."""

    paths: tuple[str, ...] = ()
    spool: Spool | None = None
    listing: Listing | None = None
    """Of files that a manifest vouches for, by hash: when they were made is no matter then."""
    stage: Path | None = None
    """The stage whose kept documents they are."""
    judged: bool = False
    """The stage wrote decisions only, and these are its inputs: what it removed is passed over."""

    def prepare(self, work: Path) -> tuple[list[str], Listing]:
        """The paths to read, and the listing by which a rerun recognises them.

        Parameters
        ----------
        work
            The stage's .work folder; spooled data goes to `input/` in it.
        """
        if self.spool is None:
            listing = list_inputs(self.paths) if self.listing is None else self.listing
            return list(self.paths), listing
        folder = work / "input"
        fresh = folder / "new"
        import shutil  # with it three libraries of compression, and few runs spool

        with storage_errors("spool into", folder):
            shutil.rmtree(fresh, ignore_errors=True)  # of a run killed while spooling
            fresh.mkdir(parents=True)
            written = self.spool(fresh)
            digest = file_sha256(written)
            kept = folder / written.name
            # An equal file of an interrupted run stays as it is: its time is part of its state.
            if kept.exists() and file_sha256(kept) == digest:
                written.unlink()
            else:
                written.replace(kept)
            fresh.rmdir()
            entry = {"root": kept.name, "relative": kept.name, "bytes": kept.stat().st_size}
        return [str(kept)], [{**entry, "modified_ns": 0, "sha256": digest}]


def source_of(data: object) -> Source:
    """Understand what the caller gave as input.

    Parameters
    ----------
    data
        A path, glob or `-`; a list of paths; a binary file; anything with `__arrow_c_stream__`
        (pyarrow Table and RecordBatchReader, polars DataFrame); a polars LazyFrame; an iterable
        of dicts.

    Raises
    ------
    InputError
        It is none of these.
    """
    if isinstance(data, str | os.PathLike):
        return _source_of_paths([data])
    if isinstance(data, list | tuple) and data and all(_is_path(item) for item in data):
        return _source_of_paths(data)
    if isinstance(data, io.RawIOBase | io.BufferedIOBase):
        stream = data
        return Source(spool=lambda folder: _spool_bytes(stream, folder))
    collect = getattr(data, "collect", None)
    if callable(collect) and not hasattr(data, "__arrow_c_stream__"):
        data = collect()
    if hasattr(data, "__arrow_c_stream__"):
        table = data
        return Source(spool=lambda folder: _spool_arrow(table, folder))
    if isinstance(data, Iterable) and not isinstance(data, Mapping | bytes):
        records = data
        return Source(spool=lambda folder: _spool_records(records, folder))
    raise InputError(
        "input: expected a path, a list of paths, an Arrow table or stream, a polars frame or an "
        f"iterable of dicts, found {type(data).__name__}"
    )


def _is_path(item: object) -> bool:
    return isinstance(item, str | os.PathLike)


def _source_of_paths(items: Iterable[Any]) -> Source:
    paths = [os.fspath(item) for item in items]
    if STDIN not in paths:
        return Source(paths=tuple(paths))
    if len(paths) > 1:
        raise InputError("input: expected standard input alone, found other paths beside -")
    if sys.stdin is None:
        raise InputError("input: expected something on standard input, found it closed")
    stream = sys.stdin.buffer
    return Source(spool=lambda folder: _spool_bytes(stream, folder))


def _spool_bytes(stream: _Readable, folder: Path) -> Path:
    head = stream.read(_BLOCK)
    name = next(
        (name for magic, name in _NAMES_BY_MAGIC.items() if head.startswith(magic)), "stdin.jsonl"
    )
    path = folder / name
    with path.open("wb") as file:
        while head:
            file.write(head)
            head = stream.read(_BLOCK)
    return path


def _spool_arrow(data: object, folder: Path) -> Path:
    path = folder / "memory.arrow"
    _native.spool_arrow(data, str(path))
    return path


def _spool_records(records: Iterable[object], folder: Path) -> Path:
    """JSON lines rather than Arrow: dicts need not agree in their keys, and a late key is kept."""
    path = folder / "memory.jsonl"
    with path.open("w", encoding="ascii") as file:
        for line in _lines(records):
            file.write(line)
    return path


def _lines(records: Iterable[object]) -> Iterator[str]:
    for number, record in enumerate(records):
        if not isinstance(record, Mapping):
            found = type(record).__name__
            raise InputError(f"input: record {number}: expected a dict, found {found}")
        try:
            # Escaped to ASCII: a lone surrogate then reaches the reader, which judges it.
            yield json.dumps(dict(record)) + "\n"
        except (TypeError, ValueError) as error:
            raise InputError(f"input: record {number}: not a JSON value: {error}") from None
