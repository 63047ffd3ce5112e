"""A command that has commands below it and imports the file of one when it is called.

Importing a verb imports its stage and with it the compiled module. Help must answer at once, so
the verbs and their one-line helps stand in a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

import click

from glmdata.cli.examples import with_examples
from glmdata.config.workspace import LOCAL_ONLY, is_address
from glmdata.errors import ConfigError

_PLACES = ("DIR", "FILE", "PATH", "DIR|FILE|NAME")
"""What options and arguments that name a folder or file show in help."""


class _Place(click.types.StringParamType):
    """The name of a folder or file; an empty one mostly is a shell variable that is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse the empty name, which would count as no name at all, and addresses."""
        if value == "":
            self.fail("expected the name of a folder or file, found an empty text", param, ctx)
        if isinstance(value, str) and is_address(value):
            self.fail(f"{value}: {LOCAL_ONLY}", param, ctx)
        return super().convert(value, param, ctx)


class Verbs(click.Group):
    """A group that knows its commands by name and imports them one at a time.

    Parameters
    ----------
    verbs
        Names and one-line helps, in the order of help.
    package
        Where their files are, each with a `command`.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, str], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = verbs
        self.package = package
        self.epilog = with_examples(self.epilog, str(self.name))
        self._exampled: list[click.Command] = []

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of help."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of a verb."""
        if cmd_name not in self.verbs:
            return None
        file = cmd_name.replace("-", "_")
        command = cast(click.Command, import_module(f"{self.package}.{file}").command)
        for parameter in command.params:
            if parameter.metavar in _PLACES:
                parameter.type = _Place()
        # A group of verbs has its own already, and a command is imported once.
        if not isinstance(command, Verbs) and command not in self._exampled:
            above = f"{self.name} " if ctx.parent is not None else ""
            command.epilog = with_examples(command.epilog, f"{above}{cmd_name}")
            self._exampled.append(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.verbs.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a verb, or say which one may have been meant."""
        name = args[0]
        if name not in self.verbs and not name.startswith("-"):
            from difflib import get_close_matches  # only an error needs it

            near = get_close_matches(name, self.verbs, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(self.verbs)}"
            raise ConfigError(f"no command `{name}`", hint=hint)
        return super().resolve_command(ctx, args)
