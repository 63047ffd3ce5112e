"""Where results go, and which glmdata.toml is read.

The workspace is `--workspace`, else `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest
glmdata.toml in this folder or above, else `./glmdata-out`. The TOML file is the nearest one in the
workspace's parent or above.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIG_FILE = "glmdata.toml"
DEFAULT_FOLDER = "glmdata-out"
LOCAL_ONLY = "only local files and folders are read and written, no addresses"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def is_address(place: str | os.PathLike[str]) -> bool:
    """Whether this names something in another store, such as `s3://bucket/crawl`.

    pathlib makes one slash of two.
    """
    return _ADDRESS.match(os.fspath(place)) is not None and not os.path.lexists(place)


@dataclass(frozen=True)
class Workspace:
    """A folder of stages and the configuration file that goes with it, if there is one."""

    folder: Path
    config_file: Path | None

    def stage(self, name: str) -> Path:
        """The folder of a stage."""
        return self.folder / name


def find_workspace(
    named: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Workspace:
    """The workspace for a command that runs here; nothing is created."""
    chosen = named or environ.get("GLMDATA_WORKSPACE")
    if chosen:
        folder = Path(chosen)
        return Workspace(folder, _nearest_config(folder.absolute().parent))
    config_file = _nearest_config(Path.cwd())
    if config_file is None or config_file.parent == Path.cwd():
        # Relative, so that messages show the short paths the user would type.
        return Workspace(Path(DEFAULT_FOLDER), config_file and Path(CONFIG_FILE))
    return Workspace(config_file.parent / DEFAULT_FOLDER, config_file)


def _nearest_config(folder: Path) -> Path | None:
    for parent in (folder, *folder.parents):
        candidate = parent / CONFIG_FILE
        if candidate.is_file():
            return candidate
    return None
