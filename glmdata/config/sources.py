"""Merge flag > environment > glmdata.toml > default, and remember where each value came from.

Values stay as they were written until one pydantic model judges them, so a wrong value gives the
same message whatever place it came from, headed by that place.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from glmdata.config.fields import text_of
from glmdata.config.lines import line_of
from glmdata.config.workspace import Workspace
from glmdata.errors import AccessError, ConfigError, MissingFileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Model = TypeVar("Model", bound=BaseModel)

DEFAULT = "default"
STAGES = ("dedup", "filter", "tokenizer", "shard", "mix")
"""The tables glmdata.toml may hold."""


@dataclass(frozen=True)
class Given:
    """Raw values by key, and the place each was written at, as an error message names it."""

    values: dict[str, object]
    origins: dict[str, str]

    def build(self, model: type[Model]) -> Model:
        """Judge the values of this model's fields; other keys are left to other models.

        Raises
        ------
        ConfigError
            A value is not what its field expects.
        """
        mine = {key: value for key, value in self.values.items() if key in model.model_fields}
        return validated(model, mine, self.origins)

    def origin(self, key: str) -> str:
        """Where the value of a key came from."""
        return self.origins.get(key, DEFAULT)


def gather(
    stage: str,
    models: Sequence[type[BaseModel]],
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
    fields = {name: field for model in models for name, field in model.model_fields.items()}
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


def validated(
    model: type[Model], values: Mapping[str, object], origins: Mapping[str, str] | None = None
) -> Model:
    """The model over `values`, with a wrong one reported in our words.

    Raises
    ------
    ConfigError
        Names the place, what was expected and what was found; for an unknown key, what was meant.
    """
    origins = origins or {}
    for key in values:
        if key not in model.model_fields:
            raise unknown(f"unknown option `{key}`", key, model.model_fields)
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        place = origins.get(key, key)
        expected = text_of(model.model_fields[key], "expected")
        found = json.dumps(values.get(key, first["input"]), ensure_ascii=False, default=str)
        raise ConfigError(f"{place}: expected {expected}, found {found}") from None


def unknown(message: str, word: str, known: Iterable[str]) -> ConfigError:
    """A ConfigError for a misspelt word, with the likeliest meant one as its hint."""
    known = sorted(known)
    near = get_close_matches(word, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
    return ConfigError(message, hint=hint)


@dataclass(frozen=True)
class Tables:
    """A TOML file whose tables are known by name."""

    path: Path
    text: str
    tree: Mapping[str, Mapping[str, Any]]

    def place(self, *keys: str) -> str:
        """`file:line` of a key, for messages."""
        return f"{self.path}:{line_of(self.text, keys)}"

    def given(self, table: str, fields: Iterable[str]) -> Given:
        """The values of a table, every key being one of `fields`.

        Raises
        ------
        ConfigError
            A key that none of the fields is called.
        """
        found = self.tree.get(table, {})
        origins: dict[str, str] = {}
        known = list(fields)
        for key in found:
            place = self.place(table, key)
            if key not in known:
                raise unknown(f"{place}: unknown key `{key}` in [{table}]", key, known)
            origins[key] = f"{place}: {table}.{key}"
        return Given(dict(found), origins)


def read_tables(path: Path, names: Iterable[str]) -> Tables:
    """A TOML file that holds nothing but tables of these names.

    Raises
    ------
    ConfigError
        No TOML, another table, or something outside of a table.
    AccessError, MissingFileError
        It cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tree: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not valid TOML: expected UTF-8") from None
    except FileNotFoundError:
        raise MissingFileError(f"{path}: expected a TOML file, found nothing") from None
    except OSError as error:
        raise AccessError(f"{path}: cannot be read: {error.strerror}") from None
    known = list(names)
    for name, table in tree.items():
        place = f"{path}:{line_of(text, [name])}"
        if name not in known:
            what = "table" if isinstance(table, dict) else "key"
            raise unknown(f"{place}: unknown {what} `{name}`", name, known)
        if not isinstance(table, dict):
            raise ConfigError(f"{place}: `{name}`: expected a table, found {table!r}")
    return Tables(path, text, tree)


def _from_file(
    path: Path | None, stage: str, fields: Mapping[str, object]
) -> dict[str, tuple[object, str]]:
    if path is None:
        return {}
    given = read_tables(path, STAGES).given(stage, fields)
    return {key: (value, given.origins[key]) for key, value in given.values.items()}


def _from_environment(
    environ: Mapping[str, str], stage: str, fields: Mapping[str, Any]
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
        is_list = fields[key].annotation == list[str]
        found[key] = (_listed(text) if is_list else text, variable)
    return found


def _listed(text: str) -> object:
    """A list in a variable: a JSON array (items may hold commas), else items between commas."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text  # the model refuses it and names the variable
    return [item.strip() for item in text.split(",") if item.strip()]
