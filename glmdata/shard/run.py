"""Documents to ids in a stage folder.

<source>/part-000000.arrow   doc, tokens, n_tokens, source, lang: one row a document, no separators;
                             loss_spans, if a field of the input has them
quarantine/, report.json, run.json, manifest.json

Encoded units are kept in .work until the store is complete, so a killed run encodes at most one
unit a worker again. Files appear whole, manifest.json last, and equal inputs give equal bytes for
any number of threads. Memory does not grow with the input.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from glmdata import _native
from glmdata._native import Tokenizer as Vocabulary
from glmdata.config.given import validated
from glmdata.config.limits import StageLimits, available_threads
from glmdata.config.spelling import unknown
from glmdata.config.workspace import Workspace, find_workspace
from glmdata.errors import ConfigError
from glmdata.shard.config import ShardConfig
from glmdata.shard.report import ShardReport
from glmdata.shard.sentences import sentence_ends
from glmdata.stage.atomic import storage_errors, write_bytes, write_json
from glmdata.stage.course import Outcome, Task, carry_out, config_sha256
from glmdata.stage.losses import lost_records
from glmdata.stage.manifest import REPORT_FILE, file_entry, read_manifest
from glmdata.stage.upstream import open_source, upstream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.shard.options import ShardOptions

STAGE = "shard"
UPSTREAM = ("filter", "dedup")
"""The stages whose documents are read when no input is named, the furthest first."""

STORE_FORMAT = "1"
QUARANTINE_FILE = "quarantine/part-000000.jsonl"
_RESERVED = "<|reserved_"


class Encoder(Protocol):
    """What is needed of a vocabulary: a `glmdata.Tokenizer`."""

    _native: Vocabulary

    @property
    def sha256(self) -> str:
        """Hash of ranks, pattern and special tokens."""

    @property
    def rows(self) -> int:
        """Embedding rows that a model needs."""

    @property
    def n_ranks(self) -> int:
        """The number of tokens that merging makes."""

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """Ids of special tokens by name."""


def run(
    input: object = None,
    output: str | os.PathLike[str] | None = None,
    *,
    tokenizer: Encoder,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[ShardOptions],
) -> ShardReport:
    """Write the ids of documents as Arrow files, one folder a source.

    `tokens` is large_list<uint32>: the ids of the text alone, special tokens as plain text, without
    prefix or separator. `doc` is fixed_size_binary[16], the key that every stage joins by and that
    a document keeps from the stage before; `n_tokens` uint32. The schema of every file names the
    tokenizer and the config by their hashes, and the ids of special tokens.

    With `loss_spans_field` there is also `loss_spans`, large_list<struct<start, end: uint32>>: the
    tokens that bear loss, sorted and apart; null: all. A token does if it shares a byte with a span
    of the text. The loader gives other tokens no label.

    Parameters
    ----------
    input
        As for `glmdata.dedup.run`; None: what `filter` kept in the workspace, else `dedup`.
    output
        The stage folder; None: `shard` in the workspace.
    tokenizer
        The vocabulary: `glmdata.Tokenizer.load("glmdata-out/tokenizer")`.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    threads
        None: all cores this process may use. Never changes the result.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `ShardConfig`, such as `shard_size="256MiB"`.

    Raises
    ------
    ConfigError
        A wrong option, a vocabulary without the token `eod`, the folder holds another run (of
        another vocabulary, say) and `fresh` is not set, or texts were cut or masked after
        `loss_spans_field` was written.
    InputError, StorageError
        As their names say.
    """
    if isinstance(tokenizer, str | os.PathLike):
        raise TypeError(
            f"tokenizer: expected a Tokenizer, found {type(tokenizer).__name__}: "
            "Tokenizer.load(...) makes one of a name or a path"
        )
    config = validated(ShardConfig, options)
    limits = validated(StageLimits, {"threads": threads})
    space = find_workspace(workspace)
    source, parents = upstream(space, UPSTREAM) if input is None else open_source(input)
    if input is None and config.loss_spans_field is not None:
        _refuse_edits(space)
    path = Path(output) if output is not None else space.stage(STAGE)
    metadata = _metadata(tokenizer, config)
    values = {**config.values(), "tokenizer": tokenizer.sha256}
    metadata["glmdata.config_sha256"] = config_sha256(values)
    workers = limits.threads or available_threads()

    def work(folder: Path, paths: list[str]) -> Outcome:
        facts = json.loads(
            _native.encode_files(
                tokenizer._native,
                paths,
                str(path),
                config,
                metadata,
                loss_spans_field=config.loss_spans_field,
                work=str(folder),
                shard_bytes=config.shard_size,
                threads=workers,
                progress=progress or _native.Progress(),
            )
        )
        report = _report(tokenizer, facts)
        return Outcome(
            files=[*facts["files"], *_write(path, facts["events"], report)],
            counts={**report["documents"], "tokens": report["tokens"]},
            inputs=facts["inputs"],
            run={key: facts[key] for key in ("units", "units_reused")},
        )

    parents = [*parents, {"stage": "tokenizer", "sha256": tokenizer.sha256}]
    task = Task(STAGE, path, values, source, parents, {"threads": workers}, fresh)
    complete = carry_out(task, work)
    return ShardReport.read(path, values, already_complete=complete)


def _refuse_edits(space: Workspace) -> None:
    """Spans were counted in the text as it was crawled."""
    for name in UPSTREAM:
        manifest = read_manifest(space.stage(name))
        for entry in manifest.files if manifest is not None else ():
            if entry["path"].startswith("edits/") and entry["rows"]:
                raise ConfigError(
                    f"loss_spans_field: expected texts as they were crawled, found pieces cut or "
                    f"masked in {space.stage(name) / entry['path']}",
                    hint="run that stage without masks and without cutting lines or passages",
                )


def _metadata(tokenizer: Encoder, config: ShardConfig) -> dict[str, str]:
    """What the schema of every file says."""
    specials = tokenizer.special_tokens
    if config.eod not in specials:
        named = [name for name in specials if not name.startswith(_RESERVED)]
        raise unknown(f"eod: the vocabulary has no special token `{config.eod}`", config.eod, named)
    # Reserved rows have no use that a reader could ask for by name.
    used = {name: number for name, number in specials.items() if not name.startswith(_RESERVED)}
    return {
        "glmdata.format": STORE_FORMAT,
        "glmdata.stage": STAGE,
        "glmdata.tokenizer_sha256": tokenizer.sha256,
        "glmdata.rows": str(tokenizer.rows),
        "glmdata.eod_id": str(specials[config.eod]),
        "glmdata.special_ids": json.dumps(used, ensure_ascii=False),
        "glmdata.sentence_ends": sentence_ends(tokenizer._native.to_tiktoken()),
    }


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


def _report(tokenizer: Encoder, facts: Mapping[str, Any]) -> dict[str, Any]:
    rows, events = facts["tallies"], facts["events"]
    kept = sum(row["documents"] for row in rows)
    quarantined = lost_records(events)
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
        **facts["losses"],
        "notes": facts["notes"],
    }
