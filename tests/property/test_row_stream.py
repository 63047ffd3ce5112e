"""The global stream: the same rows for any ranks and workers, and after any resume."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glmdata.errors import ConfigError
from glmdata.rows import RowStream, TokenRows
from glmdata.rows.rows import Row
from tests.property.plans import PAD, concat, write_plan, write_store

SHAPES = [(world, workers) for world in (1, 2, 4) for workers in (0, 1, 2)]
GLOBAL_BATCH = 4


@pytest.fixture
def rows() -> TokenRows:
    documents = [{"tokens": [d * 10 + t for t in range(d % 9)]} for d in range(98)]
    shards = write_store(Path("store"), {"web": [documents]})
    plan = concat([[len(document["tokens"]) for document in documents]], 8)
    assert len(plan) == 61, "no whole number of steps"
    write_plan(Path("mix"), shards, plan, row_length=8)
    return TokenRows("mix")


def steps_of(rows: TokenRows, state: Any, world: int, workers: int, **options: Any) -> list[Row]:
    """All steps from a state, each put together from its ranks, as a DataLoader asks workers."""
    ranks = []
    for rank in range(world):
        asked = []
        for worker in range(max(workers, 1)):
            stream = RowStream(rows, GLOBAL_BATCH // world, rank=rank, world_size=world, **options)
            if state:
                stream.load_state_dict(state)
            asked.append(stream.batches(worker, max(workers, 1)))
        batches = []
        turn = 0
        while (batch := next(asked[turn % len(asked)], None)) is not None:
            batches.append(batch)
            turn += 1
        ranks.append(batches)
    assert len({len(batches) for batches in ranks}) == 1
    # Rank r has every W-th row of the step.
    return [
        {
            name: np.stack([batch[name] for batch in step], 1).reshape(GLOBAL_BATCH, *shape)
            for name, shape in (("input_ids", (8,)), ("doc_ids", (8,)), ("loss_weight", ()))
        }
        for step in zip(*ranks, strict=True)
    ]


def hash_of(steps: list[Row]) -> str:
    digest = hashlib.sha256()
    for step in steps:
        for name, values in sorted(step.items()):
            digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()


def test_the_stream_is_the_same_for_any_ranks_and_workers(rows: TokenRows) -> None:
    whole = steps_of(rows, None, 1, 0)
    assert len(whole) == 15
    first = [part.row for part in rows.rows_at(0, GLOBAL_BATCH)]
    assert (whole[0]["input_ids"] == [rows[row]["input_ids"] for row in dict.fromkeys(first)]).all()
    for world, workers in SHAPES:
        assert hash_of(steps_of(rows, None, world, workers)) == hash_of(whole)


@pytest.mark.parametrize("step", range(16))
def test_a_run_goes_on_exactly_with_other_ranks_and_workers(rows: TokenRows, step: int) -> None:
    whole = steps_of(rows, None, 1, 0)
    states = [
        RowStream(rows, GLOBAL_BATCH // world, rank=world - 1, world_size=world).state_after(step)
        for world, _ in SHAPES
    ]
    assert all(state == states[0] for state in states)
    for world, workers in SHAPES:
        rest = steps_of(rows, states[0], world, workers)
        assert hash_of(whole[:step] + rest) == hash_of(whole)


def test_a_batch_may_change_its_size_at_any_step(rows: TokenRows) -> None:
    whole = np.concatenate([step["input_ids"] for step in steps_of(rows, None, 1, 0)])
    state, read = None, []
    for batch_size in (3, 1, 5, 2):
        stream = RowStream(rows, batch_size)
        if state is not None:
            stream.load_state_dict(state)
        batches = stream.batches()
        read += [next(batches)["input_ids"] for _ in range(3)]
        state = stream.state_dict()
        assert state == stream.state_after(3)
    assert state is not None
    assert state["cursor"] == 33
    assert (np.concatenate(read) == whole[:33]).all()


def test_workers_that_keep_their_own_state_go_on(rows: TokenRows) -> None:
    # As torchdata's StatefulDataLoader does: a state a worker, taken while it reads.
    whole = steps_of(rows, None, 1, 0)
    workers = [RowStream(rows, GLOBAL_BATCH) for _ in range(3)]
    asked = [stream.batches(worker, 3) for worker, stream in enumerate(workers)]
    for turn in range(7):
        next(asked[turn % 3])
    states = [stream.state_dict() for stream in workers]
    again = [RowStream(rows, GLOBAL_BATCH) for _ in range(3)]
    for stream, state in zip(again, states, strict=True):
        stream.load_state_dict(state)
    asked = [stream.batches(worker, 3) for worker, stream in enumerate(again)]
    rest = [next(asked[turn % 3]) for turn in range(7, 15)]
    assert [batch["input_ids"].tolist() for batch in rest] == [
        step["input_ids"].tolist() for step in whole[7:]
    ]


def test_every_reading_starts_from_the_state(rows: TokenRows) -> None:
    stream = RowStream(rows, 2)
    stream.load_state_dict(stream.state_after(5))
    one, two = ([b["input_ids"].tolist() for b in stream.batches()] for _ in range(2))
    assert one == two
    assert len(one) == 25


def test_passes_have_orders_of_their_own(rows: TokenRows) -> None:
    once = steps_of(rows, None, 2, 0)
    twice = steps_of(rows, None, 2, 1, epochs=2)
    assert len(twice) == 2 * len(rows) // GLOBAL_BATCH
    assert hash_of(twice[: len(once)]) == hash_of(once)
    seen = [bytes(row) for step in twice for row in step["input_ids"]]
    one, two = seen[: len(rows)], seen[len(rows) :]
    assert one[: len(two)] != two
    # The last step of 4 leaves two rows of the second pass out.
    assert len(set(one) - set(two)) <= 2
    assert hash_of(steps_of(rows, None, 1, 0, seed=8)) != hash_of(once)
    endless = RowStream(rows, 5, epochs=None).batches()
    assert all(next(endless)["input_ids"].shape == (5, 8) for _ in range(50))


def test_states_are_small_and_checked(rows: TokenRows) -> None:
    stream = RowStream(rows, 2, seed=8)
    state = stream.state_after(10**12)
    assert state == {
        "format": 2,
        "fingerprint": rows.fingerprint,
        "seed": 8,
        "cursor": 2 * 10**12,
        "group": None,
        "skipped": [],
    }
    other = RowStream(rows, 2)
    other.load_state_dict({**state, "cursor": 4})
    assert other.seed == 8
    with pytest.raises(ConfigError, match="belongs to the plan 0000"):
        stream.load_state_dict({**state, "fingerprint": "0" * 64})
    with pytest.raises(ConfigError, match="expected format 2, found None"):
        stream.load_state_dict({})
    for wrong in (
        {"batch_size": 0},
        {"world_size": 0},
        {"epochs": 0},
        {"rank": 2, "world_size": 2},
    ):
        with pytest.raises(ConfigError, match="expected"):
            RowStream(rows, **{"batch_size": 1, **wrong})  # type: ignore[arg-type]
    write_plan(Path("empty"), [], [], row_length=8)
    with pytest.raises(ConfigError, match="expected a plan with rows"):
        RowStream(TokenRows("empty", "store"), 1)


def test_rows_of_other_buckets_are_padded_to_the_longest() -> None:
    shards = write_store(Path("store"), {"web": [[{"tokens": [1, 2, 3]}]]})
    part = {"shard": 0, "row": 0, "start": 0, "length": 3, "repeat": 0, "eod": False}
    planned = [{"parts": [part], "bucket": length, "weight": length / 8} for length in (4, 8)]
    write_plan(Path("mix"), shards, planned, row_length=8)
    rows = TokenRows("mix")
    order = [part.row for part in rows.rows_at(0, 2)]
    batch = next(RowStream(rows, 2).batches())
    short, long = order.index(0), order.index(1)
    assert batch["input_ids"].tolist() == [[1, 2, 3] + [PAD] * 5] * 2
    assert batch["labels"].tolist() == [[1, 2, 3] + [-100] * 5] * 2
    assert batch["doc_ids"].tolist() == [[0] * 3 + [-1] * 5] * 2
    assert batch["loss_weight"].tolist() == [[0.5, 1.0][row] for row in order]
    ends = {short: [3, 4, 8], long: [3, 8]}
    expected = [0, *ends[0], *(8 + end for end in ends[1])]
    assert batch["cu_seqlens"].tolist() == expected


@pytest.mark.parametrize(
    "change",
    [
        None,
        [],
        {},
        {"seed": None},
        {"seed": 1.5},
        {"cursor": "4"},
        {"cursor": -1},
        {"cursor": True},
        {"group": 0},
        {"group": "all"},
        {"skipped": None},
        {"skipped": [[1]]},
        {"skipped": [[1, "2"]]},
        {"fingerprint": None},
    ],
)
def test_what_is_no_state_is_refused_and_changes_nothing(rows: TokenRows, change: object) -> None:
    stream = RowStream(rows, GLOBAL_BATCH)
    before = stream.state_dict()
    state: Any = {**before, **change} if isinstance(change, dict) and change else change
    with pytest.raises(ConfigError, match=r"^state: "):
        stream.load_state_dict(state)
    assert stream.state_dict() == before


@pytest.mark.parametrize("skip", [[], [(0, 2)], [(3, 5), (4, 9)], [(14, 99)], [(0, 99)]])
@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("sort", [False, True])
def test_the_number_of_steps_is_known(
    rows: TokenRows, skip: list[tuple[int, int]], epochs: int, sort: bool
) -> None:
    """Of the whole stream, and of what is left behind any state."""
    stream = RowStream(rows, 2, world_size=2, epochs=epochs, sort=sort, skip=skip)
    assert stream.steps == len(stream) == len(list(stream)) == len(list(stream.batches()))
    for step in range(0, len(stream) + 1, 5):
        later = RowStream(rows, 2, world_size=2, epochs=epochs, sort=sort)
        later.load_state_dict(stream.state_after(step))
        assert len(later) == len(list(later)) == len(stream) - step
    if not skip:
        assert len(stream) == epochs * (61 // 4) if sort else len(stream) == epochs * 61 // 4


def test_a_stream_without_end_has_no_length(rows: TokenRows) -> None:
    stream = RowStream(rows, 4, epochs=None)
    assert stream.steps is None
    assert "without end" in repr(stream)
    with pytest.raises(TypeError, match="epochs=None has no length"):
        len(stream)
    assert repr(RowStream(rows, 4)) == "<RowStream 15 steps of 4 rows, rank 0 of 1>"


def test_rows_have_a_short_form_and_slices(rows: TokenRows) -> None:
    assert repr(rows) == f"<TokenRows mix: 61 rows of 8 tokens, {rows.fingerprint[:12]}>"
    for chosen in (slice(2, 5), slice(-3, None), slice(None, None, 20), slice(70, 80)):
        found = rows[chosen]
        assert isinstance(found, list)
        wanted = [rows[place] for place in range(61)[chosen]]
        assert [row["input_ids"].tolist() for row in found] == [
            row["input_ids"].tolist() for row in wanted
        ]
