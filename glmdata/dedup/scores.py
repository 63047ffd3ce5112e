"""Scores that were measured before: what `keep = "best:COLUMN"` may name besides input fields."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from glmdata.config.documents import DocumentConfig
from glmdata.config.model import options_of
from glmdata.dedup.config import BEST, DedupConfig
from glmdata.errors import ConfigError
from glmdata.stage.folder import StageFolder
from glmdata.stage.listing import Listing, describe_change, listing_sha256

STAGE = "filter"

_HINT = "score the same files first: `glmdata filter --tag --input ... --output DIR`"


_READ_BY = tuple(
    key for key in options_of(DocumentConfig) if key not in ("max_bad", "lang_field", "url_field")
)
"""Options by which two stages read the same documents."""


@dataclass(frozen=True)
class Scores:
    """The files of scores of a complete filter stage, one row a document in input order."""

    folder: Path
    files: list[str]
    sha256: str
    """Of the hashes of all files: the scores by their content."""

    @classmethod
    def of(cls, folder: Path, config: DedupConfig, listing: Listing) -> Scores:
        """The scores that a config asks for.

        Parameters
        ----------
        folder
            The filter stage.
        config
            Of the run.
        listing
            The inputs of the run, which must be those that were scored.

        Raises
        ------
        ConfigError
            The policy asks for none of them, the folder is no complete filter stage, or it
            measured other inputs, or read them by other fields.
        CorruptDataError
            A file of it is missing or of another size.
        """
        if not config.keep.startswith(BEST):
            raise ConfigError(
                f"scores: expected together with keep = {BEST}COLUMN, found {config.keep!r}"
            )
        manifest = StageFolder(folder, STAGE).complete()
        if manifest is None or manifest.stage != STAGE:
            raise ConfigError(f"scores: expected a complete filter stage in {folder}", hint=_HINT)
        if manifest.inputs_sha256 != listing_sha256(listing):
            change = describe_change(manifest.inputs, listing)
            raise ConfigError(f"scores: {folder} measured other inputs: {change}", hint=_HINT)
        values = config.values()
        for key in _READ_BY:
            if manifest.config[key] != values[key]:
                raise ConfigError(
                    f"{key}: expected {manifest.config[key]!r} as in {folder}, "
                    f"found {values[key]!r}",
                    hint="both must read the same documents: give both the same",
                )
        manifest.check_content(folder, ("scores/",))
        entries = [entry for entry in manifest.files if entry["path"].startswith("scores/")]
        hashes = "\n".join(entry["sha256"] for entry in entries)
        files = [str(folder / entry["path"]) for entry in entries]
        return cls(folder, files, hashlib.sha256(hashes.encode()).hexdigest())
