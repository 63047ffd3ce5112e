"""A TOML file of tables: its values, and the line of each for messages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.config.given import Given
from glmdata.config.lines import line_of
from glmdata.config.spelling import unknown
from glmdata.errors import AccessError, ConfigError, MissingFileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


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
            origins[key] = self.origin(table, key)
        return Given(dict(found), origins)

    def origin(self, table: str, key: str) -> str:
        """How a message about a value begins."""
        return f"{self.place(table, key)}: {table}.{key}"


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
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not valid TOML: expected UTF-8") from None
    except ValueError as error:
        # TOMLDecodeError, or what `int` says of thousands of digits.
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
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
