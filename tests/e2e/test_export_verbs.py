"""`glmdata materialize` and `glmdata export` from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Glmdata
from tests.property.plans import EOD, concat, write_plan, write_store


@pytest.fixture(autouse=True)
def workspace() -> None:
    documents = [{"tokens": list(range(n))} for n in range(9)]
    shards = write_store(Path("glmdata-out/shard"), {"web": [documents]}, eod=EOD)
    plan = concat([list(range(9))], 8)
    write_plan(Path("glmdata-out/mix"), shards, plan, row_length=8, store="../shard")


def test_what_is_printed_and_where_it_goes(glmdata: Glmdata) -> None:
    outcome = glmdata("materialize")
    assert outcome.code == 0, outcome.err
    assert outcome.lines()["sequences"] == "6 rows of a plan"
    assert outcome.lines()["tokens"] == "48, separators and padding included"
    assert outcome.lines()["where"] == "glmdata-out/materialize"
    assert Path("glmdata-out/materialize/part-000000.arrow").exists()
    again = glmdata("materialize", "--json")
    assert again.err == "glmdata-out/materialize: already complete, nothing to do\n"
    assert json.loads(again.out)["sequences"] == 6
    show = glmdata("show", "glmdata-out/materialize")
    assert show.lines()["stage"].startswith("materialize, complete")

    outcome = glmdata("export", "--format", "olmo", "--input", "glmdata-out/shard")
    assert outcome.code == 0, outcome.err
    assert outcome.lines()["sequences"] == "9 documents of a token store"
    assert Path("glmdata-out/export/web/part-000000.npy").stat().st_size == 4 * (36 + 9)
    outcome = glmdata("export", "--format", "nanotron", "--fresh", "--output", "elsewhere")
    assert outcome.code == 0, outcome.err
    assert Path("elsewhere/part-000000.ds").stat().st_size == 4 * 48


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            ("export", "--format", "mds"),
            '--format: expected megatron, nanotron or olmo, found "mds"',
            None,
        ),
        (
            ("materialize", "--shard-size", "much"),
            '--shard-size: expected a size such as 1GiB, found "much"',
            None,
        ),
        (
            ("export", "--input", "."),
            ".: expected a folder of `glmdata mix` or `glmdata shard`, found no complete stage",
            "name one with --input",
        ),
        (
            ("materialize", "--input", "glmdata-out/shard"),
            "glmdata-out/shard: expected a mix stage",
            None,
        ),
        (
            ("export", "--input", "glmdata-out/shard", "--output", "glmdata-out/mix"),
            "glmdata-out/mix: expected a stage of `export`, found one of `mix`",
            "name another folder with --output",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    glmdata: Glmdata, arguments: tuple[str, ...], message: str, hint: str | None
) -> None:
    outcome = glmdata(*arguments)
    assert outcome.code == 2
    assert f"error: {message}" in outcome.err
    assert hint is None or f"hint: {hint}" in outcome.err
