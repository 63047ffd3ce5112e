"""The global stream of rows, and the share of it that a rank and its workers deliver.

    epoch 0 in its order, epoch 1 in its order, ...    one stream, whoever reads it
    step s        positions start + s * G .. + G       G = batch_size * world_size rows
    rank r of W   positions r, r + W, r + 2 W ...      of each step
    worker w of N steps w, w + N, w + 2 N ...          which a DataLoader asks for in turn

Nothing else decides what a step holds, so a state is where the stream stands: one number. A run may
go on with another number of ranks or workers; with the same G each step also holds the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glmdata.errors import ConfigError
from glmdata.rows.modes import NO_LOSS
from glmdata.rows.order import row_at
from glmdata.rows.rows import Row, TokenRows

STATE_FORMAT = 1

_FILLS = {
    "input_ids": None,
    "labels": NO_LOSS,
    "position_ids": 0,
    "doc_ids": -1,
    "span_position_ids": 0,
    "two_way": 0,
}
"""Arrays with an item a token, and what pads them; None: the plan's id."""


class RowStream:
    """One rank's batches, from where a state stands.

    Parameters
    ----------
    rows
        What is read.
    batch_size
        Rows of this rank in a step.
    rank, world_size
        Which of how many ranks this is.
    seed
        Of the order; None: the plan's.
    epochs
        Passes over the plan, each in an order of its own; None: without end. The repeats a
        mixture asks for are in the plan already. Rows at the very end that fill no step are left
        out; a state there can still be continued with more epochs.

    Raises
    ------
    ConfigError
        A number makes no sense, or there are no rows.
    """

    def __init__(
        self,
        rows: TokenRows,
        batch_size: int,
        *,
        rank: int = 0,
        world_size: int = 1,
        seed: int | None = None,
        epochs: int | None = 1,
    ) -> None:
        if batch_size < 1 or world_size < 1 or (epochs is not None and epochs < 1):
            found = f"{batch_size}, {world_size} and {epochs}"
            raise ConfigError(
                f"batch_size, world_size and epochs: expected whole numbers from 1, found {found}"
            )
        if not 0 <= rank < world_size:
            raise ConfigError(f"rank: expected 0 to {world_size - 1}, found {rank}")
        if not len(rows):
            raise ConfigError("rows: expected a plan with rows, found an empty one")
        self.rows = rows
        self.batch_size = batch_size
        self.rank = rank
        self.world_size = world_size
        self.seed = rows.seed if seed is None else seed
        self.epochs = epochs
        self._start = 0
        self._cursor = 0

    @property
    def global_batch(self) -> int:
        """Rows of a step, over all ranks."""
        return self.batch_size * self.world_size

    def batches(self, worker: int = 0, workers: int = 1) -> Iterator[Row]:
        """The batches of one worker, from the state that was loaded last.

        While it is read, `state_dict` says where this worker stands.
        """
        start, step = self._start, worker
        self._cursor = start
        while self._fits(first := start + step * self.global_batch):
            positions = range(first + self.rank, first + self.global_batch, self.world_size)
            batch = [self.rows[row_at(place, len(self.rows), self.seed)] for place in positions]
            # A worker that loads this goes on with its next step: the other workers have their own.
            self._cursor = start + (step - worker + workers) * self.global_batch
            step += workers
            yield stacked(batch, self.rows.pad_id)

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands after the last batch that `batches` gave in this process."""
        return self._state(self._cursor)

    def state_after(self, steps: int) -> dict[str, Any]:
        """Where the stream stands after so many steps since the last state was loaded.

        Of the same form and size for any number of ranks and workers; every rank has the same.
        Batches that workers have prepared but nobody took do not count.
        """
        return self._state(self._start + steps * self.global_batch)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state stands, in the order of its seed.

        Raises
        ------
        ConfigError
            It is no state of this plan.
        """
        if state.get("format") != STATE_FORMAT:
            raise ConfigError(
                f"state: expected format {STATE_FORMAT}, found {state.get('format')!r}"
            )
        if state["fingerprint"] != self.rows.fingerprint:
            raise ConfigError(
                f"state: it belongs to the plan {state['fingerprint'][:16]}, "
                f"this one is {self.rows.fingerprint[:16]}",
                hint="go on with the plan the state was saved with",
            )
        self.seed = int(state["seed"])
        self._start = self._cursor = int(state["cursor"])

    def _state(self, cursor: int) -> dict[str, Any]:
        facts = {"fingerprint": self.rows.fingerprint, "seed": self.seed, "cursor": cursor}
        return {"format": STATE_FORMAT, **facts}

    def _fits(self, first: int) -> bool:
        return self.epochs is None or first + self.global_batch <= self.epochs * len(self.rows)


def stacked(rows: Sequence[Row], pad_id: int) -> Row:
    """Rows as one batch.

    Arrays with an item a token become [B, L], `loss_weight` [B]; `cu_seqlens`
    is that of the rows laid end to end. Rows of shorter buckets are padded to the longest of the
    batch.
    """
    length = max(len(row["input_ids"]) for row in rows)
    batch = {
        name: np.stack(
            [_padded(row[name], length, pad_id if fill is None else fill) for row in rows]
        )
        for name, fill in _FILLS.items()
        if name in rows[0]
    }
    ends = [np.zeros(1, np.int32)]
    for number, row in enumerate(rows):
        ends.append(row["cu_seqlens"][1:] + np.int32(number * length))
        if len(row["input_ids"]) < length:
            ends.append(np.array([(number + 1) * length], np.int32))
    batch["cu_seqlens"] = np.concatenate(ends)
    batch["loss_weight"] = np.stack([row["loss_weight"] for row in rows])
    return batch


def _padded(values: npt.NDArray[Any], length: int, fill: int) -> npt.NDArray[Any]:
    if len(values) == length:
        return values
    return np.pad(values, (0, length - len(values)), constant_values=fill)
