"""What a run may do with a stage folder: nothing, start, go on, or refuse.

    manifest.json present           complete: done if config and inputs agree, else refused
    .work/start.json present        interrupted: resumed if config and inputs agree, else refused
    .work present without it        killed while it was cleared: cleared again, then started
    empty or missing                started
    anything else                   not ours: refused, never deleted

`--fresh` clears the first three. Clearing removes only names that glmdata gives to files, so what
somebody else put there stays.
"""

from __future__ import annotations

import contextlib
import enum
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from glmdata.config.workspace import LOCAL_ONLY, is_address
from glmdata.errors import ConfigError, CorruptDataError, InputError
from glmdata.stage.atomic import (
    TEMPORARY_PREFIX,
    remove_temporaries,
    storage_errors,
    sync_folder,
    write_sealed,
)
from glmdata.stage.listing import Listing, describe_change
from glmdata.stage.lock import LOCK_FILE
from glmdata.stage.manifest import (
    DOCUMENTS_FOLDER,
    MANIFEST_FILE,
    Manifest,
    OlderFormatError,
    read_manifest,
    read_object,
)

WORK_FOLDER = ".work"
START_FILE = "start.json"

_SHARD = r"part-\d{6}\.(?:arrow|parquet|jsonl\.zst)"
_KNOWN = {
    # Documents lay here before format 2, and rows of `materialize` still do.
    "": re.compile(
        rf"{_SHARD}|README\.md|croissant\.json|(?:clusters|pairs|documents|buckets)\.arrow|report\.json|run\.json"
        r"|tokenizer\.(?:tiktoken|json|toml|gguf)|(?:tokens|vetoes)\.parquet"
        r"|(?:[a-z]{2,3}|code|und-[A-Z][a-z]{3})\.arrow"
    ),
    "transformers": re.compile(r"tokenizer(?:_config)?\.json|chat_template\.jinja"),
    DOCUMENTS_FOLDER: re.compile(_SHARD),
    "decisions": re.compile(_SHARD),
    "scores": re.compile(_SHARD),
    "removed": re.compile(_SHARD),
    "edits": re.compile(_SHARD),
    "quarantine": re.compile(r"part-\d{6}\.jsonl"),
    "plan": re.compile(r"(?:part-\d{6}|shards)\.arrow"),
}
"""The names glmdata gives to files, by folder; manifest.json and .work go by their own rules."""

_EXPORTED = r"part-\d{6}\.(?:bin|idx|ds|ds\.index|ds\.metadata|npy|csv\.gz)"
_BY_SOURCE = {"shard": re.compile(r"part-\d{6}\.arrow"), "export": re.compile(_EXPORTED)}
"""Stages with one folder a source, and the names of the files in them."""

_FRESH = "add --fresh to write it anew, or write elsewhere: --output, of a recipe --workspace"


class Action(enum.Enum):
    """What a run does with its folder."""

    DONE = "done"
    START = "start"
    RESUME = "resume"


class StageFolder:
    """The folder of one stage, to be decided on and written by whoever holds its lock."""

    def __init__(self, path: Path, stage: str) -> None:
        self.path = path
        self.stage = stage

    @property
    def work(self) -> Path:
        """Where a running stage keeps what it needs to resume; gone once complete."""
        return self.path / WORK_FOLDER

    def make(self) -> None:
        """Create the folder if it is missing."""
        with storage_errors("create folder", self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def refuse_foreign(self) -> None:
        """Stop if the folder holds something, but nothing that says it is a stage.

        Raises
        ------
        ConfigError
            It is not empty and has neither a manifest of this stage nor .work, or that is a link;
            or it is the address of another store.
        """
        if is_address(self.path):
            raise ConfigError(f"{self.path}: {LOCAL_ONLY}", hint="name a folder of this machine")
        with storage_errors("read", self.path):
            if not self.path.is_dir():
                if self.path.exists():
                    raise ConfigError(f"{self.path}: expected a folder, found a file")
                return
            names = {entry.name for entry in self.path.iterdir()} - {LOCK_FILE}
        self._refuse_link(self.work)
        if names and not names & {MANIFEST_FILE, WORK_FOLDER}:
            raise ConfigError(
                f"{self.path}: expected an empty folder or a stage of `{self.stage}`, "
                f"found {len(names)} other entries such as {min(names)}",
                hint="name an empty or new folder with --output",
            )
        try:
            manifest = read_manifest(self.path)
            found = self.stage if manifest is None else manifest.stage
        except OlderFormatError as error:
            # `decide` refuses it, after --fresh had its chance to clear it.
            found = str(error.stage)
        if found != self.stage:
            raise ConfigError(
                f"{self.path}: expected a stage of `{self.stage}`, found one of `{found}`",
                hint="name another folder with --output",
            )

    def complete(self) -> Manifest | None:
        """The manifest if the stage is complete.

        Raises
        ------
        CorruptDataError
            There is a manifest, but a file it lists is missing or has another size.
        """
        manifest = read_manifest(self.path)
        if manifest is not None and (faults := manifest.faults(self.path)):
            raise CorruptDataError(f"{self.path}: damaged: {faults[0]}", hint=_FRESH)
        return manifest

    def decide(
        self, config: Mapping[str, Any], config_sha256: str, inputs: Listing, inputs_sha256: str
    ) -> Action:
        """What to do for this config and these inputs; changes nothing.

        Raises
        ------
        ConfigError
            The folder holds a run of another config or other inputs.
        CorruptDataError
            It is complete but damaged.
        """
        manifest = self.complete()
        if manifest is not None:
            self._same_config(manifest.config, manifest.config_sha256, config, config_sha256)
            if manifest.inputs_sha256 != inputs_sha256:
                raise self._changed(describe_change(manifest.inputs, inputs))
            return Action.DONE
        start = self.work / START_FILE
        if not start.is_file():
            return Action.START
        begun = read_object(start)
        for key, kind in (("config", dict), ("config_sha256", str), ("inputs", list)):
            if not isinstance(begun.get(key), kind):
                raise CorruptDataError(
                    f"{start}: damaged: `{key}` is missing or of another type",
                    hint="start the stage anew with --fresh",
                )
        self._same_config(begun["config"], begun["config_sha256"], config, config_sha256)
        if begun["inputs"] != inputs:
            raise self._changed(describe_change(begun["inputs"], inputs))
        return Action.RESUME

    def begin(
        self, action: Action, config: Mapping[str, Any], config_sha256: str, inputs: Listing
    ) -> None:
        """Record what a START does, so that a killed run is recognised; tidy up after one."""
        self._refuse_links()
        with storage_errors("create folder", self.work):
            self.work.mkdir(exist_ok=True)
        remove_temporaries(self.path)
        if action is Action.RESUME:
            return
        write_sealed(
            self.work / START_FILE,
            {"config": dict(config), "config_sha256": config_sha256, "inputs": inputs},
        )

    def clear(self) -> None:
        """Remove what glmdata wrote here; .work stays as the mark that the folder is ours."""
        self._refuse_links()
        with storage_errors("clear", self.path):
            self.work.mkdir(exist_ok=True)
            for entry in self.work.iterdir():
                _remove(entry)
            sync_folder(self.path)
            # From here on the stage is neither complete nor resumable, only ours.
            (self.path / MANIFEST_FILE).unlink(missing_ok=True)
            sync_folder(self.path)
            for folder, known in self._ours():
                if folder.is_symlink() or not folder.is_dir():
                    continue
                for entry in folder.iterdir():
                    ours = known.fullmatch(entry.name) or entry.name.startswith(TEMPORARY_PREFIX)
                    # Older versions gave such names to folders of sources.
                    if ours and (entry.is_symlink() or not entry.is_dir()):
                        entry.unlink()
                if folder != self.path and not any(folder.iterdir()):
                    folder.rmdir()

    def _ours(self) -> list[tuple[Path, re.Pattern[str]]]:
        """Folders and the names that glmdata gives to files in them; one folder may come twice."""
        ours = [(self.path / name, known) for name, known in _KNOWN.items()]
        if self.stage in _BY_SOURCE:
            sources = sorted(entry for entry in self.path.iterdir() if entry != self.work)
            ours.append((self.path, _BY_SOURCE[self.stage]))  # of a plan, they have no source
            ours += [(folder, _BY_SOURCE[self.stage]) for folder in sources]
        return ours

    def _refuse_links(self) -> None:
        """What is written goes into this folder, and not where a link in it leads."""
        with storage_errors("read", self.path):
            entries = sorted(self.path.iterdir())
        for entry in entries:
            # A file of ours in the place of a link to a file replaces the link.
            if entry.is_dir() or not entry.exists():
                self._refuse_link(entry)

    def _refuse_link(self, entry: Path) -> None:
        if entry.is_symlink():
            raise ConfigError(
                f"{entry}: expected a folder, found a link to {str(entry.readlink())!r}",
                hint="remove the link, or write elsewhere with --output",
            )

    def half_cleared(self) -> bool:
        """Whether a run was killed after it claimed the folder and before it began to work."""
        begun = (self.path / MANIFEST_FILE).exists() or (self.work / START_FILE).exists()
        return self.work.exists() and not begun

    @contextlib.contextmanager
    def begun(self) -> Iterator[None]:
        """Around the work that `begin` announces: what its call made impossible leaves no .work.

        Nobody could go on with it, and a better call must not be refused.
        """
        try:
            yield
        except (InputError, ConfigError):
            self.drop_work()
            raise

    def drop_work(self) -> None:
        """Remove .work: a run killed right after its manifest leaves one behind."""
        with storage_errors("remove", self.work):
            if self.work.exists():
                _remove(self.work)

    def _same_config(
        self, before: Mapping[str, Any], before_hash: str, now: Mapping[str, Any], now_hash: str
    ) -> None:
        if before_hash == now_hash:
            return
        keys = [key for key in now if before.get(key) != now[key]]
        difference = f"{keys[0]} was {before.get(keys[0])!r}, now {now[keys[0]]!r}" if keys else ""
        raise ConfigError(
            f"{self.path}: holds a run with another config: {difference or 'other keys'}",
            hint=_FRESH,
        )

    def _changed(self, difference: str) -> ConfigError:
        return ConfigError(f"{self.path}: the inputs changed since: {difference}", hint=_FRESH)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        # Not by shutil: it loads three libraries of compression.
        for below in entry.iterdir():
            _remove(below)
        entry.rmdir()
    else:
        entry.unlink()
