"""`glmdata tokenizer encode`: flags to config, one call, a table."""

from __future__ import annotations

import json
from typing import Any

import click

from glmdata import _native
from glmdata.cli import exit_codes
from glmdata.cli.options import GroupedCommand, GroupedOption, config_flags, given_flags
from glmdata.cli.progress import watched
from glmdata.cli.token_store import print_token_store
from glmdata.config.limits import StageLimits
from glmdata.config.sources import validated
from glmdata.config.workspace import find_workspace
from glmdata.stage.upstream import upstream
from glmdata.tokenizer.encode import STAGE, EncodeConfig, encode_documents
from glmdata.tokenizer.material import UPSTREAM
from glmdata.tokenizer.write import STAGE as TOKENIZER_STAGE


@click.command(
    "encode",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 2 usage, 3 too many bad inputs (the output is complete), "
    "4 storage, 70 internal.",
)
@click.option(
    "--tokenizer",
    "vocabulary",
    cls=GroupedOption,
    group="input",
    metavar="DIR|FILE|NAME",
    help="the vocabulary; unset: tokenizer in the workspace",
)
@click.option(
    "--input",
    "inputs",
    cls=GroupedOption,
    group="input",
    multiple=True,
    metavar="PATH",
    help="file, folder, quoted glob, or -; may repeat; unset: dedup in the workspace",
)
@config_flags(EncodeConfig, StageLimits)
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what an earlier run wrote and start anew")
@click.option("--json", "as_json", is_flag=True, help="print report.json instead of the table")
def command(
    vocabulary: str | None,
    inputs: tuple[str, ...],
    workspace: str | None,
    fresh: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Turn documents into ids, as Arrow files that can be mapped into memory.

    Writes <source>/part-000000.arrow with doc, tokens, n_tokens, source and lang: one row a
    document, no special tokens, no separators.
    """
    space = find_workspace(workspace)
    options = given_flags(flags, EncodeConfig.model_fields)
    limits = validated(StageLimits, given_flags(flags, StageLimits.model_fields))
    progress = _native.Progress()
    with watched(progress):
        report = encode_documents(
            vocabulary or space.stage(TOKENIZER_STAGE),
            list(inputs) or list(upstream(space, UPSTREAM)[0].paths),
            limits.output or space.stage(STAGE),
            threads=limits.threads,
            fresh=fresh,
            progress=progress,
            **options,
        )
    if report.already_complete:
        click.echo(f"{report.output}: already complete, nothing to do", err=True)
    if as_json:
        click.echo(json.dumps(report.data, indent=2, ensure_ascii=False))
    else:
        print_token_store(report)
    if report.too_many_bad is not None:
        click.echo(f"warning: {report.too_many_bad}", err=True)
        return exit_codes.TOO_MANY_BAD
    return exit_codes.DONE
