"""Small files that appear whole or not at all: temporary name, fsync, rename, fsync of the folder.

The compiled module does the same for the large ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from glmdata.errors import AccessError, MissingFileError, StorageError

TEMPORARY_PREFIX = ".tmp-"

_SURROGATE = re.compile("[\ud800-\udfff]")
SEAL = "sealed"
"""The field of a file of ours that holds the hash of all others."""


def write_json(path: Path, content: object) -> bytes:
    """Write indented JSON atomically; returns the bytes written."""
    data = (json_text(content) + "\n").encode()
    write_bytes(path, data)
    return data


def json_text(content: object) -> str:
    """Indented JSON that can be encoded.

    Names of files that are no UTF-8 come from the system as lone surrogates. A text with one of
    them is spelled in ASCII, so that who reads it gets the same name again.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if _SURROGATE.search(text):
        return json.dumps(content, indent=2)
    return text


def write_sealed(path: Path, content: Mapping[str, object]) -> bytes:
    """The same with the hash of the content as a last field, which `read_object` checks."""
    return write_json(path, {**content, SEAL: seal_of(content)})


def seal_of(content: Mapping[str, object]) -> str:
    """sha256 of a JSON object, however it is laid out, lower-case hex."""
    # Read back first: keys that are numbers become texts, and tuples lists.
    plain = json.loads(json.dumps({**content}))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically.

    Raises
    ------
    StorageError
        The file system refused; no half file is left.
    """
    with storage_errors("write", path):
        # Not by tempfile: it loads random and shutil, and makes files nobody else may read.
        temporary = path.parent / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def remove_temporaries(folder: Path) -> None:
    """Remove what killed runs left half written in a folder and in the folders directly below it.

    Only for who holds the folder's lock: the files of a running process look the same.
    """
    with storage_errors("remove unfinished files of", folder):
        below = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
        for place in (folder, *below):
            for path in place.glob(f"{TEMPORARY_PREFIX}*"):
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Fsync a folder, so that the names in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def storage_errors(action: str, path: Path) -> Iterator[None]:
    """Turn what the system answers into our classes, with the act and the path."""
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as error:
        raise MissingFileError(f"{action} {path}: {error.strerror}") from error
    except PermissionError as error:
        raise AccessError(f"{action} {path}: {error.strerror}") from error
    except OSError as error:
        raise StorageError(f"{action} {path}: {error.strerror or error}") from error
