"""Options of a recipe that the command line changes: `dedup.threshold=0.9`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glmdata.config.model import Config, options_of
from glmdata.config.sources import listed
from glmdata.config.spelling import unknown
from glmdata.config.tables import Tables
from glmdata.errors import ConfigError


@dataclass(frozen=True)
class ChangedTables(Tables):
    """A recipe with values that were typed beside it."""

    typed: frozenset[tuple[str, ...]] = frozenset()
    """Table and key of each."""

    def place(self, *keys: str) -> str:
        """The setting where a value was typed, else the line of the file."""
        return f"--set {'.'.join(keys)}" if keys in self.typed else super().place(*keys)

    def origin(self, table: str, key: str) -> str:
        """How a message about a value begins."""
        place = self.place(table, key)
        return place if (table, key) in self.typed else super().origin(table, key)


def with_settings(
    tables: Tables, settings: Sequence[str], models: Mapping[str, type[Config]]
) -> Tables:
    """A recipe whose options are changed; of a setting that is there twice the last counts.

    Parameters
    ----------
    tables
        The recipe.
    settings
        Each as `dedup.threshold=0.9`. An item of a list follows a comma, or the list is JSON.
    models
        Table -> its options.

    Raises
    ------
    ConfigError
        A setting has another form, names a table that the recipe does not have, or no option.
    """
    if not settings:
        return tables
    tree: dict[str, dict[str, Any]] = {name: dict(table) for name, table in tables.tree.items()}
    typed = set()
    for setting in settings:
        place, equals, text = setting.partition("=")
        table, dot, key = place.strip().partition(".")
        if not (equals and dot and key):
            raise ConfigError(
                f"--set {setting}: expected STAGE.KEY=VALUE, such as dedup.threshold=0.9"
            )
        if table not in models:
            raise unknown(f"--set {table}.{key}: unknown table `{table}`", table, models)
        if table not in tree and table != next(iter(models)):
            raise ConfigError(
                f"--set {table}.{key}: {tables.path} has no table [{table}]",
                hint=f"a stage runs when its table is there: it has {', '.join(tables.tree)}",
            )
        declared = options_of(models[table])
        is_list = key in declared and declared[key].kind.type == list[str]
        tree.setdefault(table, {})[key] = listed(text.strip()) if is_list else text.strip()
        typed.add((table, key))
    return ChangedTables(tables.path, tables.text, tree, frozenset(typed))
