"""The index of earlier crawls: a folder with one segment a crawl, and index.json that lists them.

The compiled module reads and writes segments (`index.rs`). Here is which of them a run sees, what
must agree for it to do so, and when its own segment counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.dedup.config import DedupConfig, config_sha256
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.atomic import (
    TEMPORARY_PREFIX,
    remove_temporaries,
    storage_errors,
    sync_folder,
    write_sealed,
)
from glmdata.stage.hashing import file_sha256
from glmdata.stage.manifest import read_object
from glmdata.stage.rows import sound

INDEX_FILE = "index.json"
FORMAT_VERSION = 6
"""5 had no dates in its tables, 4 sketches of eight Han characters a shingle, 3 no file hashes."""


@dataclass(frozen=True)
class Visit:
    """What one run sees of an index and adds to it."""

    folder: Path
    settings: Mapping[str, Any]
    earlier: list[dict[str, Any]]
    """Entries of the segments of other crawls, the oldest first."""
    name: str
    """Of this crawl's segment: the same crawl under the same options replaces its own."""
    inputs_sha256: str
    """Of the listing of the crawl."""
    own: dict[str, Any] | None
    """Entry of the segment that an earlier run over this crawl left."""

    @property
    def known(self) -> list[str]:
        """Names of the segments seen."""
        return [entry["name"] for entry in self.earlier]

    @property
    def next(self) -> Path:
        """Where the segment of this run is written."""
        return self.folder / f".next-{self.name}"

    def prepare(self) -> tuple[list[str], str]:
        """What the compiled module is given: segments, and an empty folder for the next one.

        Raises
        ------
        CorruptDataError
            A file of a segment is not what was written.
        """
        remove_temporaries(self.folder)
        listed = [*self.earlier, *([] if self.own is None else [self.own])]
        self._remove_unlisted(listed)
        with ThreadPoolExecutor() as pool:
            # Files are hashed beside each other: hashlib lets go of the interpreter.
            for _ in pool.map(self._check, [place for e in self.earlier for place in _files(e)]):
                pass
        with storage_errors("create folder", self.next):
            (self.next / "texts").mkdir(parents=True)
        return [str(self.folder / entry["folder"]) for entry in self.earlier], str(self.next)

    def _check(self, place: tuple[str, str]) -> None:
        path, expected = self.folder / place[0], place[1]
        found = file_sha256(path) if path.is_file() else None
        if found != expected:
            raise CorruptDataError(
                f"{path}: expected sha256 {expected}, as index.json lists it, found "
                f"{found or 'no file'}",
                hint="deduplicate that crawl again with --index, or start a new index",
            )

    def _remove_unlisted(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Remove what a killed run left: a segment half written, or one that another replaced."""
        names = {entry["folder"] for entry in listed}
        for pattern in (f".next-{self.name}", f"{self.name}*"):
            for left in self.folder.glob(pattern):
                if left.name not in names:
                    with storage_errors("remove", left):
                        shutil.rmtree(left)

    def tell(self, report: Mapping[str, Any]) -> None:
        """Add a note to a report that kept nothing: a crawl that is there twice looks so."""
        counts = report["documents"]
        if self.earlier and counts["kept"] == 0 < counts["removed"]:
            report["notes"].append(
                "nothing is new beside the index: was this crawl added before, from another folder?"
            )

    def commit(self, report: Mapping[str, Any]) -> None:
        """Let later runs see the segment of this one; the one before it goes last."""
        files = {
            path.relative_to(self.next).as_posix(): file_sha256(path)
            for path in sorted(self.next.rglob("*"))
            if path.is_file()
        }
        counts = {"documents": report["documents"]["kept"], "crawl": report["documents"]["in"]}
        old = self.own
        same = old is not None and old["files"] == files and self._is_whole(old)
        folder = old["folder"] if old is not None and same else self._free_name()
        if not same:
            target = self.folder / folder
            with storage_errors("rename", target):
                self.next.replace(target)
            sync_folder(self.folder)
        known = {"name": self.name, "inputs_sha256": self.inputs_sha256}
        entry = {**known, "folder": folder, **counts, "files": files}
        content = {"format_version": FORMAT_VERSION, "settings": self.settings}
        segments = [*self.earlier, entry]
        write_sealed(self.folder / INDEX_FILE, {**content, "segments": segments})
        self._remove_unlisted(segments)

    def _is_whole(self, entry: Mapping[str, Any]) -> bool:
        try:
            for place in _files(entry):
                self._check(place)
        except CorruptDataError:
            return False
        return True

    def _free_name(self) -> str:
        number, name = 1, self.name
        while (self.folder / name).exists():
            number, name = number + 1, f"{self.name}-{number}"
        return name


def _files(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Path below the index, and sha256, of every file of a segment."""
    return [(f"{entry['folder']}/{path}", digest) for path, digest in entry["files"].items()]


def visit(folder: Path, config: DedupConfig, inputs_sha256: str) -> Visit:
    """Open an index for a run over these inputs; a folder without one becomes an empty index.

    Raises
    ------
    ConfigError
        The index was made with other shingles or sketches, by these options or by an earlier
        version, or the folder holds something else.
    CorruptDataError
        A segment that index.json lists is gone, or index.json is damaged.
    """
    # Options that decide what is kept belong to the crawl; where the index lies does not.
    options = config_sha256({**config.values(), "index": None})
    name = f"segment-{sha256(f'{inputs_sha256} {options}'.encode()).hexdigest()[:16]}"
    settings = _settings(config)
    listed: list[dict[str, Any]] = []
    if (folder / INDEX_FILE).exists():
        content = read_object(folder / INDEX_FILE)
        made = content.get("format_version")
        if made != FORMAT_VERSION:
            raise ConfigError(
                f"--index {folder}: expected an index of format {FORMAT_VERSION}, found {made!r}, "
                "whose sketches or tables are others",
                hint="give a new folder, and the crawls again that it shall know",
            )
        found, listed = content.get("settings", {}), content.get("segments", [])
        if not _is_listing(found, listed):
            raise CorruptDataError(f"{folder / INDEX_FILE}: expected a list of segments")
        for key, value in settings.items():
            if found.get(key) != value:
                raise ConfigError(
                    f"--index {folder}: expected {key} {found.get(key)!r}, as it was made with, "
                    f"found {value!r}",
                    hint="give the same option, or another folder",
                )
    elif any(not _is_of_first_run(entry.name, name) for entry in folder.iterdir()):
        raise ConfigError(
            f"--index {folder}: expected an index or an empty folder, found other files"
        )
    earlier = [entry for entry in listed if entry["name"] != name]
    again = next((e for e in earlier if e.get("inputs_sha256") == inputs_sha256), None)
    if again is not None:
        raise ConfigError(
            f"--index {folder}: holds this crawl already, deduplicated with other options: all of "
            "it would go as copies of itself",
            hint="give the options of that run, or another index",
        )
    for entry in earlier:
        if not (folder / entry["folder"]).is_dir():
            raise CorruptDataError(
                f"{folder / entry['folder']}: expected a segment of the index, found nothing",
                hint="deduplicate that crawl again with --index, or start a new index",
            )
    own = next((entry for entry in listed if entry["name"] == name), None)
    return Visit(folder, settings, earlier, name, inputs_sha256, own)


def _is_of_first_run(entry: str, segment: str) -> bool:
    """Whether the first run over an index, which ended before index.json stood, left this."""
    return entry == ".lock" or entry.startswith((".next-", TEMPORARY_PREFIX, segment))


def _is_listing(settings: object, segments: object) -> bool:
    """Whether index.json has what a run reads of it."""

    def is_segment(entry: object) -> bool:
        if not isinstance(entry, dict) or not isinstance(entry.get("files"), dict):
            return False
        names = [entry.get("name"), entry.get("folder"), *entry["files"], *entry["files"].values()]
        return all(isinstance(name, str) and ".." not in name for name in names)

    return (
        isinstance(settings, dict) and isinstance(segments, list) and all(map(is_segment, segments))
    )


def _settings(config: DedupConfig) -> dict[str, Any]:
    bands, rows = _native.choose_bands(config.num_perm, config.threshold)
    return {
        "scheme": config.scheme,
        "num_perm": config.num_perm,
        "bands": config.bands or f"{bands}x{rows}",
        "shingle": config.shingle,
        "script_fold": config.script_fold,
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

    for entry in read_object(folder / INDEX_FILE).get("segments", []):
        segment = folder / entry["folder"]
        with pa.memory_map(str(segment / "documents.arrow")) as source:
            places = sound(ipc.open_file(source).read_all())
        chosen = places.filter(compute.equal(places["doc"], pa.scalar(doc, pa.binary(16))))
        for row in chosen.to_pylist():
            shard = sorted((segment / "texts").glob("part-*.arrow"))[row["shard"]]
            with pa.memory_map(str(shard)) as source:
                texts = sound(ipc.open_file(source).read_all())
                return str(texts["text"][row["row"]].as_py())
    return None
