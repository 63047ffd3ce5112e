"""`glmdata init`: a glmdata.toml to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from glmdata.cli import exit_codes
from glmdata.cli.config import MODELS
from glmdata.cli.output import say
from glmdata.config.model import options_of
from glmdata.config.workspace import CONFIG_FILE
from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors, write_bytes

_HEAD = """\
# The options of each stage. A line such as `# threshold = 0.8` shows a default: remove the `#` to
# change it. A flag and a variable GLMDATA_<STAGE>_<KEY> go before this file; to see what holds:
# `glmdata config show --origin`. Recipes (`glmdata run`) do not read this file.
"""


@click.command("init", epilog="Exit codes: 0 done, 2 usage, 4 storage, 70 internal.")
@click.argument("folder", required=False, default=".", metavar="[DIR]")
def command(folder: str) -> int:
    """Write a glmdata.toml that names every option, each as a comment with its default.

    DIR is where; unset: here. Stages that run in that folder or below read the file, and write to
    glmdata-out beside it. Recipes do not read it.
    """
    path = Path(folder) / CONFIG_FILE
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path}: is there already", hint="move it away, or name another folder")
    with storage_errors("create folder", path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, "\n".join([_HEAD, *_tables()]).encode())
    say(f"{path}: every option with its default, as comments")
    return exit_codes.DONE


def _tables() -> Iterator[str]:
    for stage, models in MODELS.items():
        yield f"[{stage}]"
        for model in models:
            for key, (option, _) in options_of(model).items():
                yield f"# {option.help}: {option.expected}"
                # JSON spells these values as TOML does.
                known = option.default is not None
                yield f"# {key} = {json.dumps(option.default)}" if known else f"# {key} = # not set"
        yield ""
