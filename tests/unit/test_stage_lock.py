from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from glmdata.errors import ConfigError
from glmdata.stage.lock import LOCK_FILE, locked

HOLDER = """
import sys
from pathlib import Path
from glmdata.stage.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_file_is_there_only_while_it_is_held(tmp_path: Path) -> None:
    with locked(tmp_path):
        owner = json.loads((tmp_path / LOCK_FILE).read_text())
        assert owner == {"pid": os.getpid(), "host": socket.gethostname()}
    assert not (tmp_path / LOCK_FILE).exists()


def test_a_running_process_is_named_and_a_killed_one_taken_over(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConfigError, match=f"in use by process {holder.pid} on"):
            locked(tmp_path).__enter__()
        holder.kill()
    assert (tmp_path / LOCK_FILE).exists()
    with locked(tmp_path):
        pass


def test_a_lock_of_another_host_is_never_taken_over(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text(json.dumps({"pid": 1, "host": "another-machine"}))
    with pytest.raises(ConfigError, match="process 1 on another-machine") as caught:
        locked(tmp_path).__enter__()
    assert caught.value.hint is not None
    assert "remove" in caught.value.hint


@pytest.mark.parametrize(
    "content", ["", "{", "[" * 4000, "[]", '{"pid": "x", "host": 1}', '{"pid": 1e999, "host": 1}']
)
def test_a_file_without_an_owner_is_taken_over(tmp_path: Path, content: str) -> None:
    (tmp_path / LOCK_FILE).write_text(content)
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK_FILE).read_text())["pid"] == os.getpid()
    assert not (tmp_path / LOCK_FILE).exists()


def test_without_kernel_locks_a_living_pid_is_respected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOSYS, "not here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    host = socket.gethostname()
    with subprocess.Popen([sys.executable, "-c", "pass"]) as finished:
        pass
    (tmp_path / LOCK_FILE).write_text(json.dumps({"pid": finished.pid, "host": host}))
    with locked(tmp_path):
        pass
    (tmp_path / LOCK_FILE).write_text(json.dumps({"pid": os.getppid(), "host": host}))
    with pytest.raises(ConfigError, match="in use"):
        locked(tmp_path).__enter__()
