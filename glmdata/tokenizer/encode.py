"""Documents to ids in a stage folder: the token store that training data is mixed from.

<source>/part-000000.arrow   doc, tokens, n_tokens, source, lang: one row a document, no separators
quarantine/, report.json, run.json, manifest.json

A killed run starts again from the text. Its files appear whole, manifest.json last, and equal
inputs give equal bytes for any number of threads.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.config.fields import option
from glmdata.config.limits import StageLimits, available_threads
from glmdata.config.sizes import Size
from glmdata.config.sources import validated
from glmdata.errors import CorruptDataError
from glmdata.stage.atomic import storage_errors, write_bytes, write_json
from glmdata.stage.folder import Action, StageFolder
from glmdata.stage.inputs import source_of
from glmdata.stage.listing import listing_sha256, recorded, refuse_output_inside
from glmdata.stage.lock import locked
from glmdata.stage.manifest import (
    MANIFEST_FILE,
    REPORT_FILE,
    RUN_FILE,
    Manifest,
    file_entry,
    read_object,
)
from glmdata.stage.record import host_facts, peak_memory
from glmdata.tokenizer.texts import TextConfig, too_many_bad
from glmdata.tokenizer.tokenizer import Tokenizer

STAGE = "encode"
STORE_FORMAT = "1"
QUARANTINE_FILE = "quarantine/part-000000.jsonl"


class EncodeConfig(TextConfig):
    """What is read, and how large files become."""

    shard_size: Size = option(
        "1GiB",
        help="a file ends before it has more bytes of ids",
        expected="a size such as 1GiB",
        group="output",
        metavar="SIZE",
        ge=1,
    )


@dataclass(frozen=True)
class EncodeReport:
    """How much was written; `data` is report.json, equal for equal runs, `run` is run.json."""

    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    already_complete: bool = False
    too_many_bad: str | None = None
    """A sentence if more could not be read than `max_bad` allows; the output is whole."""

    @classmethod
    def read(
        cls, folder: Path, config: Mapping[str, Any], *, already_complete: bool = False
    ) -> EncodeReport:
        """The report of a complete stage folder that was made with `config`.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_object(folder / REPORT_FILE)
        missing = [key for key in ("documents", "tokens", "by_source") if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        run = folder / RUN_FILE
        bad = sum(data["quarantine"].values())
        return cls(
            output=folder,
            data=data,
            run=read_object(run) if run.exists() else {},
            already_complete=already_complete,
            too_many_bad=too_many_bad(bad, data["documents"]["in"], config["max_bad"]),
        )


def encode_documents(
    tokenizer: Tokenizer | str | os.PathLike[str],
    input: object,
    output: str | os.PathLike[str],
    *,
    threads: int | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Any,
) -> EncodeReport:
    """Write the ids of documents as Arrow files, one folder a source.

    `tokens` is large_list<uint32>: the ids of the text alone, special tokens as plain text, without
    prefix or separator. `doc` is fixed_size_binary[16], the key that every stage joins by,
    `n_tokens` uint32. The schema of every file names the tokenizer and the config by their hashes.

    Parameters
    ----------
    tokenizer
        The vocabulary, or what `Tokenizer.load` takes.
    input
        As for `glmdata.dedup.run`.
    output
        The stage folder.
    threads
        None: all cores this process may use. Never changes the result.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `EncodeConfig`, such as `shard_size="256MiB"`.

    Raises
    ------
    ConfigError
        A wrong option, or the folder holds another run and `fresh` is not set.
    InputError, StorageError
        As their names say.
    """
    config = validated(EncodeConfig, options)
    limits = validated(StageLimits, {"threads": threads})
    loaded = tokenizer if isinstance(tokenizer, Tokenizer) else Tokenizer.load(tokenizer)
    source, path = source_of(input), Path(output)
    refuse_output_inside(source.paths, path)
    folder = StageFolder(path, STAGE)
    folder.refuse_foreign()
    values = {**config.model_dump(), "tokenizer": loaded.sha256}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    folder.make()
    with locked(path):
        if fresh or folder.half_cleared():
            folder.clear()
        try:
            paths, listing = source.prepare(folder.work)
            listed = listing_sha256(listing)
            action = folder.decide(values, digest, listing, listed)
            if action is Action.DONE:
                return EncodeReport.read(path, values, already_complete=True)
            if action is Action.START:
                folder.begin(values, digest, listing)
            clock, started = time.monotonic(), datetime.now(timezone.utc)
            workers = limits.threads or available_threads()
            facts = json.loads(
                _native.encode_files(
                    loaded._native,
                    paths,
                    str(path),
                    config,
                    {
                        "glmdata.format": STORE_FORMAT,
                        "glmdata.tokenizer_sha256": loaded.sha256,
                        "glmdata.config_sha256": digest,
                        "glmdata.rows": str(loaded.rows),
                    },
                    shard_bytes=config.shard_size,
                    threads=workers,
                    progress=progress or _native.Progress(),
                )
            )
            report = _report(loaded, facts)
            files = [*facts["files"], *_write(path, facts["events"], report)]
            write_json(
                path / RUN_FILE,
                {
                    "started": started.isoformat(timespec="seconds"),
                    "seconds": round(time.monotonic() - clock, 3),
                    "argv": sys.argv,
                    "inputs": [str(Path(name).absolute()) for name in paths],
                    "threads": workers,
                    "peak_memory_bytes": peak_memory(),
                    "host": host_facts(),
                },
            )
            Manifest(
                stage=STAGE,
                config=values,
                config_sha256=digest,
                parents=[{"stage": "tokenizer", "sha256": loaded.sha256}],
                inputs=recorded(facts["inputs"], listing),
                inputs_sha256=listed,
                files=files,
                counts={**report["documents"], "tokens": report["tokens"]},
                versions={"glmdata": _native.__version__},
            ).write(path)
            return EncodeReport.read(path, values)
        finally:
            if (path / MANIFEST_FILE).exists():
                folder.drop_work()


def _write(
    path: Path, events: list[dict[str, Any]], report: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The small files; what the manifest says of them."""
    with storage_errors("create folder", path / "quarantine"):
        (path / "quarantine").mkdir(exist_ok=True)
    lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    write_bytes(path / QUARANTINE_FILE, "".join(lines).encode())
    write_json(path / REPORT_FILE, report)
    return [file_entry(path, QUARANTINE_FILE, len(events)), file_entry(path, REPORT_FILE)]


def _report(tokenizer: Tokenizer, facts: Mapping[str, Any]) -> dict[str, Any]:
    rows, events = facts["tallies"], facts["events"]
    kept = sum(row["documents"] for row in rows)
    quarantined = sum(event["row"] is not None for event in events)
    return {
        "format_version": 1,
        "stage": STAGE,
        # Nothing is removed here, and every stage's sum is in = kept + removed + quarantined.
        "documents": {
            "in": kept + quarantined,
            "kept": kept,
            "removed": 0,
            "quarantined": quarantined,
        },
        "text_bytes": sum(row["text_bytes"] for row in rows),
        "tokens": sum(row["tokens"] for row in rows),
        "by_source": rows,
        "tokenizer": {"sha256": tokenizer.sha256, "ranks": tokenizer.n_ranks},
        "quarantine": dict(sorted(Counter(event["kind"] for event in events).items())),
        "notes": facts["notes"],
    }
