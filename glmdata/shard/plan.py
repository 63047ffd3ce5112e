"""What a run would read and need, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.stage.inputs import Source
from glmdata.stage.listing import list_inputs, refuse_output_inside

_TEXT_BYTES_PER_TOKEN = 3.5
"""Of mixed Chinese and English, for guesses: both are between 3 and 4.5 with 150 thousand ranks."""
_COMPRESSION = 3
"""Of crawled text in files that are compressed, for guesses."""


@dataclass(frozen=True)
class Plan:
    """Expected size of a run. Sizes are in bytes, estimates."""

    files: int
    bytes: int
    expected_tokens: int
    expected_disk_bytes: int
    free_disk_bytes: int
    output: str

    @property
    def fits_on_disk(self) -> bool:
        """Whether there is room for what is expected."""
        return self.expected_disk_bytes <= self.free_disk_bytes


def plan(source: Source, output: str) -> Plan:
    """Look at the inputs and the disk.

    Raises
    ------
    ConfigError
        Standard input cannot be planned.
    InputError
        An input does not exist.
    """
    import shutil  # with it three libraries of compression, for those who plan only

    if source.spool is not None:
        raise ConfigError("--dry-run: expected files, found standard input")
    listing = list_inputs(source.paths)
    refuse_output_inside(source.paths, Path(output))
    size = sum(max(entry["bytes"], 0) for entry in listing)
    # Shards of our own stages are compressed too.
    packed = (".gz", ".zst", ".parquet", ".arrow")
    text = sum(
        max(entry["bytes"], 0) * (_COMPRESSION if entry["relative"].endswith(packed) else 1)
        for entry in listing
    )
    tokens = int(text / _TEXT_BYTES_PER_TOKEN)
    nearest = next(p for p in (Path(output), *Path(output).absolute().parents) if p.exists())
    return Plan(
        files=len(listing),
        bytes=size,
        expected_tokens=tokens,
        # Once in the store, and once in .work until the store is complete.
        expected_disk_bytes=tokens * 4 * 2,
        free_disk_bytes=shutil.disk_usage(nearest).free,
        output=output,
    )
