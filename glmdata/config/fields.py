"""How a config field is declared: its default, its line of help and what it accepts, together.

The command line builds its flags from these declarations and error messages quote `expected`, so
an option is described in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OPTION = "option"
"""Where the metadata of a dataclass field holds its `Option`."""


@dataclass(frozen=True)
class Option:
    """What a field was declared with, see `option`."""

    default: object
    help: str
    expected: str
    group: str
    metavar: str
    ge: float | None
    gt: float | None
    le: float | None
    min_length: int
    pattern: str | None
    each: str | None
    check: Callable[[Any], bool] | None

    def allows(self, value: Any) -> bool:
        """Whether a value that is of the field's kind keeps to its limits."""
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.min_length == 0 or len(value) >= self.min_length)
            and (self.pattern is None or re.fullmatch(self.pattern, value) is not None)
            and (self.each is None or all(re.fullmatch(self.each, item) for item in value))
            and (self.check is None or self.check(value))
        )


def option(
    default: object,
    *,
    help: str,
    expected: str,
    group: str,
    metavar: str,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    min_length: int = 0,
    pattern: str | None = None,
    each: str | None = None,
    check: Callable[[Any], bool] | None = None,
) -> Any:
    """A field of a `Config` with the texts that flags and errors need.

    Parameters
    ----------
    default
        As a user would write it (`"64MiB"`); it is judged like any other value.
    help
        One line, lower case, no full stop.
    expected
        Completes "expected ..." in an error message.
    group
        The heading under which `--help` lists the flag.
    metavar
        The name of the value in `--help`.
    ge, gt, le
        Limits of a number: at least, above, at most.
    min_length
        Fewest characters of a text.
    pattern
        A regular expression that a whole text must match.
    each
        The same for every text of a list.
    check
        Says whether a value within all of these may stand, or raises ValueError. None is not asked.
    """
    declared = Option(
        default, help, expected, group, metavar, ge, gt, le, min_length, pattern, each, check
    )
    return field(metadata={OPTION: declared})
