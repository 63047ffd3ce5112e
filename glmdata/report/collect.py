"""The stages of a workspace, as their own files tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError
from glmdata.stage.folder import StageFolder
from glmdata.stage.manifest import (
    RUN_FILE,
    Manifest,
    read_manifest,
    read_object,
    read_report,
)

ORDER = ("dedup", "filter", "tokenizer", "shard", "mix")
"""Stages a report knows, in the order in which they run."""

CLEANING = ("dedup", "filter")
"""Stages that remove documents."""


@dataclass(frozen=True)
class Stage:
    """A complete stage."""

    name: str
    folder: Path
    manifest: Manifest
    report: Mapping[str, Any]
    run: Mapping[str, Any]

    @property
    def documents(self) -> Mapping[str, int]:
        """Counts `in`, `kept`, `removed`, `quarantined`."""
        counts: Mapping[str, int] = self.report["documents"]
        return counts


@dataclass(frozen=True)
class Corpus:
    """All complete stages of a workspace, in the order in which they run."""

    workspace: Path
    stages: Sequence[Stage]

    def get(self, name: str) -> Stage | None:
        """A stage, if it is there."""
        return next((stage for stage in self.stages if stage.name == name), None)

    @property
    def cleaning(self) -> list[Stage]:
        """The stages that remove documents."""
        return [stage for stage in self.stages if stage.name in CLEANING]


def collect(workspace: Path) -> Corpus:
    """Read manifests and reports; no document is looked at.

    Raises
    ------
    ConfigError
        No stage is complete.
    CorruptDataError
        A stage is damaged.
    """
    stages = []
    for name in ORDER:
        folder = workspace / name
        manifest = StageFolder(folder, name).complete() if read_manifest(folder) else None
        if manifest is None:
            continue
        run = folder / RUN_FILE
        facts = read_object(run) if run.exists() else {}
        stages.append(Stage(name, folder, manifest, read_report(folder), facts))
    if not stages:
        raise ConfigError(
            f"{workspace}: expected at least one complete stage, found none",
            hint="run `glmdata dedup --input crawl/` or `glmdata run RECIPE` first",
        )
    return Corpus(workspace, stages)
