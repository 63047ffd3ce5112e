"""`TokenRowsDataset`: the batches of a rank as a torch dataset (extra `glmdata[torch]`).

>>> from torch.utils.data import DataLoader                                  # doctest: +SKIP
>>> dataset = TokenRowsDataset(TokenRows("glmdata-out/mix"), batch_size=4)   # doctest: +SKIP
>>> for batch in DataLoader(dataset, batch_size=None, num_workers=2): ...    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
import torch.distributed
from torch.utils.data import IterableDataset, get_worker_info

from glmdata.rows.rows import TokenRows
from glmdata.rows.stream import RowStream


class TokenRowsDataset(IterableDataset[dict[str, torch.Tensor]]):
    """Whole batches, for a DataLoader with `batch_size=None`.

    The dataset forms the batches, because only it knows which rows make up a step: a DataLoader
    that gathers them would give other steps for another number of workers. Every `iter` starts
    from the state that was loaded last, else from the beginning.

    To go on exactly, save `state_after(steps)` with the number of steps taken since the dataset was
    made or last loaded a state, and load it with `load_state_dict` before the next `iter`: it holds
    for any DataLoader, and for another number of ranks, workers or rows a step. torchdata's
    StatefulDataLoader keeps the state by itself, for the same number of workers.

    Parameters
    ----------
    rows
        What is read.
    batch_size
        Rows of this rank in a step.
    rank, world_size
        Which of how many ranks this is; None: as torch.distributed says if it is initialised,
        else one rank.
    seed, epochs, sort, skip
        As for `RowStream`.

    Raises
    ------
    ConfigError
        A number makes no sense.
    """

    def __init__(
        self,
        rows: TokenRows,
        batch_size: int,
        *,
        rank: int | None = None,
        world_size: int | None = None,
        seed: int | None = None,
        epochs: int | None = 1,
        sort: bool = False,
        skip: Sequence[tuple[int, int]] = (),
    ) -> None:
        super().__init__()
        # Asked here and not in `__iter__`: workers are no members of the process group.
        together = torch.distributed.is_available() and torch.distributed.is_initialized()
        if rank is None:
            rank = torch.distributed.get_rank() if together else 0
        if world_size is None:
            world_size = torch.distributed.get_world_size() if together else 1
        self.stream = RowStream(
            rows,
            batch_size,
            rank=rank,
            world_size=world_size,
            seed=seed,
            epochs=epochs,
            sort=sort,
            skip=skip,
        )

    @property
    def steps(self) -> int | None:
        """As `RowStream.steps`: over all workers of a DataLoader."""
        return self.stream.steps

    def __len__(self) -> int:
        """As `steps`; a DataLoader with `batch_size=None` has the same length."""
        return len(self.stream)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        worker = get_worker_info()
        share = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        for batch in self.stream.batches(*share):
            yield {name: torch.from_numpy(values) for name, values in batch.items()}

    def state_after(self, steps: int) -> dict[str, Any]:
        """As `RowStream.state_after`."""
        return self.stream.state_after(steps)

    def state_dict(self) -> dict[str, Any]:
        """As `RowStream.state_dict`: right in the process that reads, so without workers."""
        return self.stream.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As `RowStream.load_state_dict`."""
        self.stream.load_state_dict(state)
