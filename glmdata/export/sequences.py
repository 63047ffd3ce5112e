"""What is exported: documents of a token store, or rows of a pack plan, as sequences of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.rows import Order, TokenRows
from glmdata.rows.store import Store, shards_of
from glmdata.stage.manifest import read_manifest


class Sequence(NamedTuple):
    """Ids that belong together."""

    ids: npt.NDArray[np.uint32]
    """[length], with the separator behind a document or the padding of a row."""
    id: str
    """Of a document its key, of a row its number in the plan."""
    source: str
    place: str
    """The file it came from and its row there."""


@dataclass(frozen=True)
class Piece:
    """What goes into one file."""

    name: str
    """Below the output folder, without a suffix."""
    count: int
    sequences: Callable[[], Iterator[Sequence]]


@dataclass(frozen=True)
class Material:
    """What is to be exported."""

    kind: str
    """`store` or `plan`."""
    fingerprint: str
    """Names the content."""
    metadata: dict[str, str]
    """Of the schema of its files."""
    pieces: list[Piece]

    @property
    def tokenizer(self) -> str:
        """Hash of the vocabulary."""
        return self.metadata.get("glmdata.tokenizer_sha256", "unknown")


def material(folder: Path, store: Path | None, seed: int | None, piece_tokens: int) -> Material:
    """A mix stage as rows in the order they are trained on, or a shard stage as documents.

    Parameters
    ----------
    folder
        The stage folder.
    store
        The token store of a plan; None: where the plan says.
    seed
        Of the order of rows; None: the plan's.
    piece_tokens
        A piece of a plan has no more tokens, unless one row has. Pieces of a store are its shards.

    Raises
    ------
    ConfigError
        It is neither, or an argument belongs to the other.
    MissingFileError, CorruptDataError
        It is not complete, or damaged.
    """
    manifest = read_manifest(folder)
    if manifest is None or manifest.stage not in ("mix", "shard"):
        found = "no complete stage" if manifest is None else f"a {manifest.stage} stage"
        raise ConfigError(
            f"{folder}: expected a folder of `glmdata mix` or `glmdata shard`, found {found}",
            hint="name one with --input",
        )
    if manifest.stage == "mix":
        rows = TokenRows(folder, store)
        if rows.infilling:
            raise ConfigError(
                f"{folder}: a plan with blank infilling: expected rows that need no labels",
                hint="`glmdata materialize` writes labels and both positions",
            )
        return _of_plan(rows, seed, piece_tokens)
    for name, value in (("--seed", seed), ("--store", store)):
        if value is not None:
            raise ConfigError(f"{name}: expected a plan as --input, found the token store {folder}")
    return _of_store(folder)


def _of_store(folder: Path) -> Material:
    store = Store(folder, shards_of(folder))
    numbers = range(len(store.shards))
    if not numbers:
        raise ConfigError(f"{folder}: expected documents, found an empty token store")
    metadata = store.metadata(0)
    eod = metadata.get("glmdata.eod_id")
    if eod is None:
        raise CorruptDataError(
            f"{folder / store.shards[0].path}: expected `glmdata.eod_id` in the schema",
            hint="write the store anew with `glmdata shard --fresh`",
        )

    def piece(shard: int) -> Piece:
        facts = store.shards[shard]
        name = facts.path.removesuffix(".arrow")
        return Piece(name, facts.rows, lambda: _documents(store, shard, np.uint32(eod)))

    return Material("store", store.fingerprint, metadata, [piece(shard) for shard in numbers])


def _documents(store: Store, shard: int, eod: np.uint32) -> Iterator[Sequence]:
    path = store.shards[shard].path
    source = store.shards[shard].source
    for row in range(store.shards[shard].rows):
        ids = np.append(store.whole(shard, row), eod)
        yield Sequence(ids, store.document(shard, row), source, f"{path}#{row}")


def _of_plan(rows: TokenRows, seed: int | None, piece_tokens: int) -> Material:
    order = Order(len(rows), rows.seed if seed is None else seed)
    size = max(piece_tokens // rows.row_length, 1)
    bounds = [(first, min(first + size, len(rows))) for first in range(0, len(rows), size)]

    def piece(number: int, first: int, end: int) -> Piece:
        name = f"part-{number:06d}"
        return Piece(name, end - first, lambda: _rows(rows, order, first, end))

    pieces = [piece(number, *bound) for number, bound in enumerate(bounds)]
    return Material("plan", rows.fingerprint, rows.metadata, pieces)


def _rows(rows: TokenRows, order: Order, first: int, end: int) -> Iterator[Sequence]:
    for row in order.many(range(first, end)).tolist():
        ids = rows[row]["input_ids"].astype(np.uint32)
        if len(ids) != rows.row_length:
            raise ConfigError(
                f"a plan of length buckets: expected rows of {rows.row_length} tokens, "
                f"found one of {len(ids)}",
                hint="`glmdata materialize` writes rows of any length",
            )
        yield Sequence(ids, str(row), "plan", f"plan#{row}")


def report_of(given: Material, **facts: Any) -> dict[str, Any]:
    """What every report says of the material."""
    return {"format_version": 1, "of": given.kind, "tokenizer": given.tokenizer, **facts}
