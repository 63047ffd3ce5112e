"""Files of benchmark items that documents are searched for."""

from __future__ import annotations

from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.filter.config import FilterConfig
from glmdata.stage.hashing import file_sha256


def benchmarks_of(config: FilterConfig) -> list[str]:
    """Name and sha256 of every file of items, however the folder above is called.

    Raises
    ------
    ConfigError
        A path does not exist, or a folder is empty.
    StorageError
        A file cannot be read.
    """
    found = []
    for name in config.benchmark:
        path = Path(name)
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        if not files or not files[0].exists():
            raise ConfigError(
                f"benchmark: expected files with items in {name}, found none",
                hint="--benchmark takes a file or a folder of JSONL, Parquet, Arrow or .txt",
            )
        base = path if path.is_dir() else path.parent
        found += [f"{p.relative_to(base).as_posix()}@{file_sha256(p)}" for p in files]
    return sorted(found)
