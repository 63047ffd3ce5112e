"""What a field may hold, read off its annotation, and how a value becomes it.

A value comes from TOML or Python with a type, from a flag or the environment as a string. So each
kind takes its own type and the strings that people write for it, and refuses what only looks like
it: no number is a text, no truth a number, no text a list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_WHOLE = re.compile(r"([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?")
_LARGEST = 2**64 - 1
"""What the compiled module can hold."""
_TRUTHS = {
    **dict.fromkeys(("true", "yes", "on", "t", "y", "1"), True),
    **dict.fromkeys(("false", "no", "off", "f", "n", "0"), False),
}


OFF = "off"
"""What is written for no value where a number is usual."""


@dataclass(frozen=True)
class Kind:
    """A type, and how a value becomes one of it."""

    type: object
    """`bool`, `int`, `float`, `str`, `list[str]`, or a Literal of strings."""
    optional: bool
    """None may stand too."""
    read: Callable[[object], object]
    """Raises ValueError, TypeError or OverflowError for what is none."""


def kind_of(annotation: Any) -> Kind:
    """The kind of an annotation: one of the types of `Kind`, with `| None` or not.

    `Annotated[type, function]` passes a value through the function first: that is how a field takes
    `64MiB` for a number.

    >>> kind_of(int | None).read("256")
    256
    """
    united = get_origin(annotation) in (Union, UnionType)
    parts = get_args(annotation) if united else (annotation,)
    (held,) = [part for part in parts if part is not type(None)]
    optional = len(parts) == 2
    if get_origin(held) is Annotated:
        held, prepare = get_args(held)
        read = _reader(held)
        return Kind(held, optional, lambda value: read(prepare(value)))
    read = _reader(held)
    if optional and held is not str:
        return Kind(held, optional, lambda value: None if value == OFF else read(value))
    return Kind(held, optional, read)


def _reader(held: Any) -> Callable[[object], object]:
    if get_origin(held) is Literal:
        names = get_args(held)
        return lambda value: names[names.index(_text(value))]
    return _READERS[held]


def _whole(value: Any) -> int:
    number = _any_whole(value)
    if abs(number) > _LARGEST:
        raise OverflowError(value)
    return number


def _any_whole(value: Any) -> int:
    if isinstance(value, str):
        match = _WHOLE.fullmatch(value.strip())
        if match is None:
            raise ValueError(value)
        return int(match[1])
    # 64.0 is a whole number, and so is one of numpy; equality tells both from 64.5 and b"64".
    if isinstance(value, bool) or int(value) != value:
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool | bytes | bytearray):
        raise TypeError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _truth(value: object) -> bool:
    if isinstance(value, str):
        return _TRUTHS[value.lower()]
    if value not in (0, 1):
        raise ValueError(value)
    return bool(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return str(value)


def _texts(value: object) -> list[str]:
    # A string has letters and a table keys, but neither was meant as a list.
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise TypeError(value)
    return [_text(item) for item in value]


_READERS: dict[object, Callable[[object], object]] = {
    bool: _truth,
    int: _whole,
    float: _number,
    str: _text,
    list[str]: _texts,
}
