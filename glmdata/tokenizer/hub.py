"""Where a vocabulary lies: a path, or the folder that a hub's cache has for it.

    models--ORG--NAME/refs/main             the hash of a commit
    models--ORG--NAME/snapshots/HASH/...    links to ../../blobs/...

Nothing is ever downloaded.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from glmdata.errors import ConfigError, MissingFileError

_MODEL = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*")
_PREFIX = "models--"


def located(source: str | os.PathLike[str]) -> Path:
    """The file or folder that `source` means; it may be missing.

    Raises
    ------
    ConfigError
        A folder of the cache has several snapshots, and none is the main one.
    MissingFileError
        Neither a path nor in the cache, or a folder of the cache without a snapshot.
    """
    path = Path(source)
    name = os.fspath(source)
    if path.is_dir():
        model = path.parent if path.name == "snapshots" else path
        return snapshot(model) if model.name.startswith(_PREFIX) else path
    if os.path.lexists(path) or not _MODEL.fullmatch(name):
        return path
    cached = cache() / (_PREFIX + name.replace("/", "--"))
    if cached.is_dir():
        return snapshot(cached)
    if "/" in name and not path.suffix:
        raise MissingFileError(
            f"{name}: no such folder, and no such model in the cache {cache()}",
            hint=f"nothing is downloaded here: `hf download {name}` brings it into the cache",
        )
    return path


def cache() -> Path:
    """The folder of downloads that huggingface_hub uses, by the same variables."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if folder := os.environ.get(variable):
            return Path(folder).expanduser()
    above = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{above}/huggingface"
    return Path(home).expanduser() / "hub"


def snapshot(model: Path) -> Path:
    """The snapshot of a model's folder that `main` names, or the only one."""
    main = model / "refs" / "main"
    found = sorted(path for path in (model / "snapshots").glob("*") if path.is_dir())
    if main.is_file():
        named = model / "snapshots" / main.read_text(encoding="utf-8").strip()
        if named in found:
            return named
    if len(found) == 1:
        return found[0]
    if not found:
        raise MissingFileError(
            f"{model}: expected a snapshot, found none",
            hint="the download has not ended; `hf download` goes on with it",
        )
    raise ConfigError(
        f"{model}: expected one snapshot, or one that refs/main names, found {len(found)}",
        hint=f"name one of them, such as {found[0]}",
    )
