"""Why one document stayed or went in a dedup or filter stage, with the texts that decide it.

The stage's own files tell the rule and the partner. Text comes from the stage where it is stored
(kept documents, `--removed-text`), else from the original input files, if they are still there.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from glmdata.dedup.dates import dates_of
from glmdata.dedup.edits import Edit
from glmdata.dedup.index import indexed_text
from glmdata.errors import ConfigError
from glmdata.stage.manifest import RUN_FILE, Manifest, read_manifest, read_object
from glmdata.stage.origin import OriginTexts
from glmdata.stage.rows import Row, find_rows, shards

MAX_LISTED = 20
"""Partners and replaced documents listed; a template family may have hundreds of thousands."""

_KEY = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class Partner:
    """A document that was compared with the one explained."""

    doc: str
    id: str | None
    jaccard: float
    containment: float
    relation: str
    difference: str
    extra: int = 0
    """Bytes of boilerplate that the one explained has and this one has not."""
    other_extra: int = 0
    """The other way round."""


@dataclass(frozen=True)
class Explanation:
    """What the stage knows about a document; keys are hex, unknown values None."""

    doc: str
    id: str | None
    kept: bool
    stage: str = "dedup"
    """The kind of the stage: dedup or filter."""
    rule: str | None = None
    value: float | None = None
    threshold: float | None = None
    jaccard: float | None = None
    containment: float | None = None
    source: str | None = None
    place: str | None = None
    """file and row the document was read from."""
    kept_doc: str | None = None
    kept_id: str | None = None
    via_doc: str | None = None
    """The equal document that `rule` speaks of, where that one was removed for `kept_doc` too."""
    via_id: str | None = None
    text: str | None = None
    other_doc: str | None = None
    """The document shown beside it: the one kept instead, the closest partner, or one replaced."""
    other_text: str | None = None
    partners: Sequence[Partner] = ()
    """Documents it was compared with, the most similar first."""
    replaces: Sequence[str] = ()
    """Keys of documents removed for this one."""
    dates: tuple[int, int] | None = None
    """Seconds since 1970 of this one and of the copy beside it, if both have a date and none is
    cleaner."""
    edits: Sequence[Edit] = ()
    """What was cut out of it."""
    notes: Sequence[str] = field(default=())


def explain(identifier: str, stage: str | Path, *, later: Sequence[str | Path] = ()) -> Explanation:
    """Find a document in a finished dedup or filter stage and tell what happened to it.

    Parameters
    ----------
    identifier
        A document id, or a `doc` key of 32 hex digits. If several documents carry the id, the
        first removed one is explained, else the first kept one, and a note names the others.
    stage
        The stage folder.
    later
        Folders of stages that were made from this one. Where this one wrote decisions only, they
        hold what it kept.

    Raises
    ------
    ConfigError
        The folder is no complete dedup or filter stage, or holds no such document.
    """
    folder = Path(stage)
    manifest = read_manifest(folder)
    if manifest is None or manifest.stage not in ("dedup", "filter"):
        raise ConfigError(
            f"{folder}: expected a complete dedup or filter stage",
            hint="name the stage folder with --stage, or run `glmdata dedup` first",
        )
    kept = shards(folder) or [
        path for name in later for path in (*shards(Path(name)), *shards(Path(name), "removed"))
    ]
    row, removed, notes = _locate(identifier, folder, kept)
    doc: bytes = row["doc"]
    partners = heapq.nlargest(MAX_LISTED, _partners(doc, folder), key=lambda pair: pair.jaccard)
    if removed:
        other = row.get("kept_doc")
        replaces: list[str] = []
    else:
        made_way = find_rows(shards(folder, "removed"), {"kept_doc": doc})
        replaces = [gone["doc"].hex() for gone in islice(made_way, MAX_LISTED)]
        candidates = [partner.doc for partner in partners] or replaces
        other = bytes.fromhex(candidates[0]) if candidates else None
    texts = _Texts(folder, manifest, kept, notes)
    pair = next((each for each in partners if other and each.doc == other.hex()), None)
    # Dates are asked for between copies of one source priority of which none is cleaner.
    deduplicated, config = manifest.stage == "dedup", manifest.config
    by_date = deduplicated and config["keep"] == "longest" and not config["source_priority"]
    by_date = by_date and (pair is None or pair.extra == pair.other_extra)
    by_date = by_date and (removed or (other is not None and other.hex() in replaces))
    return Explanation(
        doc=doc.hex(),
        id=row.get("id"),
        kept=not removed,
        stage=manifest.stage,
        rule=row.get("rule"),
        value=row.get("value"),
        threshold=row.get("threshold"),
        jaccard=row.get("jaccard"),
        containment=row.get("containment"),
        source=row.get("source"),
        place=_place(row),
        kept_doc=other.hex() if removed and other else None,
        kept_id=row.get("kept_id"),
        via_doc=via.hex() if (via := row.get("via_doc")) else None,
        via_id=row.get("via_id"),
        text=texts.of(row),
        other_doc=other.hex() if other else None,
        other_text=texts.of_key(other) if other else None,
        partners=partners,
        replaces=replaces,
        dates=_dates(doc, other, folder) if other and by_date else None,
        edits=_edits(doc, folder) if deduplicated and not removed else [],
        notes=notes,
    )


def _locate(identifier: str, folder: Path, parts: Sequence[Path]) -> tuple[Row, bool, list[str]]:
    wanted: dict[str, object] = {"id": identifier}
    if _KEY.fullmatch(identifier):
        wanted["doc"] = bytes.fromhex(identifier)
    limit = MAX_LISTED
    removed = list(islice(find_rows(shards(folder, "removed"), wanted), limit))
    kept = list(islice(find_rows(parts, wanted), limit))
    if not removed and not kept and "doc" in wanted:
        # Stages without documents (--write decisions) still know the key.
        decisions = find_rows(shards(folder, "decisions"), {"doc": wanted["doc"]})
        kept = list(islice(decisions, 1))
    found = [*removed, *kept]
    if not found:
        raise ConfigError(
            f"{folder}: no document with the id or key `{identifier}`",
            hint="ids are in removed/ and in the part files; kept documents of a stage without "
            "part files are found by key only",
        )
    notes = []
    if len(found) > 1:
        others = ", ".join(row["doc"].hex() for row in found[1:4])
        notes.append(f"{len(found) - 1} more documents carry this id, such as {others}")
    return found[0], bool(removed), notes


def _partners(doc: bytes, folder: Path) -> Iterator[Partner]:
    ledger = folder / "pairs.arrow"
    if not ledger.exists():
        return
    for row in find_rows([ledger], {"doc_a": doc, "doc_b": doc}):
        side = "b" if row["doc_a"] == doc else "a"
        yield Partner(
            doc=row[f"doc_{side}"].hex(),
            id=row[f"id_{side}"],
            jaccard=row["jaccard"],
            containment=row["containment"],
            relation=row["relation"],
            difference=row["difference"] or "",
            extra=row.get("extra_b" if side == "a" else "extra_a", 0),
            other_extra=row.get(f"extra_{side}", 0),
        )


def _dates(doc: bytes, other: bytes, folder: Path) -> tuple[int, int] | None:
    found = dates_of({doc, other}, folder)
    if len(found) < 2 or found[doc] == found[other]:
        return None
    return found[doc], found[other]


def _edits(doc: bytes, folder: Path) -> list[Edit]:
    columns = ("rule", "start", "end", "count", "hash")
    rows = find_rows(shards(folder, "edits"), {"doc": doc})
    return [Edit(**{name: row[name] for name in columns}) for row in rows]


def _place(row: Mapping[str, Any]) -> str | None:
    origin = row.get("origin")
    return f"{origin['file']}#{origin['row']}" if origin else None


class _Texts:
    """Texts of rows, from the stage itself or from the original input."""

    def __init__(
        self, folder: Path, manifest: Manifest, parts: Sequence[Path], notes: list[str]
    ) -> None:
        self._places = (parts, shards(folder, "removed"))
        self._origins = OriginTexts(folder, manifest)
        run = folder / RUN_FILE
        self._index = read_object(run).get("index") if run.exists() else None
        self._notes = notes

    def of(self, row: Mapping[str, Any]) -> str | None:
        """The text, or None with a note that says why there is none."""
        if row.get("text") is not None:
            return str(row["text"])
        text, reason = self._origins.of(row.get("origin"))
        if reason:
            self._missing(reason)
        return text

    def of_key(self, doc: bytes) -> str | None:
        """The text of a document that may also be one of an earlier crawl."""
        found_in = (find_rows(paths, {"doc": doc}) for paths in self._places)
        row = next((row for rows in found_in for row in rows), {})
        if row or self._index is None:
            return self.of(row)
        found = indexed_text(Path(self._index), doc)
        if found is None:
            self._missing(f"the index {self._index} does not hold the other document")
        return found

    def _missing(self, reason: str) -> None:
        if reason not in self._notes:
            self._notes.append(reason)
