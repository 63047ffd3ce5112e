"""Plan a mixture into a stage folder.

plan/part-000000.arrow       a row a training row: slices of documents, mode, seed, weight
plan/shards.arrow            what the numbers of shards mean
report.json, run.json, manifest.json

Only the lengths of documents are read. A killed run starts again: a plan of ten million documents
takes some ten seconds where their store took hours. Its files appear whole, manifest.json last.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import RunLimits, available_threads, default_memory, working_memory
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.mix.config import MixConfig
from glmdata.mix.report import MixReport, full_report, table
from glmdata.mix.store import STAGE as STORE_STAGE
from glmdata.mix.store import Store
from glmdata.mix.unused import capped_weights, unused_options
from glmdata.mix.weights import CLUSTER_STEPS, Row, Wanted, weigh
from glmdata.stage.atomic import storage_errors, write_json
from glmdata.stage.course import Outcome, Task, carry_out, config_sha256
from glmdata.stage.inputs import Source
from glmdata.stage.manifest import MANIFEST_FILE, REPORT_FILE, file_entry

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.mix.options import MixOptions

STAGE = "mix"
PLAN_FORMAT = "1"
PART_BYTES = 256 << 20
"""A file of a plan ends before it has more bytes of slices."""


def run(
    store: str | os.PathLike[str] | None = None,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[MixOptions],
) -> MixReport:
    """Choose documents of a token store and plan training rows of them.

    Whole documents are taken: as often as all documents of a source and language fit into what is
    wanted of them, then some of them once more, chosen by a hash of their key. A source misses what
    is wanted by at most half its longest document.

    Parameters
    ----------
    store
        A stage folder of `glmdata.shard.run`; None: `shard` in the workspace.
    output
        The stage folder; None: `mix` in the workspace.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    threads
        None: all cores this process may use. Never changes the result.
    memory
        As for `glmdata.dedup.run`. A plan is made in memory, 24 bytes a document of the store and
        80 a pass over one; it never changes the result.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `MixConfig`, such as `weight=["book=2"]`.

    Raises
    ------
    ConfigError
        A wrong option, no token store, an unknown source, a target that cannot be reached, or the
        folder holds another run and `fresh` is not set.
    MemoryBudgetError
        The plan does not fit into `memory`.
    StorageError
        As its name says.
    """
    config = validated(MixConfig, options)
    made = _Mixture.of(store, config, workspace, threads, memory)
    path = Path(output) if output is not None else find_workspace(workspace).stage(STAGE)
    special_ids = made.store.special_ids(config)
    sentence_ends = made.store.sentence_ends(config)
    digest = config_sha256(made.values)
    counters = progress or _native.Progress()
    # Before the folder is touched: what cannot be wanted must not leave half a stage behind.
    is_done = (path / MANIFEST_FILE).exists() and not fresh
    began = time.monotonic()
    surveyed = None if is_done else made.survey(counters)
    survey_seconds = round(time.monotonic() - began, 3)

    def work(_: Path, paths: list[str]) -> Outcome:
        survey, rows, wanted = surveyed or made.survey(counters)
        metadata = {
            "glmdata.format": PLAN_FORMAT,
            "glmdata.stage": STAGE,
            "glmdata.row_length": str(config.row_length),
            "glmdata.eod_id": made.store.metadata["glmdata.eod_id"],
            "glmdata.pad_id": made.store.metadata["glmdata.eod_id"],
            "glmdata.tokenizer_sha256": made.store.metadata["glmdata.tokenizer_sha256"],
            "glmdata.store_sha256": made.store.sha256,
            "glmdata.packing": config.packing,
            "glmdata.seed": str(config.seed),
            "glmdata.config_sha256": digest,
            "glmdata.special_ids": json.dumps(special_ids, ensure_ascii=False),
            **sentence_ends,
        }
        folder = path / "plan"
        facts = json.loads(
            survey.plan(
                [want.tokens for want in wanted],
                config,
                str(folder),
                metadata,
                list(made.store.shards),
                part_bytes=PART_BYTES,
                threads=made.threads,
                progress=counters,
            )
        )
        report = full_report(table(rows, wanted), facts, config.row_length)
        sources = {row["source"] for row in report["by_source"]}
        report["notes"] = unused_options(config, sources)
        report["notes"] += capped_weights(config, rows, wanted)
        write_json(path / REPORT_FILE, report)
        files = [
            {"path": f"plan/{entry['name']}", **{k: entry[k] for k in ("rows", "bytes", "sha256")}}
            for entry in facts["files"]
        ]
        return Outcome(
            files=[*files, file_entry(path, REPORT_FILE)],
            counts={**report["documents"], **report["tokens"], "rows": report["rows"]},
            run={
                "store": os.path.relpath(made.store.folder, path),
                "survey_seconds": survey_seconds,
            },
        )

    parent = {
        "stage": STORE_STAGE,
        "config_sha256": made.store.config_sha256,
        "store_sha256": made.store.sha256,
    }
    taken = {"threads": made.threads, "memory_limit_bytes": made.memory}
    source = Source(tuple(made.store.paths), listing=made.store.listing)
    task = Task(STAGE, path, made.values, source, [parent], taken, fresh, seed=config.seed)
    return MixReport.read(path, already_complete=carry_out(task, work))


def preview(
    store: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    progress: _native.Progress | None = None,
    **options: Unpack[MixOptions],
) -> list[dict[str, Any]]:
    """What `run` would want of each source and language; nothing is written.

    Parameters and errors are those of `run`.
    """
    config = validated(MixConfig, options)
    made = _Mixture.of(store, config, workspace, threads, memory)
    made.store.special_ids(config)
    _, rows, wanted = made.survey(progress or _native.Progress())
    return table(rows, wanted)


@dataclass(frozen=True)
class _Mixture:
    """A store and how it is to be mixed."""

    store: Store
    config: MixConfig
    threads: int
    memory: int
    values: dict[str, Any]
    """The config as the manifest has it."""

    @classmethod
    def of(
        cls,
        store: str | os.PathLike[str] | None,
        config: MixConfig,
        workspace: str | os.PathLike[str] | None,
        threads: int | None,
        memory: int | str | None,
    ) -> _Mixture:
        _refuse_lengths(config)
        limits = validated(RunLimits, {"threads": threads, "memory": memory})
        folder = Path(store) if store is not None else find_workspace(workspace).stage(STORE_STAGE)
        opened = Store.open(folder)
        # What the file of clusters says decides, not where it lies.
        clusters = None
        if config.clusters is not None:
            with storage_errors("read", Path(config.clusters)):
                clusters = hashlib.sha256(Path(config.clusters).read_bytes()).hexdigest()
        values = {**config.values(), "clusters": clusters, "store": opened.sha256}
        workers = limits.threads or available_threads()
        return cls(opened, config, workers, limits.memory or default_memory(), values)

    def survey(self, progress: _native.Progress) -> tuple[_native.Survey, list[Row], list[Wanted]]:
        """Read the lengths of all documents, and say what is wanted of them."""
        survey = _native.Survey.read(
            self.store.paths,
            clusters=self.config.clusters,
            steps=list(CLUSTER_STEPS),
            seed=self.config.seed,
            memory=working_memory(self.memory, self.threads),
            threads=self.threads,
            progress=progress,
        )
        rows = [Row(**group) for group in json.loads(survey.groups())]
        return survey, rows, weigh(rows, self.config)


def _refuse_lengths(config: MixConfig) -> None:
    """Rows of buckets double up to the longest."""
    if config.packing != "buckets":
        return
    times, rest = divmod(config.row_length, config.shortest_row)
    if rest or times & (times - 1) or not times:
        raise ConfigError(
            f"shortest_row: expected row_length ({config.row_length}) divided by a power of two, "
            f"found {config.shortest_row}"
        )
