"""`glmdata shard`: flags to config, one call, a table."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from glmdata import _native, shard
from glmdata.cli import exit_codes
from glmdata.cli.options import (
    GroupedCommand,
    GroupedOption,
    config_flags,
    given_flags,
    input_flags,
)
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.token_store import print_token_store, print_token_store_plan
from glmdata.config.limits import StageLimits
from glmdata.config.model import options_of
from glmdata.config.sources import gather
from glmdata.config.workspace import Workspace, find_workspace
from glmdata.errors import ConfigError
from glmdata.shard import ShardConfig
from glmdata.stage.upstream import open_source, upstream
from glmdata.tokenizer import Tokenizer
from glmdata.tokenizer.write import STAGE as TOKENIZER_STAGE

_EPILOG = (
    "Every flag is also a key in [shard] of glmdata.toml and a variable GLMDATA_SHARD_<KEY>. "
    "Exit codes: 0 done, 2 usage, 3 too many bad inputs (the output is complete), 4 storage, "
    "70 internal."
)


@click.command("shard", cls=GroupedCommand, epilog=_EPILOG)
@click.option(
    "--tokenizer",
    "vocabulary",
    cls=GroupedOption,
    group="input",
    metavar="DIR|FILE|NAME",
    help="the vocabulary; unset: tokenizer in the workspace",
)
@input_flags(
    "file, folder, quoted glob, or -; may repeat; unset: filter in the workspace, else dedup"
)
@config_flags(ShardConfig, StageLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--dry-run", is_flag=True, help="print expected tokens and disk; write nothing")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    vocabulary: str | None,
    inputs: tuple[str, ...],
    workspace: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Turn documents into ids, as Arrow files that can be mapped into memory.

    Writes <source>/part-000000.arrow with doc, tokens, n_tokens, source and lang: one row a
    document, no special tokens, no separators. `glmdata mix` plans training rows on top of it.
    """
    space = find_workspace(workspace)
    return write_store(
        space, space.stage(shard.STAGE), vocabulary, inputs, flags, fresh, dry_run, as_json
    )


def write_store(
    space: Workspace,
    usual: Path,
    vocabulary: str | None,
    inputs: tuple[str, ...],
    flags: dict[str, Any],
    fresh: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Write or plan a token store, into `usual` unless a flag names another place."""
    models = (ShardConfig, StageLimits)
    names = [name for model in models for name in options_of(model)]
    given = gather("shard", models, space, given_flags(flags, names))
    config, limits = given.build(ShardConfig), given.build(StageLimits)
    output = limits.output or str(usual)
    if dry_run:
        source, _ = open_source(list(inputs)) if inputs else upstream(space, shard.UPSTREAM)
        plan = shard.plan(source, output)
        if as_json:
            say_json(asdict(plan))
        else:
            print_token_store_plan(plan)
        return exit_codes.DONE
    learned = space.stage(TOKENIZER_STAGE)
    if vocabulary is None and not learned.exists():
        raise ConfigError(
            f"no vocabulary: expected --tokenizer or a complete stage in {learned}",
            hint="run `glmdata train-tokenizer` first, or name one: --tokenizer cl100k_base",
        )
    progress = _native.Progress()
    with watched(progress):
        report = shard.run(
            list(inputs) or None,
            output,
            tokenizer=Tokenizer.load(vocabulary or learned),
            workspace=space.folder,
            threads=limits.threads,
            fresh=fresh,
            progress=progress,
            **config.values(),
        )
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_token_store(report)
    failures = report.failed_gates()
    for failure in failures:
        say(f"warning: {failure.message}", err=True)
    return exit_codes.TOO_MANY_BAD if failures else exit_codes.DONE
