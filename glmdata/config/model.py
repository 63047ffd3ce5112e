"""The base of every config: a frozen dataclass whose fields are judged when it is made.

    @dataclass(frozen=True, init=False)
    class CountConfig(Config):
        document_cap: int = option(256, help="...", expected="a whole number", ...)

`init=False` because the constructor is `Config`'s: it takes values as people write them, refuses
unknown names and remembers what was given. It is written here and not taken from pydantic, whose
import and classes took two thirds of the time before a stage began (docs/LOG.md, "A quick start").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar, get_type_hints

from glmdata.config.fields import OPTION, Option
from glmdata.config.kinds import Kind, kind_of
from glmdata.config.spelling import unknown
from glmdata.errors import ConfigError

Model = TypeVar("Model", bound="Config")


class OptionError(ConfigError):
    """A value is not what its field expects; whoever knows where it was written says so."""

    def __init__(self, key: str, expected: str, found: object) -> None:
        shown = json.dumps(found, ensure_ascii=False, default=str)
        self.key = key
        self.said = f"expected {expected}, found {shown}"
        super().__init__(f"{key}: {self.said}")


class Declared(NamedTuple):
    """A field: how it was declared, and what it holds."""

    option: Option
    kind: Kind


class Config:
    """Options of a stage. Equal options make equal configs, however they were written.

    Raises
    ------
    ConfigError
        An unknown name, or a value that is not what its field expects.
    """

    given: frozenset[str]
    """Names of the fields that somebody gave a value, and of those a preset did."""

    def __init__(self, /, **values: object) -> None:
        declared = options_of(type(self))
        for key in values:
            if key not in declared:
                raise unknown(f"unknown option `{key}`", key, declared)
        stated = self._completed(values)
        # Frozen for everybody else.
        held = vars(self)
        held["given"] = frozenset(stated)
        for key, (option, kind) in declared.items():
            held[key] = _judged(key, stated.get(key, option.default), option, kind)
        misfit = self._misfit()
        if misfit is not None:
            option = declared[misfit].option
            raise OptionError(misfit, option.expected, stated.get(misfit, option.default))

    @classmethod
    def _completed(cls, values: Mapping[str, object]) -> Mapping[str, object]:
        """The values, and those that one of them stands for."""
        return values

    def _misfit(self) -> str | None:
        """The name of a field whose value, right by itself, does not go with another one."""
        return None

    def values(self) -> dict[str, Any]:
        """All fields by name, in the order in which they are declared."""
        return {key: getattr(self, key) for key in options_of(type(self))}

    def stated(self) -> dict[str, Any]:
        """The fields that somebody gave a value, and those a preset did."""
        return {key: value for key, value in self.values().items() if key in self.given}

    def changed(self: Model, **changes: object) -> Model:
        """The same with other values, which count as given."""
        return type(self)(**{**self.stated(), **changes})


_declared: dict[type[Config], Mapping[str, Declared]] = {}


def options_of(model: type[Config]) -> Mapping[str, Declared]:
    """The fields of a config by name, in the order in which they are declared."""
    if model not in _declared:
        hints = get_type_hints(model, include_extras=True)
        _declared[model] = {
            field.name: Declared(field.metadata[OPTION], kind_of(hints[field.name]))
            for field in fields(model)  # type: ignore[arg-type]  # its subclasses are dataclasses
        }
    return _declared[model]


def _judged(key: str, value: object, option: Option, kind: Kind) -> object:
    if value is None and kind.optional:
        return None
    try:
        read = kind.read(value)
        if (read is None and kind.optional) or option.allows(read):
            return read
    except (KeyError, OverflowError, TypeError, ValueError):
        pass  # a value that cannot be read is as wrong as one that must not be
    raise OptionError(key, option.expected, value)
