"""Whether each stage of a recipe can read what the stages before it leave.

Judged before anything runs: a stage at the end that finds nothing to read is found out after hours.
"""

from __future__ import annotations

from collections.abc import Mapping

from glmdata.config.model import Config
from glmdata.config.tables import Tables
from glmdata.dedup import DedupConfig
from glmdata.errors import ConfigError

NEEDS = {"shard": "tokenizer", "mix": "shard"}
"""What a stage cannot do without, beside documents."""

_DECIDING = ("filter", "dedup")
_READING_TEXTS = ("tokenizer", "shard")


def refuse_misfits(tables: Tables, stages: Mapping[str, Config]) -> None:
    """Refuse a recipe of which a later stage could not run.

    Raises
    ------
    ConfigError
        A stage is missing, or one writes decisions where a later one reads texts.
    """
    for name, needed in NEEDS.items():
        if name in stages and needed not in stages:
            raise ConfigError(
                f"{tables.place(name)}: expected a table [{needed}] beside [{name}], found none",
                hint=f"{name} reads what {needed} leaves",
            )
    furthest = next((name for name in _DECIDING if name in stages), None)
    texts = next((name for name in _READING_TEXTS if name in stages), None)
    if furthest and texts and _writes_decisions(stages[furthest]):
        raise ConfigError(
            f'{tables.place(furthest, "write")}: expected write = "all", found "decisions"',
            hint=f"[{texts}] reads the documents that {furthest} writes",
        )
    dedup = stages.get("dedup")
    if furthest == "filter" and dedup and _writes_decisions(dedup):
        cut = cutting_of(dedup)
        if cut:
            raise ConfigError(
                f'{tables.place("dedup", "write")}: expected write = "all", found "decisions"',
                hint=f"`{cut[0]}` cuts texts, and [filter] reads what is left of them",
            )


def cutting_of(config: Config) -> list[str]:
    """The options by which a deduplication cuts texts; none of another stage."""
    return config.cutting() if isinstance(config, DedupConfig) else []


def _writes_decisions(config: Config) -> bool:
    return bool(config.values()["write"] == "decisions")
