"""`glmdata tokenizer audit`: vocabularies and a text in, one page out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from glmdata import _native
from glmdata.cli import exit_codes
from glmdata.cli.options import GroupedCommand, GroupedOption, config_flags, given_flags
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.terminal import visible
from glmdata.config.given import validated
from glmdata.config.limits import StageLimits
from glmdata.config.model import options_of
from glmdata.config.workspace import find_workspace
from glmdata.stage.upstream import upstream
from glmdata.tokenizer.audit import Audit, audit
from glmdata.tokenizer.audit.config import AuditConfig
from glmdata.tokenizer.material import UPSTREAM

_OUTPUT = "audit"


@click.command(
    "audit",
    cls=GroupedCommand,
    epilog="A vocabulary is a folder of `glmdata train-tokenizer`, a .tiktoken file, a byte-level "
    "tokenizer.json, or one of cl100k_base, o200k_base, glm4, qwen2, llama3. Exit codes: 0 done, "
    "2 usage, 3 too many bad inputs (the files are whole), 4 storage.",
)
@click.argument("vocabularies", nargs=-1, required=True, metavar="A [B ...]")
@click.option(
    "--input",
    "inputs",
    cls=GroupedOption,
    group="input",
    multiple=True,
    metavar="PATH",
    help="file, folder, quoted glob, or -; may repeat; unset: dedup in the workspace",
)
@config_flags(AuditConfig, StageLimits)
@click.option("--json", "as_json", is_flag=True, help="print audit.json instead of the table")
def command(
    vocabularies: tuple[str, ...], inputs: tuple[str, ...], as_json: bool, **flags: Any
) -> int:
    """Compare vocabularies on your text: one page to read and print.

    Writes audit.html and audit.json: compression by language and source, tokens that break rule C1
    or that no text reaches, numbers and Han that are one token, suspicious and rare tokens.
    """
    options = given_flags(flags, options_of(AuditConfig))
    limits = validated(StageLimits, given_flags(flags, options_of(StageLimits)))
    source: object = list(inputs) if inputs else list(upstream(find_workspace(), UPSTREAM)[0].paths)
    progress = _native.Progress()
    with watched(progress):
        done = audit(
            vocabularies,
            source,
            limits.output or _OUTPUT,
            threads=limits.threads,
            progress=progress,
            **options,
        )
    if as_json:
        say_json(done.data)
    else:
        _print(done)
    for failure in done.failed:
        say(f"warning: {failure.message}", err=True)
    return exit_codes.TOO_MANY_BAD if done.failed else exit_codes.DONE


def _print(done: Audit) -> None:
    vocabularies: list[Mapping[str, Any]] = done.data["vocabularies"]
    names = [visible(item["name"], one_line=True) for item in vocabularies]
    width = max(12, *(len(name) + 2 for name in names))

    def row(head: str, cells: list[str]) -> None:
        say(f"{visible(head, one_line=True):24}" + "".join(f"{c:>{width}}" for c in cells))

    row("bytes a token", names)
    for share in done.data["compression"]:
        if share["source"] is None:
            cells = [cell["bytes_per_token"] for cell in share["vocabularies"]]
            row(f"  {share['lang']}", ["-" if cell is None else f"{cell:.3f}" for cell in cells])
    row("ranks", [f"{item['ranks']:,}" for item in vocabularies])
    row("break rule C1", [f"{item['validity']['rank_invalid']:,}" for item in vocabularies])
    row("unreachable", [f"{item['validity']['unreachable']:,}" for item in vocabularies])
    row("never seen here", [f"{item['usage']['unseen']:,}" for item in vocabularies])
    say(f"{'page':24}{done.output / 'audit.html'}")
