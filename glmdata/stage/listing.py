"""What the inputs looked like, so that a rerun knows whether they changed.

This is a listing of names, sizes and times, not the discovery the compiled module does: it opens
nothing but manifests, and it may list a file that no reader takes. Both skip names that begin
with `.` or `_`, follow links, and enter each real folder once.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata.config.workspace import LOCAL_ONLY, is_address
from glmdata.errors import ConfigError, InputError
from glmdata.stage.atomic import TEMPORARY_PREFIX, storage_errors
from glmdata.stage.lock import LOCK_FILE
from glmdata.stage.manifest import MANIFEST_FILE, stage_manifest

Listing = list[dict[str, Any]]
"""{root, relative, bytes, modified_ns} of each file, sorted; bytes is -1 for a link to nothing.

Where a hash is known, modified_ns is 0 and there is a sha256."""

_MAGIC = re.compile(r"[*?\[{]")


def list_inputs(inputs: Sequence[str]) -> Listing:
    """The files below the inputs (files, folders, globs), in an order of their own.

    Raises
    ------
    InputError
        An input does not exist, or a glob matches nothing.
    """
    found: set[tuple[str, str, str]] = set()
    known: Listing = []
    for name in inputs:
        path = Path(name)
        if os.path.lexists(path):
            _check_around(path)
        if path.is_dir():
            manifest = stage_manifest(path)
            if manifest is not None:
                known.extend(vouched(path, manifest.documents))
                continue
            found.update((path.resolve().name, file, name) for file in _below(path))
        elif os.path.lexists(path):
            found.add((path.name, path.name, str(path.parent)))
        elif is_address(name):
            raise InputError(
                f"{name}: {LOCAL_ONLY}",
                path=name,
                hint="copy the files into a folder first, or mount the store as one",
            )
        elif _MAGIC.search(name):
            base, matches = _glob(name)
            found.update((base.resolve().name, file, str(base)) for file in matches)
        else:
            raise InputError(
                f"{name}: no such file or folder",
                path=name,
                hint="--input takes a file, a folder, a quoted glob, or - for standard input",
            )
    entries = (
        {"root": shown_name(root), "relative": shown_name(file), **_facts(Path(base, file))}
        for root, file, base in found
    )
    return sorted(
        [*entries, *known],
        key=lambda entry: (entry["relative"], entry["root"], entry["bytes"], entry["modified_ns"]),
    )


def _check_around(path: Path) -> None:
    """Refuse a file or folder of a stage whose manifest is damaged."""
    for folder in (path.resolve().parent, path.resolve().parent.parent):
        if (folder / MANIFEST_FILE).is_file():
            stage_manifest(folder)


def shown_name(name: str) -> str:
    r"""A name as text: bytes that are no UTF-8 become `\xd6`, as the compiled module writes them.

    >>> shown_name(os.fsdecode(b"\xd6.jsonl"))
    '\\xd6.jsonl'
    """
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def vouched(stage: Path, files: Iterable[Mapping[str, Any]]) -> Listing:
    """The listing of files of a complete stage, from their entries in its manifest."""
    return [
        {
            "root": shown_name(stage.resolve().name),
            "relative": entry["path"],
            "bytes": entry["bytes"],
            "modified_ns": 0,
            "sha256": entry["sha256"],
        }
        for entry in files
    ]


def listing_sha256(listing: Listing) -> str:
    """Hash of a listing, lower-case hex."""
    return hashlib.sha256(json.dumps(listing, sort_keys=True).encode()).hexdigest()


def recorded(inputs: Iterable[Mapping[str, Any]], listing: Listing) -> list[dict[str, Any]]:
    """What a manifest says of the files that were read.

    Of a file whose content is known by its hash it does not say when that was written, so that a
    stage made from equal files is equal. Times are strings: as numbers they are too large for some
    JSON readers.
    """
    known = {(entry["root"], entry["relative"]): entry for entry in listing if "sha256" in entry}
    found = (known.get((entry["root"], entry["relative"]), entry) for entry in inputs)
    return [{**entry, "modified_ns": str(entry["modified_ns"])} for entry in found]


def describe_change(before: Iterable[Mapping[str, Any]], now: Listing) -> str:
    """One sentence on the first file that differs between two listings.

    Times in manifests may be strings: as numbers they are too large for some JSON readers. What is
    no listing, since somebody edited it, is a change too.
    """
    try:
        return _change(before, now)
    except (AttributeError, KeyError, TypeError, ValueError):
        return "what was recorded of them is damaged"


def _change(before: Iterable[Mapping[str, Any]], now: Listing) -> str:
    old = {(entry["root"], entry["relative"]): entry for entry in before}
    new = {(entry["root"], entry["relative"]): entry for entry in now}
    for key, entry in old.items():
        name = "/".join(key)
        if key not in new:
            return f"{name} is gone"
        if new[key]["bytes"] != entry["bytes"]:
            return f"{name} had {entry['bytes']} bytes, now {new[key]['bytes']}"
        if new[key].get("sha256") != entry.get("sha256"):
            return f"{name} has another content"
        if new[key]["modified_ns"] != int(entry["modified_ns"]):
            return f"{name} was written to"
    added = [key for key in new if key not in old]
    return f"{'/'.join(added[0])} is new" if added else "another set of files"


def refuse_output_inside(inputs: Sequence[str], output: Path, *, option: str = "--output") -> None:
    """A stage written into its own input would be read by the next run.

    Raises
    ------
    ConfigError
        The output folder is an input folder or lies below one.
    """
    target = output.resolve()
    for name in inputs:
        source = Path(name)
        if source.is_dir() and (target == source.resolve() or source.resolve() in target.parents):
            raise ConfigError(
                f"{option} `{output}` lies inside the input `{name}`",
                hint=f"name a place outside of it with {option}",
            )


def refuse_occupied(folder: Path, but: Collection[str] = ()) -> None:
    """For outputs that are no stage: nothing foreign is overwritten, nothing mixed.

    Parameters
    ----------
    folder
        Where files are to be written.
    but
        Names of files that may be there and will be replaced.

    Raises
    ------
    ConfigError
        The folder exists and holds something else, or is a file.
    """
    # A killed run of the same command leaves its lock and what it had half written.
    ours = (*but, LOCK_FILE)
    if folder.is_dir() and all(
        entry.name in ours or entry.name.startswith(TEMPORARY_PREFIX) for entry in folder.iterdir()
    ):
        return
    if os.path.lexists(folder):
        found = "a folder with files" if folder.is_dir() else "a file"
        raise ConfigError(
            f"{folder}: expected an empty or new folder, found {found}",
            hint="name another one with --output",
        )


def _refuse(error: OSError) -> None:
    # A folder that nobody may read is told by who reads the files; what cannot be delivered is not.
    if not isinstance(error, PermissionError):
        with storage_errors("list", Path(error.filename or ".")):
            raise error


def _below(folder: Path, enters: Callable[[str], bool] = lambda _: True) -> Iterator[str]:
    """The files below a folder, in the folders below it that `enters` lets through."""
    entered: set[tuple[int, int]] = set()
    for parent, folders, files in os.walk(folder, onerror=_refuse, followlinks=True):
        status = Path(parent).stat()
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        if MANIFEST_FILE in files:
            # The compiled module reads it too, and cannot tell that somebody edited it.
            stage_manifest(Path(parent))
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "_"))
            and enters(Path(parent, name).relative_to(folder).as_posix())
        ]
        for name in files:
            if not name.startswith((".", "_")):
                yield Path(parent, name).relative_to(folder).as_posix()


def _glob(pattern: str) -> tuple[Path, list[str]]:
    """The part of a glob without wildcards, and the files below it that match the whole."""
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    base = Path(*parts[:fixed]) if fixed else Path()
    below = parts[fixed:]
    try:
        matcher = re.compile(_translate("/".join(below)))
        plain = itertools.takewhile(lambda part: "**" not in part and "{" not in part, below)
        levels = [re.compile(_translate(part)) for part in plain]
    except re.error as error:
        raise InputError(
            f"{pattern}: expected a glob, found none: {error}",
            path=pattern,
            hint="a class goes from the lower character to the higher one: [a-z]",
        ) from None

    # A folder that matches is read whole, so a file also counts when a folder above it matches.
    def takes(path: str) -> bool:
        return any(map(matcher.fullmatch, _prefixes(path)))

    def enters(folder: str) -> bool:
        # Below `**` and lists of alternatives, a match may lie at any depth.
        names = folder.split("/")
        deep = len(names) >= len(below) and len(levels) == len(below)
        fits = all(level.fullmatch(name) for level, name in zip(levels, names, strict=False))
        return (fits and not deep) or takes(folder)

    matches = list(filter(takes, _below(base, enters) if base.is_dir() else ()))
    if not matches:
        raise InputError(f"{pattern}: the glob matches no file", path=pattern)
    return base, matches


def _prefixes(file: str) -> Iterator[str]:
    parts = file.split("/")
    return ("/".join(parts[:n]) for n in range(len(parts), 0, -1))


def _translate(pattern: str) -> str:
    """A glob with `**`, `*`, `?`, `[a-z]` and `{a,b}` as a regular expression."""
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = []
    depth = 0
    for part in re.findall(r"\*\*/|\*\*|\[[^\]]+\]|.", pattern):
        if part in fixed:
            pieces.append(fixed[part])
        elif part == "{":
            depth += 1
            pieces.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            pieces.append(")")
        elif part == "," and depth:
            pieces.append("|")
        elif len(part) > 1:
            pieces.append("[" + part[1:-1].replace("\\", "\\\\").replace("!", "^", 1) + "]")
        else:
            pieces.append(re.escape(part))
    return "".join(pieces) + ")" * depth


def _facts(path: Path) -> dict[str, int]:
    try:
        status = path.stat()
    except (FileNotFoundError, PermissionError):
        return {"bytes": -1, "modified_ns": 0}
    except OSError as error:
        if error.errno == errno.ELOOP:
            return {"bytes": -1, "modified_ns": 0}
        with storage_errors("list", path):
            raise
    return {"bytes": status.st_size, "modified_ns": status.st_mtime_ns}
