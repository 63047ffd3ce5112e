"""`glmdata browse`: a local page over a workspace."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from glmdata.cli.output import say
from glmdata.config.workspace import find_workspace


@click.command("browse")
@click.argument("workspace", required=False, metavar="[DIR]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="port; 0: a free one")
@click.option("--open", "is_opened", is_flag=True, help="open it in the browser of this desktop")
def command(workspace: str | None, port: int, is_opened: bool) -> None:
    """Serve a page over a workspace: look documents up, see why each went, mark what is wrong.

    DIR is the folder of all stages; unset: the workspace. The page is served to this machine alone
    (127.0.0.1), and its address holds a token: give it to nobody. Nothing is written but
    labels.jsonl in the workspace, for `glmdata calibrate --labelled`. Ctrl-C ends it.
    """
    from glmdata.browse import Server  # help must not load polars

    folder = Path(workspace) if workspace is not None else find_workspace(None).folder
    server = Server(folder, port)
    say(f"serving {folder} at {server.url}")
    say("Ctrl-C ends it; what you mark is in labels.jsonl of the workspace")
    if is_opened:
        import webbrowser

        webbrowser.open(server.url)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
