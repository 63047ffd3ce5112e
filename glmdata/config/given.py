"""Values as they were written, and where, until a config judges them.

A wrong value gives the same message whatever place it came from, headed by that place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glmdata.config.model import Model, OptionError, options_of
from glmdata.errors import ConfigError

DEFAULT = "default"


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
        mine = {key: value for key, value in self.values.items() if key in options_of(model)}
        return validated(model, mine, self.origins)

    def origin(self, key: str) -> str:
        """Where the value of a key came from."""
        return self.origins.get(key, DEFAULT)


def validated(
    model: type[Model], values: Mapping[str, object], origins: Mapping[str, str] | None = None
) -> Model:
    """The config over `values`; a wrong one is reported with the place it was written at.

    Raises
    ------
    ConfigError
        Names the place, what was expected and what was found; for an unknown key, what was meant.
    """
    try:
        return model(**values)
    except OptionError as error:
        place = (origins or {}).get(error.key, error.key)
        raise ConfigError(f"{place}: {error.said}") from None
