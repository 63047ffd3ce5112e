"""`TokenRows`: the rows of a pack plan, with the ids of the token store in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index as as_index
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.rows.grouped import Run
from glmdata.rows.modes import CAUSAL, INFILLING, NO_LOSS, laid_out
from glmdata.rows.order import row_at
from glmdata.rows.plan import Plan, PlanRow
from glmdata.rows.store import Store

Row = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class DocumentSlice:
    """A stretch of a document that a step trained on."""

    position: int
    """In the global stream of rows."""
    row: int
    """Of the plan."""
    doc: str
    """The document's key, by which all stages join: 32 hex digits."""
    source: str
    shard: str
    """The file of the token store it lies in."""
    start: int
    """Its first token in the document."""
    length: int
    """Tokens, without a separator behind them."""
    repeat: int
    """0 in the first pass over the document, 1 in the second ..."""


class TokenRows:
    """Random access to training rows; each costs the same, wherever it lies.

    A row is a dict of arrays, L long (the row length of the plan; with length buckets, of the
    row's bucket):

    - `input_ids` [L]: documents, each followed by the separator where it ends, then padding;
    - `labels` [L]: the same ids, and -100 on padding and outside of a document's `loss_spans`.
      Models of transformers shift them by one themselves; the first token of a document is the
      label of the separator before it, also where attention does not cross documents;
    - `position_ids` [L]: from 0 in every document, and in the padding;
    - `doc_ids` int32 [L]: which document of the row, from 0; -1 on padding;
    - `cu_seqlens` int32 [documents + 1, one more with padding]: where documents start, and L, as
      flash attention takes them; the padding counts as the last document;
    - `loss_weight` float32 []: by which the row's loss is to be multiplied; 1 but for length
      buckets, see `balanced_weights`.

    A plan with GLM's blank infilling has two more: `span_position_ids` [L], the second position (0
    in the context, from 1 in a span), and `two_way` bool [L], the context that all of its document
    may attend to. In rows of such modes, and with fill in the middle, labels are those of the mode;
    of tokens outside of `loss_spans` there are none.

    Objects may be pickled, and used in forked and spawned workers; files are mapped when they are
    first read, one mapping each, and no file stays open.

    Parameters
    ----------
    plan
        A folder of `glmdata mix`.
    store
        The folder of the token store; None: where the plan says.
    dtype
        Of `input_ids`, `labels` and `position_ids`: "int64", as torch's embeddings and losses
        want them, or "int32".
    allow_changed_store
        Read a store whose manifest is not the one the plan was made on.

    Raises
    ------
    ConfigError
        The store is another one than the plan was made on, or the dtype cannot hold ids and -100.
    MissingFileError, CorruptDataError
        Plan or store are missing or damaged.
    """

    def __init__(
        self,
        plan: str | os.PathLike[str],
        store: str | os.PathLike[str] | None = None,
        *,
        dtype: str = "int64",
        allow_changed_store: bool = False,
    ) -> None:
        if dtype not in ("int64", "int32"):
            raise ConfigError(f"dtype: expected int64 or int32, found {dtype!r}")
        self._dtype = np.dtype(dtype)
        self._plan = Plan(Path(plan))
        folder = self._plan.store_folder() if store is None else Path(store)
        self._store = Store(folder, self._plan.shards)
        if not allow_changed_store:
            self._store.check()

    @property
    def row_length(self) -> int:
        """Tokens of the longest row, padding included."""
        return self._plan.row_length

    @property
    def seed(self) -> int:
        """The seed of the plan, which orders the rows unless another one is named."""
        return self._plan.seed

    @property
    def pad_id(self) -> int:
        """What fills rows up."""
        return self._plan.pad_id

    @property
    def metadata(self) -> dict[str, str]:
        """What the plan's schema says: the vocabulary, special ids, how rows were packed."""
        return dict(self._plan.metadata)

    @property
    def infilling(self) -> bool:
        """Whether rows may be trained by GLM's blank infilling, and so have two more arrays."""
        return self._plan.infilling

    @property
    def vocabulary_rows(self) -> int:
        """Rows of the embedding that a model of the store's ids needs, reserved ones included.

        Raises
        ------
        CorruptDataError
            The store does not say.
        """
        said = self._store.metadata(0).get("glmdata.rows")
        if said is None or not said.isdecimal():
            raise CorruptDataError(
                f"{self._store.folder}: expected `glmdata.rows` in the schema of its shards",
                hint="write the store anew with `glmdata shard --fresh`",
            )
        return int(said)

    @property
    def fingerprint(self) -> str:
        """Names the plan and the store it was made on: 64 hex digits."""
        return self._plan.fingerprint

    def __len__(self) -> int:
        return len(self._plan)

    def __repr__(self) -> str:
        return (
            f"<TokenRows {self._plan.folder}: {len(self):,} rows of {self.row_length:,} tokens, "
            f"{self.fingerprint[:12]}>"
        )

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """A row, in the order of the plan; of a slice a list of rows.

        Raises
        ------
        IndexError
            There is no such row.
        CorruptDataError
            Plan and store contradict each other.
        """
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = as_index(index)
        return self._fill(self._plan[place + len(self) if place < 0 else place])

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def rows_at(
        self, step: int, global_batch: int, *, seed: int | None = None, start: int = 0
    ) -> list[DocumentSlice]:
        """The documents that a step trains on, over all ranks.

        Of a stream that neither sorts nor skips; see `RowStream.rows_at` for one that does.

        Parameters
        ----------
        step
            From 0.
        global_batch
            Rows a step, over all ranks.
        seed
            Of the order; None: the plan's.
        start
            The position in the global stream that `step` counts from: the cursor of the state
            that was loaded when `global_batch` was last changed.
        """
        first = start + step * global_batch
        order = self.seed if seed is None else seed
        return [
            part
            for position in range(first, first + global_batch)
            for part in self.slices(position, row_at(position, len(self), order))
        ]

    def slices(self, position: int, row: int) -> list[DocumentSlice]:
        """The documents of a row of the plan that stands at a position of a stream."""
        slices = []
        for part in self._plan[row].parts:
            shard = self._store.shards[part.shard]
            doc = self._store.document(part.shard, part.row)
            facts = (doc, shard.source, shard.path, part.start, part.length, part.repeat)
            slices.append(DocumentSlice(position, row, *facts))
        return slices

    def runs(self) -> list[Run]:
        """Neighbouring rows of the plan that are equally long; reads a number a row."""
        return self._plan.runs()

    def _fill(self, row: PlanRow) -> Row:
        filled = self._causal(row) if row.mode == CAUSAL else self._of_mode(row)
        if self._plan.infilling and row.mode not in INFILLING:
            filled["span_position_ids"] = np.zeros(row.bucket, self._dtype)
            filled["two_way"] = np.zeros(row.bucket, bool)
        return filled

    def _causal(self, row: PlanRow) -> Row:
        length, pad = row.bucket, self._plan.pad_id
        tokens = sum(part.length + part.eod for part in row.parts)
        self._check(row, tokens)
        ids = np.full(length, pad, self._dtype)
        doc_ids = np.full(length, -1, np.int32)
        positions = np.empty(length, self._dtype)
        silent = [slice(tokens, length)]
        starts = [0]
        at = 0
        for number, part in enumerate(row.parts):
            end = at + part.length
            ids[at:end] = self._store.ids(part.shard, part.row, part.start, part.length)
            silent += self._without_loss(part.shard, part.row, part.start, at, end)
            if part.eod:
                ids[end] = self._plan.eod_id
                end += 1
            doc_ids[at:end] = number
            positions[at:end] = np.arange(end - at)
            starts.append(end)
            at = end
        if at < length:
            positions[at:] = np.arange(length - at)
            starts.append(length)
        labels = ids.copy()
        for stretch in silent:
            labels[stretch] = NO_LOSS
        return {
            "input_ids": ids,
            "labels": labels,
            "position_ids": positions,
            "doc_ids": doc_ids,
            "cu_seqlens": np.array(starts, np.int32),
            "loss_weight": np.array(row.weight, np.float32),
        }

    def _of_mode(self, row: PlanRow) -> Row:
        if row.mode not in self._plan.modes:
            raise CorruptDataError(
                f"{self._plan.folder}: expected rows of modes {sorted(self._plan.modes)}, "
                f"found {row.mode}"
            )
        tokens = [self._store.ids(p.shard, p.row, p.start, p.length) for p in row.parts]
        bears = [self._bears(part.shard, part.row, part.start, part.length) for part in row.parts]
        laid = laid_out(
            np.concatenate(tokens),
            [(part.length, part.eod) for part in row.parts],
            row.mode,
            row.seed,
            self._plan.eod_id,
            self._plan.special_ids,
            None if all(map(np.all, bears)) else np.concatenate(bears),
            self._plan.sentence_ends,
        )
        self._check(row, len(laid.ids))
        length = row.bucket
        padding = (0, length - len(laid.ids))
        starts = [*laid.starts, length] if padding[1] else laid.starts
        lengths = np.diff(laid.starts)
        filled = {
            "input_ids": np.full(length, self._plan.pad_id, self._dtype),
            "labels": np.full(length, NO_LOSS, self._dtype),
            "position_ids": np.append(laid.positions, np.arange(padding[1])).astype(self._dtype),
            "doc_ids": np.full(length, -1, np.int32),
            "cu_seqlens": np.array(starts, np.int32),
            "loss_weight": np.array(row.weight, np.float32),
        }
        filled["input_ids"][: len(laid.ids)] = laid.ids
        filled["labels"][: len(laid.labels)] = laid.labels[:length]
        filled["doc_ids"][: len(laid.ids)] = np.repeat(np.arange(len(lengths)), lengths)
        if row.mode in INFILLING:
            filled["span_position_ids"] = np.pad(laid.span_positions.astype(self._dtype), padding)
            filled["two_way"] = np.pad(laid.two_way, padding)
        return filled

    def _check(self, row: PlanRow, tokens: int) -> None:
        if tokens != row.n_tokens or tokens > row.bucket:
            raise CorruptDataError(
                f"{self._plan.folder}: expected a row of {row.n_tokens} tokens in {row.bucket}, "
                f"found parts of {tokens}"
            )

    def _bears(self, shard: int, row: int, start: int, length: int) -> npt.NDArray[np.bool_]:
        """Of each token of a slice, whether it lies in a loss span."""
        bears = np.ones(length, bool)
        for stretch in self._without_loss(shard, row, start, 0, length):
            bears[stretch] = False
        return bears

    def _without_loss(self, shard: int, row: int, start: int, at: int, end: int) -> list[slice]:
        """The stretches of the row from `at` to `end` that lie outside of the loss spans."""
        spans = self._store.loss_spans(shard, row)
        if spans is None:
            return []
        silent = []
        begin = at
        for span_from, span_to in np.clip(spans - start + at, at, end).tolist():
            silent.append(slice(begin, span_from))
            begin = max(begin, span_to)
        return [*silent, slice(begin, end)]
