"""One run at a time in a stage folder.

The lock is a kernel lock on `.lock`, which dies with its process, so a killed run never blocks the
next one. The file also names the pid and host, for the message, and for file systems without
kernel locks, where a living pid on this host is the only evidence there is. A lock left by another
host is never taken over: from here nobody can tell whether its process still lives.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.stage.atomic import remove_temporaries, storage_errors

LOCK_FILE = ".lock"

_NO_KERNEL_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK, errno.EOPNOTSUPP}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a stage folder, which must exist.

    Raises
    ------
    ConfigError
        Another run holds it; the message names its pid and host. Or the file is a link: what it
        leads to is not ours to write.
    """
    path = folder / LOCK_FILE
    with storage_errors("lock", path):
        descriptor = _acquire(path)
    try:
        yield
    finally:
        # Removed before it is released: whoever waits for it sees that its file is gone.
        path.unlink(missing_ok=True)
        os.close(descriptor)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold a folder that is no stage while files are written into it; it is made if missing.

    What a killed run left half written there is removed first.

    Raises
    ------
    ConfigError
        As for `locked`.
    """
    with storage_errors("create folder", folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        remove_temporaries(folder)
        yield


def _acquire(path: Path) -> int:
    while True:
        try:
            # Not through a link, and without waiting for the reader of a pipe.
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(path, flags, 0o666)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise ConfigError(
                f"{path}: expected a file, found a link to {str(path.readlink())!r}",
                hint="remove the link, or write elsewhere with --output",
            ) from None
        try:
            _take(descriptor, path)
            if _is_still(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    host = os.uname().nodename
    kernel_lock = True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _held(path, _owner(descriptor)) from None
    except OSError as error:
        if error.errno not in _NO_KERNEL_LOCKS:
            raise
        kernel_lock = False
    owner = _owner(descriptor)
    if owner is not None:
        pid, owner_host = owner
        if owner_host != host or (not kernel_lock and _is_alive(pid)):
            raise _held(path, owner)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "host": host}).encode(), 0)
    os.fsync(descriptor)


def _owner(descriptor: int) -> tuple[int, str] | None:
    try:
        content = json.loads(os.pread(descriptor, 4096, 0))
        return int(content["pid"]), str(content["host"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None  # killed between making the file and writing it


def _held(path: Path, owner: tuple[int, str] | None) -> ConfigError:
    who = f"process {owner[0]} on {owner[1]}" if owner else "another process"
    return ConfigError(
        f"{path.parent}: in use by {who}",
        hint=f"wait for it, or write elsewhere with --output; if it is dead, remove {path}",
    )


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file just locked still has its name: a run that ended meanwhile removed it."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
