"""`glmdata completion`: the script that makes a shell complete verbs and flags."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from glmdata.cli.output import say


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    For bash: `eval "$(glmdata completion bash)"`, there or in ~/.bashrc; likewise for zsh. For
    fish: `glmdata completion fish | source`.
    """
    script = get_completion_class(shell)
    if script is not None:
        say(script(ctx.find_root().command, {}, "glmdata", "_GLMDATA_COMPLETE").source())
