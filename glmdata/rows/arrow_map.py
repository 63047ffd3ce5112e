"""An Arrow file in memory, seen as flat arrays: any row in constant time, nothing is copied.

Objects of pyarrow are made once, when the file is opened, to learn where buffers lie; after that
a row costs some slices of numpy. The mapping outlives its file handle, which is closed at once: a
run over ten thousand shards holds ten thousand mappings and no open file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from glmdata.errors import CorruptDataError
from glmdata.stage.atomic import storage_errors


class Leaf(NamedTuple):
    """One buffer of a column."""

    dtype: str
    """Of its items, as numpy names it; `|u1` for bits."""
    buffer: Callable[[pa.RecordBatch], pa.Buffer | None]
    """Finds it in a record batch."""


class ArrowMap:
    """The named buffers of an uncompressed Arrow IPC file.

    Parameters
    ----------
    path
        The file.
    leaves
        The buffers that will be asked for, by names of the caller's choice.

    Raises
    ------
    CorruptDataError
        It is no such file, has other columns, or its buffers are compressed.
    StorageError
        It cannot be read.
    """

    def __init__(self, path: Path, leaves: Mapping[str, Leaf]) -> None:
        with storage_errors("map", path), pa.memory_map(str(path)) as file:
            self._bytes = file.read_buffer()
        try:
            reader = pa.ipc.open_file(pa.BufferReader(self._bytes))
            batches = [reader.get_batch(at) for at in range(reader.num_record_batches)]
            self.metadata = _words(reader.schema.metadata)
            self.columns = frozenset(reader.schema.names)
            self._ends = list(accumulate(batch.num_rows for batch in batches))
            self._places = {
                name: (np.dtype(leaf.dtype), [self._place(leaf.buffer(batch)) for batch in batches])
                for name, leaf in leaves.items()
            }
        except (
            pa.ArrowException,
            AttributeError,
            IndexError,
            KeyError,
            OverflowError,
            SystemError,
            TypeError,
            ValueError,
        ) as error:
            raise CorruptDataError(
                f"{path}: expected an uncompressed Arrow file with the columns of its kind: {error}"
            ) from None

    def __len__(self) -> int:
        """Rows in the file."""
        return self._ends[-1] if self._ends else 0

    @property
    def batches(self) -> list[int]:
        """Rows of each record batch; a buffer may be longer."""
        return [end - start for start, end in pairwise([0, *self._ends])]

    def locate(self, row: int) -> tuple[int, int]:
        """(the record batch a row is in, the row in the batch).

        Raises
        ------
        IndexError
            There is no such row.
        """
        if not 0 <= row < len(self):
            raise IndexError(f"row {row}: expected 0 to {len(self) - 1}")
        batch = bisect_right(self._ends, row)
        return batch, row - (self._ends[batch - 1] if batch else 0)

    def view(self, leaf: str, batch: int) -> npt.NDArray[Any]:
        """A buffer of a batch, where it lies: read-only, of the leaf's dtype."""
        dtype, places = self._places[leaf]
        start, size = places[batch]
        return np.frombuffer(self._bytes, dtype, size // dtype.itemsize, start)

    def _place(self, buffer: pa.Buffer | None) -> tuple[int, int]:
        """(start, size) of a buffer in the file, in bytes."""
        if buffer is None or buffer.size == 0:
            return 0, 0
        start = buffer.address - self._bytes.address
        if not 0 <= start <= self._bytes.size - buffer.size:
            raise ValueError("its buffers are compressed")
        return start, buffer.size


def _words(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}
