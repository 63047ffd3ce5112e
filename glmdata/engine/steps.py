"""The stages in their order, and how each is called from a recipe.

A stage finds its own input: by a fixed table it reads the furthest complete stage before it. So a
step needs only its options and where results go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from glmdata import _native, dedup, filter, mix, shard, tokenizer
from glmdata.config.model import Config, options_of
from glmdata.dedup import DedupConfig
from glmdata.filter import FilterConfig, ScoreConfig
from glmdata.mix import MixConfig
from glmdata.shard import ShardConfig
from glmdata.stage.gates import FailedGate
from glmdata.tokenizer.config import TokenizerConfig


class Report(Protocol):
    """What every stage tells of itself."""

    @property
    def output(self) -> Path:
        """The stage folder."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """report.json."""
        ...

    @property
    def already_complete(self) -> bool:
        """Nothing had to be done."""
        ...

    def failed_gates(self) -> Sequence[FailedGate]:
        """The limits it broke."""
        ...


@dataclass(frozen=True)
class Call:
    """What a stage is called with."""

    config: Config
    workspace: Path
    input: Sequence[str]
    """Of the first stage of a recipe; empty for all others."""
    threads: int | None
    memory: int | None
    fresh: bool
    progress: _native.Progress
    before: frozenset[str] = frozenset()
    """The stages of the recipe that have run when this one does."""

    @property
    def shared(self) -> dict[str, Any]:
        """Arguments that every stage takes, and its options."""
        return {
            "workspace": self.workspace,
            "threads": self.threads,
            "fresh": self.fresh,
            "progress": self.progress,
            **self.config.values(),
        }


def _score(call: Call) -> Report:
    # What a filter measures, before anything is decided.
    output = call.workspace / "score"
    return filter.run(list(call.input), output, tag=True, memory=call.memory, **call.shared)


def _dedup(call: Call) -> Report:
    shared = call.shared
    if "score" in call.before and call.shared["keep"].startswith("best:"):
        shared["scores"] = str(call.workspace / "score")
    return dedup.run(list(call.input), memory=call.memory, **shared)


def _filter(call: Call) -> Report:
    if "score" not in call.before:
        return filter.run(list(call.input) or None, memory=call.memory, **call.shared)
    # Everything is measured: decide by that, over what deduplication kept.
    measured = {name: value for name, value in call.shared.items() if name not in MEASURING}
    judge = call.workspace / "dedup" if "dedup" in call.before else None
    return filter.run(
        output=call.workspace / "filter",
        rescore_from=call.workspace / "score",
        judged_by=judge,
        memory=call.memory,
        **measured,
    )


def _tokenizer(call: Call) -> Report:
    return tokenizer.train(list(call.input) or None, memory=call.memory, **call.shared)


def _shard(call: Call) -> Report:
    # Shards are written with the vocabulary of the same recipe; the stage itself knows no sibling.
    vocabulary = tokenizer.Tokenizer.load(call.workspace / "tokenizer")
    return shard.run(list(call.input) or None, tokenizer=vocabulary, **call.shared)


def _mix(call: Call) -> Report:
    return mix.run(memory=call.memory, **call.shared)


STEPS: Mapping[str, Callable[[Call], Report]] = {
    "score": _score,
    "dedup": _dedup,
    "filter": _filter,
    "tokenizer": _tokenizer,
    "shard": _shard,
    "mix": _mix,
}
ORDER = tuple(STEPS)
FIRST = "score"
"""It decides nothing, so what comes after it reads the same inputs."""

MODELS: Mapping[str, type[Config]] = {
    "score": ScoreConfig,
    "dedup": DedupConfig,
    "filter": FilterConfig,
    "tokenizer": TokenizerConfig,
    "shard": ShardConfig,
    "mix": MixConfig,
}
"""The options of each stage, and so the keys of its table."""

READS_INPUT = frozenset({"score", "dedup", "filter", "tokenizer", "shard"})
"""Stages that can be the first of a recipe."""

MEASURING = frozenset(options_of(ScoreConfig))
"""Options of [score], which [filter] must not have beside it."""

READING = MEASURING & frozenset(options_of(DedupConfig)) - {"max_bad"}
"""Options by which score and dedup read the same files; both must have them alike."""
