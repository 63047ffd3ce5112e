"""`glmdata config show`: the options in force and where each comes from."""

from __future__ import annotations

import json

import click

from glmdata.cli.examples import with_examples
from glmdata.cli.output import say, say_json
from glmdata.config.limits import RunLimits, StageLimits
from glmdata.config.model import Config
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.dedup import DedupConfig
from glmdata.filter import FilterConfig
from glmdata.mix import MixConfig
from glmdata.shard import ShardConfig
from glmdata.tokenizer.config import TokenizerConfig

MODELS: dict[str, tuple[type[Config], ...]] = {
    "dedup": (DedupConfig, RunLimits),
    "filter": (FilterConfig, StageLimits),
    "tokenizer": (TokenizerConfig, StageLimits),
    "shard": (ShardConfig, StageLimits),
    "mix": (MixConfig, RunLimits),
}
"""Table of glmdata.toml -> the options it may hold."""


@click.group("config")
def command() -> None:
    """Look at the options in force."""


@command.command("show", epilog=with_examples(None, "config"))
@click.option("--origin", is_flag=True, help="tell where each value comes from")
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def show(origin: bool, workspace: str | None, as_json: bool) -> None:
    """Print every option as TOML, from environment, glmdata.toml and defaults.

    A flag goes before a variable GLMDATA_<STAGE>_<KEY>, that before glmdata.toml, that before the
    default. An option without a value is printed as a comment.
    """
    space = find_workspace(workspace)
    tree: dict[str, dict[str, dict[str, object]]] = {}
    for stage, models in MODELS.items():
        given = gather(stage, models, space, {})
        tree[stage] = {
            key: {"value": value, "origin": given.origin(key)}
            for model in models
            for key, value in given.build(model).values().items()
        }
    if as_json:
        say_json({"workspace": str(space.folder), **tree})
        return
    say(f"# workspace {space.folder}, glmdata.toml {space.config_file or 'not found'}")
    for stage, options in tree.items():
        say(f"[{stage}]")
        for key, entry in options.items():
            say(_line(key, entry["value"], str(entry["origin"]) if origin else ""))


def _line(key: str, value: object, origin: str) -> str:
    # JSON spells strings, numbers, booleans and lists of strings as TOML does; TOML has no null.
    shown = f"# {key} is not set" if value is None else f"{key} = {json.dumps(value)}"
    return f"{shown:40} # {origin}" if origin else shown
