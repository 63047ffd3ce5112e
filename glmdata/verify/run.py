"""Whether a stage folder still is what its manifest says: every byte is read again.

Files are hashed on all cores, each in pieces, so memory does not grow with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from glmdata.config.limits import available_threads
from glmdata.errors import ConfigError, CorruptDataError, MissingFileError, StorageError
from glmdata.stage.atomic import storage_errors
from glmdata.stage.card import CARD_FILE, CROISSANT_FILE
from glmdata.stage.counters import Counters
from glmdata.stage.folder import WORK_FOLDER
from glmdata.stage.lock import LOCK_FILE
from glmdata.stage.manifest import (
    MANIFEST_FILE,
    REPORT_FILE,
    RUN_FILE,
    read_manifest,
    read_object,
    read_report,
)
from glmdata.verify.sums import broken_chain, wrong_sums

PHASE = "hash"
"""What counters say is being done."""

_BLOCK = 1 << 20
_UNLISTED = {MANIFEST_FILE, RUN_FILE, LOCK_FILE, CARD_FILE, CROISSANT_FILE}
"""The cards are for whoever publishes the documents to complete."""


@dataclass
class Verdict:
    """What was found. Paths are relative to the folder."""

    folder: Path
    stage: str
    files: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Other size or other content."""
    extra: list[str] = field(default_factory=list)
    """Not in the manifest; a reader that takes all files of a folder would take them."""
    sums: list[str] = field(default_factory=list)
    """Sentences on counts that do not add up."""

    @property
    def passed(self) -> bool:
        """Whether all is as it was written."""
        return not (self.missing or self.changed or self.extra or self.sums)


def verify(folder: Path, progress: Counters | None = None) -> Verdict:
    """Hash every file of a stage and add its counts up.

    Parameters
    ----------
    folder
        The stage folder, of any stage.
    progress
        Counters to watch from another thread.

    Raises
    ------
    ConfigError
        There is no manifest.
    CorruptDataError, StorageError
        The manifest cannot be read.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise ConfigError(
            f"{folder}: expected a complete stage, found no {MANIFEST_FILE}",
            hint="name a stage folder, or finish the run with the command that began it",
        )
    verdict = Verdict(folder, manifest.stage)
    paths = [folder / entry["path"] for entry in manifest.files]
    counters = progress or Counters(PHASE)
    counters.enter(sum(entry["bytes"] for entry in manifest.files))
    with ThreadPoolExecutor(available_threads()) as pool:
        hashes = pool.map(partial(_sha256, counters), paths)
        for entry, found in zip(manifest.files, hashes, strict=True):
            if found is None:
                verdict.missing.append(entry["path"])
                continue
            if found != entry["sha256"]:
                verdict.changed.append(entry["path"])
            verdict.files += 1
            verdict.bytes += entry["bytes"]
    listed = {entry["path"] for entry in manifest.files}
    try:
        # The manifest does not list it, since it differs between equal runs; its seal tells.
        read_object(folder / RUN_FILE, sealed=True)
    except MissingFileError:
        verdict.missing.append(RUN_FILE)
    except (CorruptDataError, StorageError):
        verdict.changed.append(RUN_FILE)
    verdict.extra = sorted(name for name in _found(folder) if name not in listed)
    # Sums of files that are not what they were say nothing new.
    if REPORT_FILE in listed and not verdict.missing and not verdict.changed:
        report = read_report(folder)
        try:
            verdict.sums = wrong_sums(folder, manifest, report)
            verdict.sums += broken_chain(folder, manifest, report)
        except CorruptDataError as error:
            verdict.sums.append(str(error))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # An unsealed manifest that a hand edited: there is nothing to add up.
            kind = f"{type(error).__name__}: {error}"
            verdict.sums.append(f"counts of {MANIFEST_FILE} are not what a stage writes ({kind})")
    return verdict


def _found(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        known = len(name.parts) == 1 and name.name in _UNLISTED
        if path.is_file() and not known and name.parts[0] != WORK_FOLDER:
            yield name.as_posix()


def _sha256(progress: Counters, path: Path) -> str | None:
    """The hash of a file, None where there is none."""
    digest = hashlib.sha256()
    try:
        if path.exists() and not path.is_file():
            # Nobody may ever write to a FIFO.
            return "no file"
        with storage_errors("read", path), path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                progress.add(0, len(block))
    except MissingFileError:
        return None
    except StorageError:
        # A disk that gives up on a sector is what this is for: the file is not what it was.
        return "unreadable"
    finally:
        progress.add(1, 0)
    return digest.hexdigest()
