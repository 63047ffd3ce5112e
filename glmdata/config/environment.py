"""Which variables of the environment glmdata has; any other with its prefix is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping

from glmdata.config.sources import STAGES
from glmdata.config.spelling import unknown
from glmdata.errors import ConfigError

PREFIX = "GLMDATA_"
WORKSPACE = "GLMDATA_WORKSPACE"


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Refuse variables that no verb would read, and those that end polars with a panic.

    The keys of a stage are judged by its verb: `glmdata.config.sources.gather`.

    Raises
    ------
    ConfigError
        A variable with our prefix that is neither the workspace nor of a stage, or a number of
        threads that polars cannot start with.
    """
    of_stages = tuple(f"{PREFIX}{stage.upper()}_" for stage in STAGES)
    for variable in sorted(environ):
        is_ours = variable.startswith(PREFIX) and variable != WORKSPACE
        if is_ours and not variable.startswith(of_stages):
            names = (WORKSPACE, *(f"{prefix}<KEY>" for prefix in of_stages))
            raise unknown(f"unknown environment variable `{variable}`", variable, names)
    threads = environ.get("POLARS_MAX_THREADS")
    if threads is not None and not (threads.isdecimal() and int(threads) > 0):
        raise ConfigError(
            f"POLARS_MAX_THREADS: expected a number of threads, found {threads!r}",
            hint="unset it, or set it to 1 or more",
        )
