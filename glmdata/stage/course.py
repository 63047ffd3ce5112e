"""The course of a stage whose work is one call: decide, work, record, declare complete."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.stage.atomic import write_sealed
from glmdata.stage.folder import Action, StageFolder
from glmdata.stage.inputs import Source
from glmdata.stage.listing import listing_sha256, recorded, refuse_output_inside
from glmdata.stage.lock import locked
from glmdata.stage.manifest import MANIFEST_FILE, RUN_FILE, Manifest
from glmdata.stage.record import host_facts, now, peak_memory


@dataclass(frozen=True)
class Outcome:
    """What the work made."""

    files: Sequence[Mapping[str, Any]]
    """Entries of the manifest, report.json among them."""
    counts: Mapping[str, Any]
    inputs: Sequence[Mapping[str, Any]] | None = None
    """The files that were read; None: those of the listing."""
    run: Mapping[str, Any] = field(default_factory=dict)
    """What run.json tells beside times and machine."""


@dataclass(frozen=True)
class Task:
    """One run of a stage."""

    stage: str
    output: Path
    config: Mapping[str, Any]
    source: Source
    parents: Sequence[Mapping[str, Any]]
    limits: Mapping[str, Any]
    """Threads and memory, for run.json."""
    fresh: bool
    seed: int | None = None
    """Of a stage whose choices are hashes."""


def config_sha256(config: Mapping[str, Any]) -> str:
    """The hash by which a manifest names a config."""
    return hashlib.sha256(json.dumps(dict(config), sort_keys=True).encode()).hexdigest()


def carry_out(task: Task, work: Callable[[Path, list[str]], Outcome]) -> bool:
    """Run `work(.work folder, paths)` unless the stage is complete; true if it was.

    Raises
    ------
    ConfigError
        The folder is no stage of this kind, or holds a run of another config or other inputs.
    CorruptDataError
        It is complete but damaged.
    """
    refuse_output_inside(task.source.paths, task.output)
    folder = StageFolder(task.output, task.stage)
    folder.refuse_foreign()
    config = dict(task.config)
    digest = config_sha256(config)
    folder.make()
    with locked(task.output):
        if task.fresh or folder.half_cleared():
            folder.clear()
        try:
            paths, listing = task.source.prepare(folder.work)
            listed = listing_sha256(listing)
            action = folder.decide(config, digest, listing, listed)
            if action is Action.DONE:
                return True
            folder.begin(action, config, digest, listing)
            started, clock = now(), time.monotonic()
            with folder.begun():
                outcome = work(folder.work, paths)
            write_sealed(
                task.output / RUN_FILE,
                {
                    "started": started,
                    "seconds": round(time.monotonic() - clock, 3),
                    "argv": sys.argv,
                    "inputs": [str(Path(name).absolute()) for name in paths],
                    **task.limits,
                    "peak_memory_bytes": peak_memory(),
                    **outcome.run,
                    "host": host_facts(),
                },
            )
            inputs = recorded(listing if outcome.inputs is None else outcome.inputs, listing)
            Manifest(
                stage=task.stage,
                config=config,
                config_sha256=digest,
                parents=task.parents,
                inputs=inputs,
                inputs_sha256=listed,
                files=outcome.files,
                counts=outcome.counts,
                versions={"glmdata": _native.__version__},
                seed=task.seed,
            ).write(task.output)
            return False
        finally:
            if (task.output / MANIFEST_FILE).exists():
                folder.drop_work()
