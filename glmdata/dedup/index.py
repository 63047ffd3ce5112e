"""The index of earlier crawls: a folder with one segment a crawl, and index.json that lists them.

The compiled module reads and writes segments (`index.rs`). Here is which of them a run sees, what
must agree for it to do so, and when its own segment counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.dedup.config import DedupConfig, config_sha256
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.atomic import remove_temporaries, storage_errors, sync_folder, write_sealed
from glmdata.stage.manifest import read_object

INDEX_FILE = "index.json"
FORMAT_VERSION = 3


@dataclass(frozen=True)
class Visit:
    """What one run sees of an index and adds to it."""

    folder: Path
    settings: Mapping[str, Any]
    earlier: list[dict[str, Any]]
    """Entries of the segments of other crawls, the oldest first."""
    name: str
    """Of this crawl's segment: the same crawl under the same options replaces its own."""

    @property
    def known(self) -> list[str]:
        """Names of the segments seen."""
        return [entry["name"] for entry in self.earlier]

    @property
    def next(self) -> Path:
        """Where the segment of this run is written."""
        return self.folder / f".next-{self.name}"

    def prepare(self) -> tuple[list[str], str]:
        """What the compiled module is given: segments, and an empty folder for the next one."""
        remove_temporaries(self.folder)
        with storage_errors("create folder", self.next):
            shutil.rmtree(self.next, ignore_errors=True)
            (self.next / "texts").mkdir(parents=True)
        return [str(self.folder / name) for name in self.known], str(self.next)

    def commit(self, report: Mapping[str, Any]) -> None:
        """Let later runs see the segment of this one."""
        target = self.folder / self.name
        with storage_errors("replace", target):
            shutil.rmtree(target, ignore_errors=True)
            self.next.replace(target)
        sync_folder(self.folder)
        counts = {"documents": report["documents"]["kept"], "crawl": report["documents"]["in"]}
        segments = [*self.earlier, {"name": self.name, **counts}]
        content = {"format_version": FORMAT_VERSION, "settings": self.settings}
        write_sealed(self.folder / INDEX_FILE, {**content, "segments": segments})


def visit(folder: Path, config: DedupConfig, inputs_sha256: str) -> Visit:
    """Open an index for a run over these inputs; a folder without one becomes an empty index.

    Raises
    ------
    ConfigError
        The index was made with other shingles or sketches, by these options or by an earlier
        version, or the folder holds something else.
    CorruptDataError
        A segment that index.json lists is gone.
    """
    settings = _settings(config)
    listed: list[dict[str, Any]] = []
    if (folder / INDEX_FILE).exists():
        content = read_object(folder / INDEX_FILE)
        made = content.get("format_version")
        if made != FORMAT_VERSION:
            raise ConfigError(
                f"--index {folder}: expected an index of format {FORMAT_VERSION}, found {made!r}, "
                "whose sketches are others",
                hint="give a new folder, and the crawls again that it shall know",
            )
        found, listed = content.get("settings", {}), content.get("segments", [])
        for key, value in settings.items():
            if found.get(key) != value:
                raise ConfigError(
                    f"--index {folder}: expected {key} {found.get(key)!r}, as it was made with, "
                    f"found {value!r}",
                    hint="give the same option, or another folder",
                )
    elif any(entry.name != ".lock" and ".next-" not in entry.name for entry in folder.iterdir()):
        raise ConfigError(
            f"--index {folder}: expected an index or an empty folder, found other files"
        )
    # Options that decide what is kept belong to the crawl; where the index lies does not.
    own = config_sha256({**config.values(), "index": None})
    name = f"segment-{sha256(f'{inputs_sha256} {own}'.encode()).hexdigest()[:16]}"
    earlier = [entry for entry in listed if entry["name"] != name]
    for entry in earlier:
        if not (folder / entry["name"]).is_dir():
            raise CorruptDataError(
                f"{folder / entry['name']}: expected a segment of the index, found nothing",
                hint="deduplicate that crawl again with --index, or start a new index",
            )
    return Visit(folder, settings, earlier, name)


def _settings(config: DedupConfig) -> dict[str, Any]:
    bands, rows = _native.choose_bands(config.num_perm, config.threshold)
    return {
        "scheme": config.scheme,
        "num_perm": config.num_perm,
        "bands": config.bands or f"{bands}x{rows}",
        "shingle": config.shingle,
        "fuzzy_short": config.fuzzy_short,
    }


def indexed_text(folder: Path, doc: bytes) -> str | None:
    """The text of a document that an earlier crawl kept; None if no segment holds it.

    Parameters
    ----------
    folder
        The index.
    doc
        The 16 bytes of the document's key.
    """
    import pyarrow as pa  # a fifth of a second, and only for this
    from pyarrow import compute, ipc

    for segment in sorted(folder.glob("segment-*")):
        with pa.memory_map(str(segment / "documents.arrow")) as source:
            places = ipc.open_file(source).read_all()
        chosen = places.filter(compute.equal(places["doc"], pa.scalar(doc, pa.binary(16))))
        for row in chosen.to_pylist():
            shard = sorted((segment / "texts").glob("part-*.arrow"))[row["shard"]]
            with pa.memory_map(str(shard)) as source:
                return str(ipc.open_file(source).read_all()["text"][row["row"]].as_py())
    return None
