"""Flags made out of config fields, and help grouped by what they are for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import click

from glmdata.config.fields import Option
from glmdata.config.model import Config, Declared, options_of

HEADINGS = {
    "input": "Input",
    "matching": "What counts as a duplicate",
    "keeping": "Which copy stays",
    "removing": "What is removed",
    "learning": "What is learned",
    "guards": "What may not become a token",
    "judging": "What tokens are judged by",
    "amount": "How much of what",
    "rows": "How it becomes rows",
    "output": "Output",
    "gates": "Gates",
    "run": "Run",
}


class GroupedOption(click.Option):
    """An option that knows the heading it stands under, and the field of a config it is for."""

    def __init__(
        self, *args: Any, group: str = "run", declared: Option | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        self.declared = declared


class GroupedCommand(click.Command):
    """A command whose help lists options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section for each group that has options."""
        rows: dict[str, list[tuple[str, str]]] = {name: [] for name in HEADINGS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                rows[getattr(parameter, "group", "run")].append(record)
        for name, records in rows.items():
            if records:
                with formatter.section(HEADINGS[name]):
                    formatter.write_dl(records, col_max=26)


def input_flags(help: str) -> Callable[[Any], Any]:
    """Give a command `--input PATH`, which may repeat, and inputs without a flag.

    So the shell's own globs work: of `--input crawl/*.jsonl` click gives the first file to the
    flag and leaves the others as arguments. The command gets all of them as `inputs`.
    """

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def command(*, inputs: tuple[str, ...], further: tuple[str, ...], **others: Any) -> Any:
            return function(inputs=(*inputs, *further), **others)

        flag = click.option(
            "--input",
            "inputs",
            cls=GroupedOption,
            group="input",
            multiple=True,
            metavar="PATH",
            help=help,
        )
        return flag(click.argument("further", nargs=-1, metavar="[PATH ...]")(command))

    return decorate


def config_flags(*models: type[Config]) -> Callable[[Any], Any]:
    """Give a command one flag for each field of the configs.

    Flags carry strings: the config judges them, as it judges the environment and the TOML file. An
    absent flag is None, or () where it may repeat.
    """

    def decorate(function: Any) -> Any:
        fields = [item for model in models for item in options_of(model).items()]
        for name, field in reversed(fields):
            function = _flag(name, field)(function)
        return function

    return decorate


def given_flags(values: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The flags among `values` that the command line really had."""
    present = {name: values[name] for name in fields if values.get(name) not in (None, ())}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in present.items()}


def _flag(name: str, field: Declared) -> Callable[[Any], Any]:
    option, kind = field
    spelled = "--" + name.replace("_", "-")
    if kind.type is bool:
        return click.option(
            f"{spelled}/--no-{spelled[2:]}",
            name,
            cls=GroupedOption,
            declared=option,
            group=option.group,
            default=None,
            help=option.help,
        )
    help_text = option.help
    if option.default not in (None, []):
        usual = option.default if isinstance(option.default, list) else [option.default]
        help_text += f"  [default: {', '.join(map(str, usual))}]"
    return click.option(
        spelled,
        name,
        cls=GroupedOption,
        declared=option,
        group=option.group,
        metavar=option.metavar,
        multiple=kind.type == list[str],
        default=None,
        help=help_text,
    )
