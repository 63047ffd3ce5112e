"""What a run would read and need, without writing anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glmdata import _native
from glmdata.dedup.config import DedupConfig
from glmdata.errors import ConfigError
from glmdata.stage.inputs import STDIN
from glmdata.stage.listing import list_inputs, refuse_output_inside

_EXPECTED = (
    "files",
    "bytes",
    "expected_text_bytes",
    "expected_memory_bytes",
    "expected_disk_bytes",
    "notes",
)


@dataclass(frozen=True)
class Plan:
    """Expected size of a run. Sizes are in bytes; what is expected is an estimate."""

    files: int
    bytes: int
    expected_text_bytes: int
    expected_memory_bytes: int
    expected_disk_bytes: int
    free_disk_bytes: int
    output: str
    notes: Sequence[str]

    @property
    def fits_on_disk(self) -> bool:
        """Whether the output's file system has room for what is expected."""
        return self.expected_disk_bytes <= self.free_disk_bytes


def plan(inputs: Sequence[str], output: str, config: DedupConfig) -> Plan:
    """Look at the inputs and at the disk.

    Raises
    ------
    ConfigError
        Standard input cannot be planned: it can be read only once.
    InputError
        An input does not exist.
    """
    if STDIN in inputs:
        raise ConfigError("--dry-run: expected files, found standard input")
    list_inputs(inputs)
    refuse_output_inside(inputs, Path(output))
    expected = json.loads(_native.plan(list(inputs), config))
    return Plan(
        **{name: expected[name] for name in _EXPECTED},
        output=output,
        free_disk_bytes=_free_disk(Path(output)),
    )


def _free_disk(folder: Path) -> int:
    import shutil  # with it three libraries of compression, for those who plan only

    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(nearest).free
