"""Files of benchmark items that documents are searched for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.config.limits import default_memory
from glmdata.errors import ConfigError
from glmdata.filter.config import FilterConfig
from glmdata.stage.atomic import write_bytes
from glmdata.stage.hashing import file_sha256
from glmdata.stage.rows import readable

OVERLAP = 0.4
"""The share of a benchmark item in a document, by weight, from which that document holds it."""
OVERLAPS = "benchmark/overlap"
"""The rule that removes such documents."""
MOST_LISTED = 1000
"""Documents with benchmark items that a report names one by one."""


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


def benchmark_pack(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    benchmark_field: str | None = None,
) -> int:
    """Write the items of files as hashes, which say nothing of the text; returns how many.

    The pack finds what the files find, and is given to `--benchmark` like them.

    Parameters
    ----------
    inputs
        Files and folders of items, and packs, as `benchmark` of `FilterConfig`.
    output
        A file that ends in `.jsonl`; one that is there is replaced.
    benchmark_field
        Column with the question, or several between commas; None: those of the filter.

    Raises
    ------
    ConfigError
        There is no input, or `output` has another ending.
    InputError, StorageError, MemoryBudgetError
        As their names say.

    Examples
    --------
    >>> benchmark_pack(["mmlu/test.jsonl"], "mmlu.jsonl")
    14042
    """
    path = Path(output)
    if not inputs:
        raise ConfigError("nothing to pack: expected files of benchmark items, found none")
    if path.suffix != ".jsonl":
        raise ConfigError(f"--output: expected a file that ends in .jsonl, found {str(path)!r}")
    field = benchmark_field or FilterConfig().benchmark_field
    data, items = _native.benchmark_pack([os.fspath(i) for i in inputs], field, default_memory())
    write_bytes(path, data)
    return items


def with_holders(scored: Mapping[str, Any], stage: Path) -> dict[str, Any] | None:
    """Facts on the items that were looked for, and on the documents that hold one.

    Of many documents only the first are named. None if no items were looked for.

    Raises
    ------
    CorruptDataError
        A file of scores cannot be read.
    """
    import polars as pl

    if not scored["benchmark"]:
        return None
    count, listed = 0, list[dict[str, Any]]()
    paths = [entry["path"] for entry in scored["files"]]
    for path in (path for path in paths if path.startswith("scores/")):
        frame = pl.read_ipc(readable(stage / path))
        frame = frame.filter(pl.col("contamination") >= OVERLAP)
        places = [name for name in frame.columns if name.startswith("benchmark_")]
        frame = frame.select("id", "benchmark", "contamination", *places)
        count += frame.height
        listed += frame.head(MOST_LISTED - len(listed)).to_dicts()
    return {**scored["benchmark"], "documents": count, "listed": listed}
