"""Merge flag > environment > glmdata.toml > default, and remember where each value came from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from glmdata.config.given import Given
from glmdata.config.model import Config, Declared, options_of
from glmdata.config.spelling import unknown
from glmdata.config.workspace import Workspace

STAGES = ("dedup", "filter", "tokenizer", "shard", "mix")
"""The tables glmdata.toml may hold."""


def gather(
    stage: str,
    models: Sequence[type[Config]],
    workspace: Workspace,
    flags: Mapping[str, object],
    environ: Mapping[str, str] = os.environ,
) -> Given:
    """All values given for a stage, strongest place first.

    Parameters
    ----------
    stage
        The table of glmdata.toml and the middle of `GLMDATA_<STAGE>_<KEY>`.
    models
        Between them they own every legal key.
    workspace
        Names the TOML file.
    flags
        What the command line was given; absent flags are left out.

    Raises
    ------
    ConfigError
        An unknown key or variable, or a file that is no TOML.
    """
    fields = {name: field for model in models for name, field in options_of(model).items()}
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    layers = (
        _from_file(workspace.config_file, stage, fields),
        _from_environment(environ, stage, fields),
        {key: (value, "--" + key.replace("_", "-")) for key, value in flags.items()},
    )
    for layer in layers:
        for key, (value, origin) in layer.items():
            values[key] = value
            origins[key] = origin
    return Given(values, origins)


def _from_file(
    path: Path | None, stage: str, fields: Iterable[str]
) -> dict[str, tuple[object, str]]:
    if path is None:
        return {}
    # With it comes tomllib, which a run without a file has no need of.
    from glmdata.config.tables import read_tables

    given = read_tables(path, STAGES).given(stage, fields)
    return {key: (value, given.origins[key]) for key, value in given.values.items()}


def _from_environment(
    environ: Mapping[str, str], stage: str, fields: Mapping[str, Declared]
) -> dict[str, tuple[object, str]]:
    prefix = f"GLMDATA_{stage.upper()}_"
    found: dict[str, tuple[object, str]] = {}
    for variable, text in sorted(environ.items()):
        if not variable.startswith(prefix):
            continue
        key = variable[len(prefix) :].lower()
        if key not in fields:
            names = [prefix + name.upper() for name in fields]
            raise unknown(f"unknown environment variable `{variable}`", variable, names)
        is_list = fields[key].kind.type == list[str]
        found[key] = (listed(text) if is_list else text, variable)
    return found


def listed(text: str) -> object:
    """A list in a variable: a JSON array (items may hold commas), else items between commas."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text  # the config refuses it and names the variable
    return [item.strip() for item in text.split(",") if item.strip()]
