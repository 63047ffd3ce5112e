"""`glmdata train-tokenizer`: flags to config, one call, a summary."""

from __future__ import annotations

from typing import Any

import click

from glmdata import _native, tokenizer
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
from glmdata.cli.vocabulary import print_vocabulary
from glmdata.config.limits import RunLimits
from glmdata.config.model import options_of
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.tokenizer.config import TokenizerConfig

_EXIT_BY_GATE = {"require_size": exit_codes.GATE_FAILED, "max_bad": exit_codes.TOO_MANY_BAD}


@click.command(
    "train-tokenizer",
    cls=GroupedCommand,
    epilog="Every flag is also a key in [tokenizer] of glmdata.toml and a variable "
    "GLMDATA_TOKENIZER_<KEY>. Exit codes: 0 done, 1 --require-size failed, 2 usage, 3 too many "
    "bad inputs (the output is complete), 4 storage, 5 resources, 70 internal.",
)
@input_flags(
    "file, folder, quoted glob, or -; may repeat; unset: filter in the workspace, else dedup"
)
@click.option(
    "--inventory",
    cls=GroupedOption,
    group="input",
    multiple=True,
    metavar="DIR",
    help="learn from what `glmdata tokenizer count` wrote; may repeat",
)
@config_flags(TokenizerConfig, RunLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the summary")
def command(
    inputs: tuple[str, ...],
    inventory: tuple[str, ...],
    workspace: str | None,
    fresh: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Learn a vocabulary of GLM-4's shape, valid by construction.

    Tokens are learned from Chinese documents, then from all others, on top of cl100k_base without
    its Han and numbers. Writes tokenizer.tiktoken, tokenizer.json and transformers/, each read
    again and compared before it is kept.
    """
    space = find_workspace(workspace)
    models = (TokenizerConfig, RunLimits)
    names = [name for model in models for name in options_of(model)]
    given = gather("tokenizer", models, space, given_flags(flags, names))
    config, limits = given.build(TokenizerConfig), given.build(RunLimits)
    progress = _native.Progress()
    with watched(progress):
        report = tokenizer.train(
            list(inputs) or None,
            limits.output,
            workspace=space.folder,
            inventory=inventory,
            threads=limits.threads,
            memory=limits.memory,
            fresh=fresh,
            progress=progress,
            **config.values(),
        )
    if report.already_complete:
        say(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        say_json(report.data)
    else:
        print_vocabulary(report)
    failures = report.failed_gates()
    for failure in failures:
        say(f"warning: {failure.message}", err=True)
    return max((_EXIT_BY_GATE[failure.gate] for failure in failures), default=exit_codes.DONE)
