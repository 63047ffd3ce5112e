"""What a run would read and need, without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.filter.config import FilterConfig
from glmdata.filter.language import language_model
from glmdata.filter.presets import rules_of
from glmdata.stage.inputs import Source
from glmdata.stage.listing import list_inputs, refuse_output_inside

_SCORE_BYTES = 250
"""A compressed row of scores, about."""
_DOCUMENT_BYTES = 4_000
"""The mean length of a crawled document, for guesses."""


@dataclass(frozen=True)
class Plan:
    """Expected size of a run, and the rules it would ask. Sizes are in bytes, estimates."""

    files: int
    bytes: int
    rules: Sequence[str]
    expected_disk_bytes: int
    free_disk_bytes: int
    output: str


def plan(source: Source, output: str, config: FilterConfig) -> Plan:
    """Look at the inputs, the rules and the disk.

    Raises
    ------
    ConfigError
        Standard input cannot be planned, a rule makes no sense, or a model of languages is
        missing.
    InputError
        An input does not exist.
    """
    import shutil  # with it three libraries of compression, for those who plan only

    if source.spool is not None:
        raise ConfigError("--dry-run: expected files, found standard input")
    # A model that is not there is told now, too.
    language_model(config)
    listing = list_inputs(source.paths)
    refuse_output_inside(source.paths, Path(output))
    size = sum(max(entry["bytes"], 0) for entry in listing)
    kept = size if config.write == "all" and not config.tag else 0
    nearest = next(p for p in (Path(output), *Path(output).absolute().parents) if p.exists())
    return Plan(
        files=len(listing),
        bytes=size,
        rules=[rule.name for rule in rules_of(config)],
        expected_disk_bytes=kept + size // _DOCUMENT_BYTES * _SCORE_BYTES,
        free_disk_bytes=shutil.disk_usage(nearest).free,
        output=output,
    )
