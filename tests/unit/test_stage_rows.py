"""Rows of damaged files: an error that names the file, and not the end of the process."""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

from glmdata.errors import CorruptDataError
from glmdata.stage.rows import column_batches, find_rows


def with_a_wrong_offset(path: Path) -> Path:
    """An Arrow file whose text ends a gigabyte behind its buffer."""
    batch = pa.record_batch({"id": ["a", "bcd"]})
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, batch.schema) as file:
        file.write_batch(batch)
    content = path.read_bytes()
    ends = struct.pack("<3i", 0, 1, 4)
    assert content.count(ends) == 1
    path.write_bytes(content.replace(ends, struct.pack("<3i", 0, 1, 1 << 30)))
    return path


def test_a_wrong_offset_is_damage(tmp_path: Path) -> None:
    path = with_a_wrong_offset(tmp_path / "part-000000.arrow")
    with pytest.raises(CorruptDataError, match="part-000000"):
        list(find_rows([path], {"id": "bcd"}))
    with pytest.raises(CorruptDataError, match="part-000000"):
        list(column_batches([path], ["id"]))
