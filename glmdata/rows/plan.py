"""The pack plan as the loader sees it: which slices of which documents make up a row."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from glmdata.errors import CorruptDataError, InputError, MissingFileError
from glmdata.rows.arrow_map import ArrowMap, Leaf
from glmdata.rows.grouped import Run
from glmdata.rows.modes import CAUSAL, FILLING, INFILLING, sentence_ends
from glmdata.rows.store import Shard
from glmdata.stage.atomic import storage_errors
from glmdata.stage.manifest import MANIFEST_FILE, RUN_FILE, read_manifest, read_object
from glmdata.stage.rows import sound

PLAN_FOLDER = "plan"
SHARDS_FILE = f"{PLAN_FOLDER}/shards.arrow"


def _part(field: str) -> Callable[[pa.RecordBatch], pa.Buffer | None]:
    return lambda batch: batch.column("parts").values.field(field).buffers()[1]


def _row(column: str) -> Callable[[pa.RecordBatch], pa.Buffer | None]:
    return lambda batch: batch.column(column).buffers()[1]


_LEAVES = {
    "parts": Leaf("<i8", _row("parts")),
    "shard": Leaf("<u4", _part("shard")),
    "row": Leaf("<u4", _part("row")),
    "start": Leaf("<u4", _part("start")),
    "length": Leaf("<u4", _part("length")),
    "repeat": Leaf("<u2", _part("repeat")),
    "eod": Leaf("|u1", _part("eod")),
    "n_tokens": Leaf("<u4", _row("n_tokens")),
    "mode": Leaf("|u1", _row("mode")),
    "seed": Leaf("<u8", _row("seed")),
    "weight": Leaf("<f4", _row("weight")),
    "bucket": Leaf("<u4", _row("bucket")),
}


class Part(NamedTuple):
    """A slice of a document, and whether the separator follows it."""

    shard: int
    row: int
    start: int
    length: int
    repeat: int
    eod: bool


class PlanRow(NamedTuple):
    """One training row."""

    parts: tuple[Part, ...]
    n_tokens: int
    """With separators, without padding."""
    mode: int
    seed: int
    weight: float
    bucket: int
    """Its length with padding."""


class Plan:
    """The files of a mix stage.

    Parameters
    ----------
    folder
        The stage folder.

    Raises
    ------
    MissingFileError
        There is no complete stage.
    InputError
        It is a stage of another verb.
    CorruptDataError
        A file is damaged, or of another format.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = read_manifest(folder)
        if manifest is None:
            raise MissingFileError(
                f"{folder}: expected a pack plan, found no {MANIFEST_FILE}",
                hint="make one with `glmdata mix`",
            )
        listed = {entry["path"]: entry for entry in manifest.files}
        names = sorted(name for name in listed if name.startswith(f"{PLAN_FOLDER}/part-"))
        if not names or SHARDS_FILE not in listed:
            message = (
                f"{folder}: expected a mix stage with {PLAN_FOLDER}/part-*.arrow and "
                f"{SHARDS_FILE}, found a {manifest.stage} stage"
            )
            if manifest.stage == "mix":
                raise CorruptDataError(message)
            raise InputError(message, path=str(folder))
        hashes = [(name, listed[name]["sha256"]) for name in [*names, SHARDS_FILE]]
        self.fingerprint = hashlib.sha256(json.dumps(hashes).encode()).hexdigest()
        """Names the rows and the store they were planned on, 64 hex digits."""
        self._paths = [folder / name for name in names]
        self._ends = list(accumulate(int(listed[name]["rows"]) for name in names))
        self._maps: dict[int, ArrowMap] = {}
        self.metadata = self._map(0).metadata
        self.row_length = self._number("glmdata.row_length")
        self.eod_id = self._number("glmdata.eod_id")
        self.pad_id = self._number("glmdata.pad_id")
        self.seed = self._number("glmdata.seed")
        self.special_ids: dict[str, int] = self._special_ids()
        self._sentence_ends: npt.NDArray[np.bool_] | None = None
        self.infilling = bool(manifest.config.get("infill_rate"))
        self.modes = {CAUSAL, *FILLING, *(INFILLING if self.infilling else ())}
        self.shards = _read_shards(folder / SHARDS_FILE)

    def __len__(self) -> int:
        return self._ends[-1]

    def __getstate__(self) -> dict[str, Any]:
        # Mappings belong to a process; a worker makes its own.
        return {**self.__dict__, "_maps": {}, "_sentence_ends": None}

    def __getitem__(self, row: int) -> PlanRow:
        """A row, in the order of the plan.

        Raises
        ------
        IndexError
            There is no such row.
        """
        if not 0 <= row < len(self):
            raise IndexError(f"row {row}: expected 0 to {len(self) - 1}")
        file = bisect_right(self._ends, row)
        mapped = self._map(file)
        batch, at = mapped.locate(row - (self._ends[file - 1] if file else 0))
        begin, end = (int(place) for place in mapped.view("parts", batch)[at : at + 2])
        names = ("shard", "row", "start", "length", "repeat")
        columns = [mapped.view(name, batch)[begin:end].tolist() for name in names]
        bits = mapped.view("eod", batch)
        eods = [bool(bits[place >> 3] >> (place & 7) & 1) for place in range(begin, end)]
        names = ("n_tokens", "mode", "seed", "weight", "bucket")
        facts = [mapped.view(name, batch)[at].item() for name in names]
        return PlanRow(tuple(map(Part, *columns, eods)), *facts)

    @property
    def sentence_ends(self) -> npt.NDArray[np.bool_] | None:
        """Of each token, whether it ends a sentence; None: no row hides whole sentences."""
        said = self.metadata.get("glmdata.sentence_ends")
        if self._sentence_ends is None and said is not None:
            self._sentence_ends = sentence_ends(said)
        return self._sentence_ends

    def runs(self) -> list[Run]:
        """Neighbouring rows that are equally long; reads a number a row."""
        runs: list[Run] = []
        for file in range(len(self._paths)):
            mapped, end = self._map(file), self._ends[file - 1] if file else 0
            for batch, rows in enumerate(mapped.batches):
                lengths = mapped.view("bucket", batch)[:rows]
                starts = np.flatnonzero(np.diff(lengths, prepend=-1)).tolist()
                for start, behind in pairwise([*starts, len(lengths)]):
                    length = int(lengths[start])
                    if runs and runs[-1].length == length:
                        runs[-1] = runs[-1]._replace(rows=runs[-1].rows + behind - start)
                    else:
                        runs.append(Run(length, end + start, behind - start))
                end += len(lengths)
        return runs

    def store_folder(self) -> Path:
        """Where run.json says the store is.

        Raises
        ------
        MissingFileError, CorruptDataError
            run.json is missing, or does not say.
        """
        path = self.folder / RUN_FILE
        store = read_object(path).get("store")
        if not isinstance(store, str):
            raise CorruptDataError(
                f"{path}: expected `store`, the folder of the token store",
                hint="name it with store=",
            )
        return self.folder / store

    def _map(self, file: int) -> ArrowMap:
        mapped = self._maps.get(file)
        if mapped is None:
            mapped = self._maps[file] = ArrowMap(self._paths[file], _LEAVES)
            planned = self._ends[file] - (self._ends[file - 1] if file else 0)
            if len(mapped) != planned:
                raise CorruptDataError(
                    f"{self._paths[file]}: expected {planned} rows, found {len(mapped)}"
                )
        return mapped

    def _special_ids(self) -> dict[str, int]:
        try:
            return dict(json.loads(self.metadata.get("glmdata.special_ids", "{}")))
        except (ValueError, TypeError, RecursionError):
            raise CorruptDataError(
                f"{self._paths[0]}: expected `glmdata.special_ids` of the schema as JSON"
            ) from None

    def _number(self, key: str) -> int:
        try:
            return int(self.metadata[key])
        except (KeyError, ValueError):
            raise CorruptDataError(
                f"{self._paths[0]}: expected a whole number as `{key}` of the schema, "
                f"found {self.metadata.get(key)!r}"
            ) from None


def _read_shards(path: Path) -> list[Shard]:
    try:
        with storage_errors("read", path), pa.OSFile(str(path)) as file:
            table = sound(pa.ipc.open_file(file).read_all())
        rows = table.select(["shard", "path", "rows", "sha256", "source"]).to_pylist()
    # pyarrow answers to offsets beyond a buffer with errors of several kinds.
    except (pa.ArrowException, KeyError, SystemError, ValueError, OverflowError) as error:
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    if [row.pop("shard") for row in rows] != list(range(len(rows))):
        raise CorruptDataError(f"{path}: damaged: expected shards 0 to {len(rows) - 1} in order")
    return [Shard(**row) for row in rows]
