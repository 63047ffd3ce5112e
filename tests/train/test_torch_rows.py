"""The torch dataset: one global stream for any ranks and workers, and exact resume with others."""

from __future__ import annotations

import hashlib
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from glmdata.rows import TokenRows
from tests.property.plans import concat, write_plan, write_store

torch = pytest.importorskip("torch")

SHAPES = [(world, workers) for world in (1, 2, 4) for workers in (0, 1, 2)]
GLOBAL_BATCH = 4


@pytest.fixture
def rows() -> TokenRows:
    documents = [{"tokens": [d * 10 + t for t in range(d % 9)]} for d in range(98)]
    shards = write_store(Path("store"), {"web": [documents]})
    plan = concat([[len(document["tokens"]) for document in documents]], 8)
    write_plan(Path("mix"), shards, plan, row_length=8)
    return TokenRows("mix")


def loader(rows: TokenRows, world: int, rank: int, workers: int, state: Any) -> Any:
    from torch.utils.data import DataLoader

    from glmdata.rows.torch import TokenRowsDataset

    dataset = TokenRowsDataset(rows, GLOBAL_BATCH // world, rank=rank, world_size=world)
    if state is not None:
        dataset.load_state_dict(state)
    return DataLoader(dataset, batch_size=None, num_workers=workers)


def steps_of(rows: TokenRows, world: int, workers: int, state: Any = None) -> list[bytes]:
    """A hash of each step's rows, ranks put together in their order."""
    ranks = [list(loader(rows, world, rank, workers, state)) for rank in range(world)]
    digests = []
    for step in zip(*ranks, strict=True):
        digest = hashlib.sha256()
        for name in ("input_ids", "labels", "position_ids", "doc_ids", "loss_weight"):
            digest.update(torch.stack([batch[name] for batch in step], 1).numpy().tobytes())
        digests.append(digest.digest())
    return digests


def test_the_stream_is_the_same_and_goes_on_for_any_ranks_and_workers(rows: TokenRows) -> None:
    whole = steps_of(rows, 1, 0)
    assert len(set(whole)) == 15
    taken = 5
    for number, (world, workers) in enumerate(SHAPES):
        assert steps_of(rows, world, workers) == whole
        # Stopped with one shape while workers hold more, gone on with the next shape.
        stopped = loader(rows, world, world - 1, workers, None)
        batches = iter(stopped)
        for _ in range(taken):
            next(batches)
        state = stopped.dataset.state_after(taken)
        assert workers or stopped.dataset.state_dict() == state
        other_world, other_workers = SHAPES[(number + 4) % len(SHAPES)]
        assert steps_of(rows, other_world, other_workers, state) == whole[taken:]


def test_a_loader_knows_its_steps(rows: TokenRows) -> None:
    for workers in (0, 2):
        whole = loader(rows, 2, 1, workers, None)
        dataset = whole.dataset
        assert len(whole) == len(dataset) == dataset.steps == len(list(whole)) == 15
        rest = loader(rows, 1, 0, workers, dataset.state_after(4))
        assert len(rest) == len(list(rest)) == 11


def test_batches_are_tensors_of_the_stated_types(rows: TokenRows) -> None:
    batch = next(iter(loader(rows, 1, 0, 0, None)))
    types = {name: (str(values.dtype), tuple(values.shape)) for name, values in batch.items()}
    length = types["cu_seqlens"][1]
    assert types == {
        "input_ids": ("torch.int64", (4, 8)),
        "labels": ("torch.int64", (4, 8)),
        "position_ids": ("torch.int64", (4, 8)),
        "doc_ids": ("torch.int32", (4, 8)),
        "cu_seqlens": ("torch.int32", length),
        "loss_weight": ("torch.float32", (4,)),
    }


@pytest.mark.filterwarnings("ignore")  # torchdata 0.11 touches what torch 2.13 has deprecated
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("taken", [1, 6, 7])
def test_a_stateful_data_loader_goes_on_by_itself(
    rows: TokenRows, workers: int, taken: int
) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader")

    def fresh() -> Any:
        dataset = loader(rows, 1, 0, 0, None).dataset
        return stateful.StatefulDataLoader(dataset, batch_size=None, num_workers=workers)

    whole = [batch["input_ids"].tolist() for batch in fresh()]
    assert len(whole) == 15
    stopped = fresh()
    batches = iter(stopped)
    for _ in range(taken):
        next(batches)
    again = fresh()
    again.load_state_dict(stopped.state_dict())
    assert [batch["input_ids"].tolist() for batch in again] == whole[taken:]


def _as_rank(rank: int, place: str, rows: TokenRows) -> list[Any]:
    import torch.distributed as distributed
    from torch.utils.data import DataLoader

    from glmdata.rows.torch import TokenRowsDataset

    distributed.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
    dataset = TokenRowsDataset(rows, 2)
    distributed.destroy_process_group()
    return [batch["input_ids"].tolist() for batch in DataLoader(dataset, batch_size=None)]


def test_ranks_come_from_the_process_group(rows: TokenRows) -> None:
    place = f"file://{Path('rendezvous').absolute()}"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.starmap(_as_rank, [(rank, place, rows) for rank in range(2)], chunksize=1)
    expected = [
        [batch["input_ids"].tolist() for batch in loader(rows, 2, rank, 0, None)]
        for rank in range(2)
    ]
    assert found == expected
