"""The token store as the loader sees it: the ids of any document, where they lie on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from glmdata.errors import ConfigError, CorruptDataError, MissingFileError
from glmdata.rows.arrow_map import ArrowMap, Leaf
from glmdata.stage.atomic import storage_errors
from glmdata.stage.manifest import MANIFEST_FILE, read_manifest

_LEAVES = {
    "doc": Leaf("V16", lambda batch: batch.column("doc").buffers()[1]),
    "starts": Leaf("<i8", lambda batch: _list_of(batch, pa.uint32()).buffers()[1]),
    "ids": Leaf("<u4", lambda batch: _list_of(batch, pa.uint32()).values.buffers()[1]),
}

_SPAN_LEAVES = {
    "span_valid": Leaf("|u1", lambda batch: batch.column("loss_spans").buffers()[0]),
    "span_starts": Leaf("<i8", lambda batch: batch.column("loss_spans").buffers()[1]),
    "span_from": Leaf("<u4", lambda b: b.column("loss_spans").values.field("start").buffers()[1]),
    "span_to": Leaf("<u4", lambda b: b.column("loss_spans").values.field("end").buffers()[1]),
}
"""Only of stores that have the column."""


class Shard(NamedTuple):
    """A file of the store, as the plan numbers it."""

    path: str
    """Below the folder of the store."""
    rows: int
    sha256: str
    source: str


class Store:
    """A folder of shards, each mapped when a document of it is first asked for.

    Parameters
    ----------
    folder
        The stage folder.
    shards
        The shards a plan was made on, in its numbering.
    """

    def __init__(self, folder: Path, shards: Sequence[Shard]) -> None:
        self.folder = folder
        self.shards = shards
        self._maps: dict[int, ArrowMap] = {}

    def __getstate__(self) -> dict[str, Any]:
        # Mappings belong to a process; a worker makes its own.
        return {**self.__dict__, "_maps": {}}

    def check(self) -> None:
        """Compare the store's manifest with the shards the plan was made on; reads no shard.

        Raises
        ------
        MissingFileError
            There is no complete stage.
        ConfigError
            A shard is missing, or is another one than the plan was made on.
        """
        manifest = read_manifest(self.folder)
        if manifest is None:
            raise MissingFileError(
                f"{self.folder}: expected a token store, found no {MANIFEST_FILE}",
                hint="name the folder of the store with store=",
            )
        found = {entry["path"]: entry["sha256"] for entry in manifest.files}
        for shard in self.shards:
            if found.get(shard.path) != shard.sha256:
                what = "another one" if shard.path in found else "none"
                raise ConfigError(
                    f"{self.folder}: the plan was made on another store: expected "
                    f"{shard.path} with sha256 {shard.sha256[:16]}, found {what}",
                    hint="run `glmdata mix` again, or name the right store with store=",
                )

    def ids(self, shard: int, row: int, start: int, length: int) -> npt.NDArray[np.uint32]:
        """Ids `start` to `start + length` of a document: uint32 [length], read-only.

        Raises
        ------
        CorruptDataError
            There is no such document, or it is shorter.
        """
        mapped, batch, at = self._find(shard, row)
        begin, end = (int(place) for place in mapped.view("starts", batch)[at : at + 2])
        if not 0 <= start <= start + length <= end - begin:
            raise CorruptDataError(
                f"{self.folder / self.shards[shard].path}: row {row}: the plan expects ids "
                f"{start} to {start + length}, found a document of {end - begin}"
            )
        return mapped.view("ids", batch)[begin + start : begin + start + length]

    def whole(self, shard: int, row: int) -> npt.NDArray[np.uint32]:
        """All ids of a document: uint32 [n_tokens], read-only."""
        mapped, batch, at = self._find(shard, row)
        begin, end = mapped.view("starts", batch)[at : at + 2]
        return mapped.view("ids", batch)[begin:end]

    def document(self, shard: int, row: int) -> str:
        """The key of a document, by which all stages join: 32 hex digits."""
        mapped, batch, at = self._find(shard, row)
        return bytes(mapped.view("doc", batch)[at]).hex()

    def loss_spans(self, shard: int, row: int) -> npt.NDArray[np.int64] | None:
        """The stretches of a document that bear loss: int64 [n, 2] of [start, end); None: all."""
        mapped, batch, at = self._find(shard, row)
        if "loss_spans" not in mapped.columns:
            return None
        valid = mapped.view("span_valid", batch)
        if len(valid) and not valid[at >> 3] >> (at & 7) & 1:
            return None
        begin, end = mapped.view("span_starts", batch)[at : at + 2]
        bounds = [mapped.view(leaf, batch)[begin:end] for leaf in ("span_from", "span_to")]
        return np.stack(bounds, axis=1).astype(np.int64)

    def metadata(self, shard: int) -> dict[str, str]:
        """What the schema of a shard says."""
        return self._mapped(shard).metadata

    @property
    def fingerprint(self) -> str:
        """Names the shards and what is in them: 64 hex digits."""
        names = "".join(f"{shard.path} {shard.sha256}\n" for shard in self.shards)
        return hashlib.sha256(names.encode()).hexdigest()

    def _find(self, shard: int, row: int) -> tuple[ArrowMap, int, int]:
        mapped = self._mapped(shard)
        try:
            return mapped, *mapped.locate(row)
        except IndexError as error:
            raise CorruptDataError(f"{self.folder / self.shards[shard].path}: {error}") from None

    def _mapped(self, shard: int) -> ArrowMap:
        if shard in self._maps:
            return self._maps[shard]
        if not 0 <= shard < len(self.shards):
            raise CorruptDataError(f"the plan names shard {shard} of {len(self.shards)}")
        path = self.folder / self.shards[shard].path
        mapped = ArrowMap(path, _LEAVES)
        if "loss_spans" in mapped.columns:
            mapped = ArrowMap(path, {**_LEAVES, **_SPAN_LEAVES})
        if len(mapped) != self.shards[shard].rows:
            raise CorruptDataError(
                f"{path}: expected {self.shards[shard].rows} documents, found {len(mapped)}"
            )
        self._maps[shard] = mapped
        return mapped


def shards_of(folder: Path) -> list[Shard]:
    """The shards that the manifest of a store lists, in the order of their names.

    Raises
    ------
    MissingFileError
        There is no complete stage.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise MissingFileError(f"{folder}: expected a token store, found no {MANIFEST_FILE}")
    listed = sorted((entry["path"], entry) for entry in manifest.files)
    return [
        Shard(name, entry["rows"], entry["sha256"], _source(folder / name))
        for name, entry in listed
        if name.endswith(".arrow")
    ]


def _source(path: Path) -> str:
    """Whose documents a shard has; it has one source, in a column of its own."""
    with storage_errors("read", path), pa.memory_map(str(path)) as file:
        column = pa.ipc.open_file(file).get_batch(0).column("source")
        return str(column[0])


def _list_of(batch: pa.RecordBatch, item: pa.DataType) -> pa.Array:
    column = batch.column("tokens")
    if column.type.value_type != item or not pa.types.is_large_list(column.type):
        raise ValueError(f"`tokens` is {column.type}")
    return column
