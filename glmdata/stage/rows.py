"""Look up documents in the files of a stage, reading as few columns as possible.

pyarrow is imported when something is looked up: it holds 40 MB that a deduplication under
`--memory` should not pay for.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from glmdata.errors import CorruptDataError
from glmdata.stage.manifest import DOCUMENTS_FOLDER

Row = dict[str, Any]


def shards(folder: Path, name: str = DOCUMENTS_FOLDER) -> list[Path]:
    """The Arrow and Parquet parts in one of the folders of a stage, in order."""
    return sorted(
        path for path in (folder / name).glob("part-*") if path.suffix in (".arrow", ".parquet")
    )


def readable(path: Path) -> Path | IO[bytes]:
    """The path, or an open file where its name is no text: some libraries take only names."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.open("rb")
    return path


def sound(batch: Any) -> Any:
    """A record batch or table whose offsets and texts are what they must be.

    pyarrow does not look at them by itself: one wrong offset ends the whole process.

    Raises
    ------
    pyarrow.ArrowInvalid
        They are not.
    """
    batch.validate(full=True)
    return batch


def find_rows(paths: Sequence[Path], wanted: Mapping[str, object]) -> Iterator[Row]:
    """Rows in which any of the columns in `wanted` has the value given for it, in file order.

    A list stands for any of its values. Columns that a file does not have are passed over.

    Raises
    ------
    CorruptDataError
        A file is no readable Arrow or Parquet file.
    """
    import pyarrow as pa

    for path in paths:
        try:
            find = _find_parquet if path.suffix == ".parquet" else _find_arrow
            yield from find(path, wanted)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise CorruptDataError(f"{path}: damaged: {error}") from None


def find_keys(paths: Sequence[Path], keys: Collection[bytes]) -> dict[bytes, Row]:
    """The first row of each document in `keys`, by its `doc`, in one pass over the files.

    Raises
    ------
    CorruptDataError
        A file is no readable Arrow or Parquet file.
    """
    found: dict[bytes, Row] = {}
    if keys:
        for row in find_rows(paths, {"doc": sorted(keys)}):
            found.setdefault(row["doc"], row)
    return found


def column_batches(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[Any]:
    """Record batches of some columns, in file order.

    Raises
    ------
    CorruptDataError
        A file is no readable Arrow or Parquet file.
    """
    import pyarrow as pa
    from pyarrow import ipc
    from pyarrow import parquet as pq

    for path in paths:
        try:
            if path.suffix == ".parquet":
                with pa.memory_map(os.fsencode(path)) as source, pq.ParquetFile(source) as file:
                    yield from file.iter_batches(columns=list(columns))
                continue
            with pa.memory_map(os.fsencode(path)) as source:
                names = ipc.open_file(source).schema.names
                chosen = [names.index(name) for name in columns]
                reader = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=chosen))
                for number in range(reader.num_record_batches):
                    yield sound(reader.get_batch(number))
        except (pa.ArrowException, ValueError) as error:
            raise CorruptDataError(f"{path}: damaged: {error}") from None


def _find_arrow(path: Path, wanted: Mapping[str, object]) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import compute, ipc

    with pa.memory_map(os.fsencode(path)) as source:
        whole = ipc.open_file(source)
        columns = [i for i, name in enumerate(whole.schema.names) if name in wanted]
        if not columns:
            return
        # Only the columns searched are decompressed; a batch is read whole once it has a match.
        narrow = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=columns))
        for number in range(narrow.num_record_batches):
            mask = _matches(sound(narrow.get_batch(number)), wanted)
            if mask is not None and compute.any(mask).as_py():
                yield from sound(whole.get_batch(number)).filter(mask).to_pylist()


def _find_parquet(path: Path, wanted: Mapping[str, object]) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import parquet as pq

    with pa.memory_map(os.fsencode(path)) as source, pq.ParquetFile(source) as file:
        columns = [name for name in file.schema_arrow.names if name in wanted]
        for number in range(file.num_row_groups if columns else 0):
            mask = _matches(file.read_row_group(number, columns=columns), wanted)
            if mask is not None and compute.any(mask).as_py():
                yield from file.read_row_group(number).filter(mask).to_pylist()


def _matches(batch: Any, wanted: Mapping[str, object]) -> Any:
    import pyarrow as pa
    from pyarrow import compute

    mask = None
    for name in batch.schema.names:
        column, value = batch.column(name), wanted[name]
        if isinstance(value, list):
            equal = compute.is_in(column, pa.array(value, column.type))
        else:
            scalar = pa.scalar(value, column.type)
            equal = compute.fill_null(compute.equal(column, scalar), False)
        mask = equal if mask is None else compute.or_(mask, equal)
    return mask
