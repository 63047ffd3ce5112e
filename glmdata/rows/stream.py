"""The global stream of rows, and the share of it that a rank and its workers deliver.

    epoch 0 in its order, epoch 1 in its order, ...    one stream, whoever reads it
    step s        positions start + s * G .. + G       G = batch_size * world_size rows
    rank r of W   positions r, r + W, r + 2 W ...      of each step
    worker w of N steps w, w + N, w + 2 N ...          which a DataLoader asks for in turn

Nothing else decides what a step holds, so a state is where the stream stands: one number, and what
is passed over. A run may go on with another number of ranks or workers; with the same G each step
also holds the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glmdata.errors import ConfigError
from glmdata.rows.grouped import GroupedOrder
from glmdata.rows.modes import NO_LOSS
from glmdata.rows.order import row_at
from glmdata.rows.rows import DocumentSlice, Row, TokenRows

STATE_FORMAT = 2

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
    sort
        Steps of rows that are equally long, see `grouped.py`; for plans of length buckets. Rows of
        a pass that fill no step are left out. The groups are those of the G that the stream began
        with: a run that goes on with another one reads the same rows, in steps that are mixed.
    skip
        Ranges [first, behind) of steps that are passed over, such as those in which the loss rose:
        of G rows each, counted from the beginning of the stream. They become part of the state, so
        they are named once, when a run goes on from a state before them.

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
        sort: bool = False,
        skip: Sequence[tuple[int, int]] = (),
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
        if any(not 0 <= first <= behind for first, behind in skip):
            raise ConfigError(f"skip: expected ranges [first, behind) of steps, found {skip}")
        self._group = self.global_batch if sort else None
        self._skipped = _apart((a * self.global_batch, b * self.global_batch) for a, b in skip)
        self._order = self._ordered()
        self._start = 0
        self._cursor = 0
        if self.steps == 0 and not skip:
            raise ConfigError(
                f"batch_size: expected at most {self._in_a_pass():,} rows a step over all ranks, "
                f"as many as the plan has, found {self.global_batch:,}"
            )

    @property
    def global_batch(self) -> int:
        """Rows of a step, over all ranks."""
        return self.batch_size * self.world_size

    @property
    def steps(self) -> int | None:
        """Steps from the state that was loaded last to the end; None if there is no end.

        Rows at the end that fill no step, and what `skip` passes over, are not among them.
        """
        if self.epochs is None:
            return None
        end = self.epochs * self._in_a_pass()
        rows = end - self._start
        for first, behind in self._skipped:
            rows -= max(0, min(behind, end) - max(first, self._start))
        return max(0, rows) // self.global_batch

    def __len__(self) -> int:
        """As `steps`.

        Raises
        ------
        TypeError
            The stream has no end.
        """
        if self.steps is None:
            raise TypeError("a stream with epochs=None has no length")
        return self.steps

    def __iter__(self) -> Iterator[Row]:
        """The batches of the only worker: `batches()`."""
        return self.batches()

    def __repr__(self) -> str:
        steps = "without end" if self.steps is None else f"{self.steps:,} steps"
        return (
            f"<RowStream {steps} of {self.global_batch:,} rows, rank {self.rank} of "
            f"{self.world_size}>"
        )

    def batches(self, worker: int = 0, workers: int = 1) -> Iterator[Row]:
        """The batches of one worker, from the state that was loaded last.

        While it is read, `state_dict` says where this worker stands.
        """
        start, step = self._start, worker
        self._cursor = start
        while self._fits(positions := self._positions(start, step)):
            own = positions[self.rank :: self.world_size]
            batch = [self.rows[self._row(position)] for position in own]
            # A worker that loads this goes on with its next step: the other workers have their own.
            self._cursor = self._behind(start, (step - worker + workers) * self.global_batch)
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
        return self._state(self._behind(self._start, steps * self.global_batch))

    def rows_at(self, step: int) -> list[DocumentSlice]:
        """The documents of a step, over all ranks; steps count from the state loaded last."""
        positions = self._positions(self._start, step)
        return [part for at in positions for part in self.rows.slices(at, self._row(at))]

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state stands, in its order; what it passes over is passed over too.

        Raises
        ------
        ConfigError
            It is no state of this plan; the stream stays where it was.
        """
        if not isinstance(state, Mapping):
            raise ConfigError(
                f"state: expected what state_dict() gave, found {type(state).__name__}",
                hint="a checkpoint without the loader's state starts a new stream",
            )
        if state.get("format") != STATE_FORMAT:
            raise ConfigError(
                f"state: expected format {STATE_FORMAT}, found {state.get('format')!r}"
            )
        plan = str(state.get("fingerprint"))
        if plan != self.rows.fingerprint:
            raise ConfigError(
                f"state: it belongs to the plan {plan[:16]}, "
                f"this one is {self.rows.fingerprint[:16]}",
                hint="go on with the plan the state was saved with",
            )
        seed, cursor = _whole(state, "seed"), _whole(state, "cursor")
        group = None if state.get("group") is None else _whole(state, "group", least=1)
        skipped = _stretches(state)
        self.seed, self._group = seed, group
        self._skipped = _apart([*self._skipped, *skipped])
        self._order = self._ordered()
        self._start = self._cursor = cursor

    def _state(self, cursor: int) -> dict[str, Any]:
        return {
            "format": STATE_FORMAT,
            "fingerprint": self.rows.fingerprint,
            "seed": self.seed,
            "cursor": cursor,
            "group": self._group,
            "skipped": [list(stretch) for stretch in self._skipped],
        }

    def _ordered(self) -> GroupedOrder | None:
        if self._group is None:
            return None
        return GroupedOrder(self.rows.runs(), self._group, self.seed)

    def _row(self, position: int) -> int:
        """The row of the plan at a position of the stream."""
        if self._order is not None:
            return self._order[position]
        return row_at(position, len(self.rows), self.seed)

    def _positions(self, start: int, step: int) -> list[int]:
        first = step * self.global_batch
        return [self._behind(start, first + at) for at in range(self.global_batch)]

    def _behind(self, start: int, rows: int) -> int:
        """The position that has so many rows between `start` and itself, skipped ones apart."""
        position = start + rows
        for first, behind in self._skipped:
            if start < behind and first <= position:
                position += behind - max(first, start)
        return position

    def _fits(self, positions: Sequence[int]) -> bool:
        if self.epochs is None:
            return True
        return positions[-1] < self.epochs * self._in_a_pass()

    def _in_a_pass(self) -> int:
        return len(self.rows) if self._order is None else len(self._order)


def _apart(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same stretches sorted, without empty ones, those that meet as one."""
    apart: list[tuple[int, int]] = []
    for first, behind in sorted(stretches):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(behind, apart[-1][1]))
        elif first < behind:
            apart.append((first, behind))
    return apart


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


def _whole(state: Mapping[str, Any], name: str, least: int = 0) -> int:
    value = state.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**64:
        raise ConfigError(f"state: {name}: expected a whole number from {least}, found {value!r}")
    return value


def _stretches(state: Mapping[str, Any]) -> list[tuple[int, int]]:
    """What the stream passes over, as `skip` takes it."""
    found = state.get("skipped")
    if not isinstance(found, list | tuple) or not all(map(_is_stretch, found)):
        raise ConfigError(f"state: skipped: expected [[from, to], ...], found {found!r}")
    return [(pair[0], pair[1]) for pair in found]


def _is_stretch(pair: object) -> bool:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return False
    return all(isinstance(at, int) and 0 <= at < 2**64 for at in pair)
