"""`datasets.load_dataset("arrow", ...)` reads what glmdata writes, mapped and streamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from glmdata import TokenRows, dedup, export
from tests.conftest import Crawl
from tests.property.plans import concat, key_of, write_plan, write_store

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`load_dataset` of "arrow" that asks no network and leaves nothing behind."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        monkeypatch.setitem(os.environ, name, "1")
    datasets = pytest.importorskip("datasets")

    def read(pattern: str, **options: Any) -> Any:
        files = sorted(str(path) for path in Path().glob(pattern))
        assert files
        return datasets.load_dataset(
            "arrow", data_files=files, split="train", cache_dir="cache", **options
        )

    return read


def documents() -> list[dict[str, Any]]:
    return [{"tokens": [2**31 - 1 - t for t in range(d % 5)], "lang": "zh"} for d in range(20)]


@pytest.mark.parametrize("streaming", [False, True])
def test_it_reads_the_token_store(load: Any, streaming: bool) -> None:
    write_store(Path("store"), {"web": [documents(), documents()], "书": [documents()]})
    read = list(load("store/*/part-*.arrow", streaming=streaming))
    assert [row["tokens"] for row in read] == 3 * [row["tokens"] for row in documents()]
    assert [row["source"] for row in read] == ["web"] * 40 + ["书"] * 20
    assert [row["n_tokens"] for row in read] == [len(row["tokens"]) for row in read]
    assert read[0]["doc"] == key_of(0, 0)


@pytest.mark.parametrize("streaming", [False, True])
def test_it_reads_materialized_rows_as_the_loader_gives_them(load: Any, streaming: bool) -> None:
    shards = write_store(
        Path("store"), {"web": [[{"tokens": row["tokens"]} for row in documents()]]}
    )
    plan = concat([[len(row["tokens"]) for row in documents()]], 8)
    write_plan(Path("mix"), shards, plan, row_length=8)
    export.materialize("mix", "rows", shard_size=400)
    rows = TokenRows("mix")
    order = dict.fromkeys(part.row for part in rows.rows_at(0, len(rows)))
    read = list(load("rows/part-*.arrow", streaming=streaming))
    assert len(read) == len(rows) > 3
    for row, place in zip(read, order, strict=True):
        expected = {name: values.tolist() for name, values in rows[place].items()}
        assert row == expected


@pytest.mark.parametrize("format", ["arrow", "parquet", "jsonl.zst"])
def test_it_reads_the_kept_documents_of_a_stage_folder(
    load: Any, crawl: Crawl, format: str
) -> None:
    import datasets

    # Longer than a copy that is told by its name alone, so that copies are removed.
    texts = [" ".join(f"word {n}-{place}" for place in range(40)) for n in range(3)]
    crawl(*({"text": text} for text in (*texts, texts[0])), "{broken")
    dedup.run("crawl", "out", format=format, removed_text=True)  # type: ignore[arg-type]
    read = datasets.load_dataset("out", split="train", cache_dir="cache")
    assert sorted(read["text"]) == sorted(texts)
