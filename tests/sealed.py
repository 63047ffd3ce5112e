"""Change a file of ours on purpose, as a stage would have written it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from glmdata.stage.atomic import SEAL, write_sealed


def reseal(path: Path | str, content: Mapping[str, object]) -> None:
    """Write JSON with the seal of what it says now."""
    write_sealed(Path(path), {key: value for key, value in content.items() if key != SEAL})
