"""How a config field is declared: its default, its line of help and what it accepts, together.

The command line builds its flags from these declarations and error messages quote `expected`, so
an option is described in one place only.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo


def option(
    default: object, *, help: str, expected: str, group: str, metavar: str, **constraints: Any
) -> Any:
    """A pydantic field with the texts that flags and errors need.

    Parameters
    ----------
    default
        As a user would write it (`"64MiB"`); it is validated like any other value.
    help
        One line, lower case, no full stop.
    expected
        Completes "expected ..." in an error message.
    group
        The heading under which `--help` lists the flag.
    metavar
        The name of the value in `--help`.
    constraints
        pydantic's own: `ge`, `gt`, `le`, `pattern`, ...
    """
    return Field(
        default,
        validate_default=True,
        description=help,
        json_schema_extra={"expected": expected, "group": group, "metavar": metavar},
        **constraints,
    )


def text_of(field: FieldInfo, name: str) -> str:
    """`expected`, `group` or `metavar` of a field declared with `option`."""
    extra = field.json_schema_extra
    return str(extra[name]) if isinstance(extra, dict) else ""
