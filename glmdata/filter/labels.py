"""A file of labels, as a reader of decisions leaves it, taken apart by label."""

from __future__ import annotations

import json
from pathlib import Path

from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors

LABELS = ("keep", "remove")
FIELDS = ("id", "source", "lang", "text")


def split(path: Path, folder: Path) -> tuple[Path, Path, int]:
    """Write the documents to keep and those to remove into two files of `folder`.

    Returns
    -------
    tuple[Path, Path, int]
        The two files, and the number of lines that no document could be made of: broken ones, and
        documents whose text was not at hand when they were labelled.

    Raises
    ------
    ConfigError
        The file has no label of one of the two kinds, or one of another kind.
    """
    with storage_errors("read", path):
        lines = path.read_bytes().split(b"\n")
    found: dict[str, tuple[str | None, dict[str, object]]] = {}
    broken = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            doc, label = row["doc"], row["label"]
            # Rules ask for the kind of a source and for the language.
            told = {name: row[name] for name in FIELDS if isinstance(row.get(name), str)}
        except (ValueError, KeyError, TypeError, AttributeError):
            broken += 1
            continue
        if label is not None and label not in LABELS:
            raise ConfigError(
                f"{path}:{number}: label: expected keep, remove or null, found {label!r}",
                hint="name two places after --labelled, or labels.jsonl of `glmdata browse`",
            )
        found[str(doc)] = (label, told)
    files = []
    for wanted in LABELS:
        rows = [row for label, row in found.values() if label == wanted]
        whole = [row for row in rows if "text" in row]
        broken += len(rows) - len(whole)
        if not whole:
            raise ConfigError(
                f"{path}: expected documents with the label {wanted}, found none with a text",
                hint="mark decisions in `glmdata browse`, right ones and wrong ones",
            )
        target = folder / f"{wanted}.jsonl"
        target.write_text("".join(json.dumps(row) + "\n" for row in whole))
        files.append(target)
    return files[0], files[1], broken
