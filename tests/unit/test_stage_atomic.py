from __future__ import annotations

import os
from pathlib import Path

import pytest

from glmdata.errors import StorageError
from glmdata.stage.atomic import write_bytes, write_json


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o007, 0o660), (0o077, 0o600)])
def test_files_are_for_whom_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_bytes(tmp_path / "file", b"a")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for content in ({"a": 1}, {"a": "文"}):
        data = write_json(tmp_path / "new/file.json", content)
    assert (tmp_path / "new/file.json").read_bytes() == data == '{\n  "a": "文"\n}\n'.encode()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file.json"]


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "new/taken").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"write .*taken"):
        write_bytes(tmp_path / "new/taken", b"a")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["taken"]
