"""Run a deduplication into a stage folder: decide, call the compiled module, declare complete.

The order in which files appear makes every kill harmless: start.json first, then what the compiled
module writes, then report.json and run.json, manifest.json last, and only then .work goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import (
    RunLimits,
    available_threads,
    default_memory,
    working_memory,
)
from glmdata.config.workspace import find_workspace
from glmdata.dedup.config import BEST, DedupConfig, config_sha256
from glmdata.dedup.report import DedupReport
from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors, write_json, write_sealed
from glmdata.stage.folder import Action, StageFolder
from glmdata.stage.listing import (
    Listing,
    describe_change,
    list_inputs,
    listing_sha256,
    refuse_output_inside,
)
from glmdata.stage.lock import locked
from glmdata.stage.manifest import MANIFEST_FILE, REPORT_FILE, RUN_FILE, Manifest, read_object
from glmdata.stage.record import host_facts, now, peak_memory
from glmdata.stage.upstream import open_source

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.dedup.index import Visit
    from glmdata.dedup.options import DedupOptions
    from glmdata.dedup.scores import Scores

STAGE = "dedup"

DECIDED_LATE = (
    "threshold",
    "keep",
    "source_priority",
    "variants",
    "cluster",
    "containment",
    "line_dedup",
    "paragraph_dedup",
    "substring_dedup",
    "templates",
    "max_source_loss",
    "format",
    "write",
    "removed_text",
)
"""Options that act after the comparison, so that `rethreshold` may change them."""


def run(
    input: object,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[DedupOptions],
) -> DedupReport:
    """Deduplicate documents into a stage folder.

    A call that finds its folder complete, with the same options and inputs, returns the report at
    once; one that finds an interrupted run goes on with it. The environment and glmdata.toml are
    for the command line and are not read here.

    Parameters
    ----------
    input
        A file, folder, glob or `-` for standard input; a list of them; a pyarrow Table or
        RecordBatchReader; a polars DataFrame or LazyFrame; an iterable of dicts. What is no file
        is written to the stage's .work folder first.
    output
        The stage folder; None: `dedup` in the workspace.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    threads
        None: all cores this process may use.
    memory
        Peak memory of the process in bytes or as `8GiB`; None: 70 % of the machine.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `DedupConfig`, such as `threshold=0.85`.

    Raises
    ------
    ConfigError
        A wrong option, or the folder holds another run and `fresh` is not set.
    InputError, StorageError, CorruptDataError, MemoryBudgetError
        As their names say; the next call goes on where this one stopped.

    Examples
    --------
    >>> report = glmdata.dedup.run("crawl/", threshold=0.85)
    >>> report.documents_in - report.documents_kept
    655
    """
    config = validated(DedupConfig, options)
    limits = _limits(threads, memory)
    source, parents = open_source(input)
    path = Path(output) if output is not None else find_workspace(workspace).stage(STAGE)
    refuse_output_inside(source.paths, path)
    folder = StageFolder(path, STAGE)
    folder.refuse_foreign()
    index = Path(config.index) if config.index is not None else None
    if index is not None:
        refuse_output_inside(source.paths, index, option="--index")
        if path.resolve() in (index.resolve(), *index.resolve().parents):
            raise ConfigError(f"--index {index}: expected a folder outside of the output {path}")

    def work(inputs: _Inputs, resume: bool) -> str:
        paths, visit, scores = inputs.paths, inputs.visit, inputs.scores
        return _native.dedup(
            paths,
            str(path),
            config,
            threads=limits["threads"],
            memory=limits["working_memory_bytes"],
            index=None if visit is None else visit.prepare(),
            scores=None if scores is None else scores.files,
            resume=resume,
            progress=progress or _native.Progress(),
        )

    folder.make()
    with contextlib.ExitStack() as locks:
        locks.enter_context(locked(path))
        if index is not None:
            with storage_errors("create folder", index):
                index.mkdir(parents=True, exist_ok=True)
            locks.enter_context(locked(index))
        if fresh or folder.half_cleared():
            folder.clear()
        try:
            paths, listing = source.prepare(folder.work)
            digest = listing_sha256(listing)
            visit = None if index is None else _visit(index, config, digest)
            scores = None if config.scores is None else _scores(config.scores, config, listing)
            inputs = _Inputs(paths, listing, digest, visit, scores, parents)
            places = {"index": index, "scores": None if scores is None else scores.folder}
            known = {name: str(place.absolute()) for name, place in places.items() if place}
            facts = {**limits, **known}
            return _execute(folder, config, inputs, facts, work)
        finally:
            # Whatever the answer was, a complete stage needs no copy of what was spooled for it.
            if (path / MANIFEST_FILE).exists():
                folder.drop_work()


def rethreshold(
    stage: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[DedupOptions],
) -> DedupReport:
    """Decide again from the pairs a finished stage stored, without comparing anything.

    The result has the bytes that a full run with these options would have written, as long as the
    bands are the same. Kept documents are copied from the input files, which must still be there.

    Parameters
    ----------
    stage
        A complete dedup stage; it is not changed.
    output
        The new stage folder; None: beside the old one, its name followed by the threshold.
    threads, memory, fresh, progress
        As in `run`.
    **options
        What changes, of `DECIDED_LATE`; the rest stays as the stage had it.

    Raises
    ------
    ConfigError
        An option needs a new comparison, the inputs changed, or `stage` is no complete stage.
    InputError
        An input of the stage is gone.
    """
    origin = Path(stage)
    manifest = StageFolder(origin, STAGE).complete()
    if manifest is None or manifest.stage != STAGE:
        raise ConfigError(
            f"{origin}: expected a complete dedup stage", hint="run `glmdata dedup` first"
        )
    manifest.check_content(origin, ("documents.arrow", "pairs.arrow", "quarantine/", REPORT_FILE))
    if manifest.config["index"] is not None:
        raise ConfigError(
            f"{origin}: was deduplicated against an index, which may have grown since",
            hint="run `glmdata dedup --input` with --index again",
        )
    config = validated(DedupConfig, {**manifest.config, **options})
    for key, value in config.values().items():
        if key not in DECIDED_LATE and value != manifest.config.get(key):
            raise ConfigError(
                f"{key}: expected {manifest.config.get(key)!r} as in {origin}, found {value!r}",
                hint="texts must be compared for this: run `glmdata dedup --input` with it",
            )
    _refuse_unjudged(manifest.config["containment"], config.containment, origin)
    scores = _scores_of(manifest, config)
    path = Path(output) if output else origin.with_name(f"{origin.name}-{config.threshold:g}")
    if path.resolve() == origin.resolve():
        raise ConfigError(f"{path}: the new stage cannot replace the one it is made from")
    paths = _input_paths(origin)
    listing = list_inputs(paths)
    if listing_sha256(listing) != manifest.inputs_sha256:
        raise ConfigError(
            f"{origin}: the inputs changed since: {describe_change(manifest.inputs, listing)}",
            hint="run `glmdata dedup --input` on them",
        )
    limits = _limits(threads, memory)
    folder = StageFolder(path, STAGE)
    folder.refuse_foreign()

    def work(inputs: _Inputs, _: bool) -> str:
        return _native.rethreshold(
            inputs.paths,
            str(origin),
            str(path),
            config,
            threads=limits["threads"],
            memory=limits["working_memory_bytes"],
            progress=progress or _native.Progress(),
        )

    facts = {**limits, "rethreshold_of": str(origin.absolute())}
    folder.make()
    with locked(path):
        if fresh or folder.half_cleared():
            folder.clear()
        inputs = _Inputs(
            paths, listing, manifest.inputs_sha256, scores=scores, parents=manifest.parents
        )
        return _execute(folder, config, inputs, facts, work)


def _refuse_unjudged(before: float | None, now: float | None, origin: Path) -> None:
    """Texts below the threshold were read for their differences from some containment on."""
    if now is None or (before is not None and now >= before):
        return
    known = "off" if before is None else f"off or at least {before}"
    raise ConfigError(
        f"containment: expected {known} as in {origin}, found {now!r}",
        hint="texts must be compared for this: run `glmdata dedup --input` with it",
    )


def _visit(index: Path, config: DedupConfig, inputs_sha256: str) -> Visit:
    from glmdata.dedup.index import visit  # few runs have an index

    return visit(index, config, inputs_sha256)


def _scores(folder: str, config: DedupConfig, listing: Listing) -> Scores:
    from glmdata.dedup.scores import Scores  # few runs have scores

    return Scores.of(Path(folder), config, listing)


def _limits(threads: int | None, memory: int | str | None) -> dict[str, int]:
    limits = validated(RunLimits, {"threads": threads, "memory": memory})
    workers = limits.threads or available_threads()
    memory = limits.memory or default_memory()
    return {
        "threads": workers,
        "memory_limit_bytes": memory,
        "working_memory_bytes": working_memory(memory, workers),
    }


@dataclass(frozen=True)
class _Inputs:
    paths: list[str]
    listing: Listing
    sha256: str
    visit: Visit | None = None
    scores: Scores | None = None
    parents: Sequence[Mapping[str, Any]] = ()


def _execute(
    folder: StageFolder,
    config: DedupConfig,
    inputs: _Inputs,
    facts: Mapping[str, object],
    work: Callable[[_Inputs, bool], str],
) -> DedupReport:
    started, clock = now(), time.monotonic()
    visit = inputs.visit
    # What index and scores held decides, not where they lie.
    known = None if visit is None else visit.known
    scored = None if inputs.scores is None else inputs.scores.sha256
    values = {**config.values(), "index": known, "scores": scored}
    digest = config_sha256(values)
    action = folder.decide(values, digest, inputs.listing, inputs.sha256)
    if action is Action.DONE:
        # A run that ended between its manifest and here left it behind.
        folder.drop_work()
        return DedupReport.read(folder.path, values, already_complete=True)
    folder.begin(action, values, digest, inputs.listing)
    with folder.begun():
        outcome = json.loads(work(inputs, action is Action.RESUME))
    if visit is not None:
        visit.tell(outcome["report"])
    report = write_json(folder.path / REPORT_FILE, outcome["report"])
    write_sealed(
        folder.path / RUN_FILE,
        {
            "started": started,
            "seconds": round(time.monotonic() - clock, 3),
            "argv": sys.argv,
            "inputs": [str(Path(path).absolute()) for path in inputs.paths],
            **facts,
            "peak_memory_bytes": peak_memory(),
            "host": host_facts(),
            "index_replaces": visit.own["name"] if visit is not None and visit.own else None,
            **outcome["run"],
        },
    )
    report_entry = {
        "path": REPORT_FILE,
        "rows": None,
        "bytes": len(report),
        "sha256": sha256(report).hexdigest(),
    }
    if visit is not None:
        visit.commit(outcome["report"])
    manifest = Manifest(
        stage=STAGE,
        config=values,
        config_sha256=digest,
        parents=inputs.parents,
        inputs=outcome["inputs"],
        inputs_sha256=inputs.sha256,
        files=[*outcome["files"], report_entry],
        counts=outcome["report"]["documents"],
        versions={"glmdata": _native.__version__, **outcome.get("versions", {})},
    )
    manifest.write(folder.path)
    folder.drop_work()
    return DedupReport.read(folder.path, values)


def _scores_of(manifest: Manifest, config: DedupConfig) -> Scores | None:
    """The scores that a finished stage kept the best by, if `config` still asks for them.

    Raises
    ------
    ConfigError
        It asks for another one of them.
    """
    digest = manifest.config.get("scores")
    if digest is None or not config.keep.startswith(BEST):
        return None
    if config.keep != manifest.config["keep"]:
        raise ConfigError(
            f"keep: expected {manifest.config['keep']!r} as in the finished stage, "
            f"found {config.keep!r}",
            hint="scores must be read for this: run `glmdata dedup --input` with --scores",
        )
    from glmdata.dedup.scores import Scores

    # Nobody reads them again: the table of documents has what the policy looks at.
    return Scores(Path(), [], digest)


def _input_paths(stage: Path) -> list[str]:
    run_file = stage / RUN_FILE
    return list(read_object(run_file).get("inputs", [])) if run_file.exists() else []
