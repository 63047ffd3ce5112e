"""The reference of the command line, read off the commands and the options they are built from."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, cast

import click

from docs.site.page import cell, code, fenced, filled, page, table
from glmdata.cli.config import MODELS
from glmdata.cli.examples import EXAMPLES
from glmdata.cli.main import glmdata
from glmdata.cli.options import HEADINGS
from glmdata.config.fields import Option
from glmdata.config.model import options_of

STAGE_OF = {name: name for name in MODELS if name != "tokenizer"} | {"train-tokenizer": "tokenizer"}
"""Verb -> its table of glmdata.toml."""


def commands() -> dict[str, click.Command]:
    """Every command by what is typed behind `glmdata`; groups before what is in them."""
    found: dict[str, click.Command] = {}

    def add(group: click.Group, above: str, over: click.Context | None) -> None:
        context = click.Context(group, parent=over, info_name=above or "glmdata")
        for name in group.list_commands(context):
            command = cast(click.Command, group.get_command(context, name))
            found[f"{above}{name}"] = command
            if isinstance(command, click.Group):
                add(command, f"{above}{name} ", context)

    add(glmdata, "", None)
    return found


def options(command: click.Command) -> list[click.Option]:
    """What may be given to a command by a flag, `--help` aside."""
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def declared(option: click.Option) -> Option | None:
    """The field of a config that an option is for."""
    found: Option | None = getattr(option, "declared", None)
    return found


def verb_pages() -> dict[str, str]:
    """Path below `reference/` -> text, for every command and the list of them."""
    pages = {f"commands/{slug(verb)}.md": _page(verb, c) for verb, c in commands().items()}
    rows = [
        (f"[`glmdata {verb}`]({slug(verb)}.md)", cell(_first(command)))
        for verb, command in commands().items()
    ]
    told = (
        "Each command ends its `--help` with two calls of it; what follows says the same at length."
    )
    return {"commands/index.md": page("Commands", told, table(("command", "does"), rows)), **pages}


def slug(verb: str) -> str:
    """The name of the page of a verb."""
    return verb.replace(" ", "-")


def _first(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").split("\n\n")[0]


def _page(verb: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"glmdata {verb}")
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [inspect.cleandoc(command.help or ""), fenced("text", f"glmdata {verb} {usage}")]
    if verb in EXAMPLES:
        parts += ["## Examples", fenced("sh", "\n".join(EXAMPLES[verb]))]
    if isinstance(command, click.Group):
        below = [name for name in commands() if name.startswith(f"{verb} ")]
        rows = [(f"[`{name}`]({slug(name)}.md)", cell(_first(commands()[name]))) for name in below]
        parts += ["## Commands", table(("command", "does"), rows)]
    parts += _options(verb, command)
    # Examples end it, after a line that click understands.
    ends = (command.epilog or "").split("\b")[0].strip()
    if ends.startswith("Exit codes"):
        parts += ["## Exit codes", f"{ends} All of them: [exit codes](../exit-codes.md)."]
    return page(f"glmdata {verb}", *parts)


def _options(verb: str, command: click.Command) -> Iterator[str]:
    groups: dict[str, list[click.Option]] = {}
    for option in options(command):
        groups.setdefault(getattr(option, "group", "run"), []).append(option)
    for group in [name for name in HEADINGS if name in groups]:
        yield f"## {HEADINGS[group]}"
        yield filled(("option", "default", "meaning"), list(map(_row, groups[group])))
    if verb in STAGE_OF:
        stage = STAGE_OF[verb]
        name = next(iter(options_of(MODELS[stage][0])))
        yield (
            f"In `glmdata.toml` these stand under `[{stage}]`, with `_` for `-`; in the "
            f"environment `{name}` is `GLMDATA_{stage.upper()}_{name.upper()}`."
        )


def _row(option: click.Option) -> tuple[str, str, str]:
    known = declared(option)
    flags = "<br>".join(map(code, [*option.opts, *option.secondary_opts]))
    if option.metavar and not option.is_flag:
        flags += f" {code(option.metavar)}"
    told = re.sub(r"\s*\[default: (.*)\]$", "", option.help or "")
    default = _default(option, known)
    if known is not None and known.expected:
        told += f" (expected: {known.expected})"
    repeats = option.multiple and "repeat" not in told
    return flags, default, cell(told) + ("; may repeat" if repeats else "")


def _default(option: click.Option, known: Option | None) -> str:
    if known is not None:
        return shown_default(known)
    stated = re.search(r"\[default: (.*)\]$", option.help or "")
    return code(stated[1]) if stated else ""


def shown_default(known: Option) -> str:
    """What a field holds if nobody gives it a value; nothing where that is no value."""
    value: Any = known.default
    if isinstance(value, bool):
        return "yes" if value else "no"
    values = value if isinstance(value, list) else [value]
    return "" if value is None else code(", ".join(map(str, values)))
