"""Texts of documents from the files they were first read from, if those are still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.config.documents import DocumentConfig
from glmdata.config.model import options_of
from glmdata.errors import AccessError, ConfigError, CorruptDataError, InputError, MissingFileError
from glmdata.stage.manifest import MANIFEST_FILE, RUN_FILE, Manifest, read_object


class OriginTexts:
    """Texts by `origin`, as the stage in `folder` read them."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        known = options_of(DocumentConfig)
        stated = {key: value for key, value in manifest.config.items() if key in known}
        try:
            self._config = DocumentConfig(**stated)
        except ConfigError as error:
            raise CorruptDataError(f"{folder / MANIFEST_FILE}: damaged: {error}") from None
        self._files: dict[str, tuple[str, str]] = {}
        for entry in manifest.inputs:
            place = (entry["root"], entry["relative"])
            self._files[entry["relative"]] = place
            self._files["/".join(place)] = place
        run = folder / RUN_FILE
        self._inputs: Sequence[str] = read_object(run).get("inputs", []) if run.exists() else []

    def of(self, origin: Mapping[str, Any] | None) -> tuple[str | None, str]:
        """The text, or None and the reason why there is none.

        Raises
        ------
        StorageError
            A disk that cannot deliver what is there.
        """
        place = self._files.get(origin["file"]) if origin else None
        if origin is None or place is None:
            return None, "the stage does not say where the text came from"
        try:
            places = [(*place, origin["row"])]
            found = _native.fetch_texts(list(self._inputs), self._config, places)
        except (CorruptDataError, InputError, MissingFileError, AccessError) as error:
            return None, f"the text cannot be read again: {error}"
        return found[0], ""
