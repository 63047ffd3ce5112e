from __future__ import annotations

import os
from pathlib import Path

import pytest

from glmdata.errors import ConfigError, InputError
from glmdata.stage.listing import (
    describe_change,
    list_inputs,
    listing_sha256,
    refuse_output_inside,
)

FILES = ["a.jsonl", "b.txt", "zh/c.jsonl", "zh/deep/d.jsonl.gz", ".hidden", "_work/e", "zh/.f"]


@pytest.fixture(autouse=True)
def tree(clean_place: Path) -> None:
    for name in FILES:
        path = Path("crawl", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(*inputs: str) -> list[str]:
    return [entry["relative"] for entry in list_inputs(inputs)]


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("crawl", ["a.jsonl", "b.txt", "zh/c.jsonl", "zh/deep/d.jsonl.gz"]),
        ("crawl/a.jsonl", ["a.jsonl"]),
        ("crawl/*.jsonl", ["a.jsonl"]),
        ("crawl/**/*.jsonl*", ["a.jsonl", "zh/c.jsonl", "zh/deep/d.jsonl.gz"]),
        ("crawl/*", ["a.jsonl", "b.txt", "zh/c.jsonl", "zh/deep/d.jsonl.gz"]),
        ("crawl/[ab].*", ["a.jsonl", "b.txt"]),
        ("crawl/{a,b}.{jsonl,txt}", ["a.jsonl", "b.txt"]),
        ("crawl/[!a].*", ["b.txt"]),
        ("crawl/?.txt", ["b.txt"]),
        ("*/zh", ["zh/c.jsonl", "zh/deep/d.jsonl.gz"]),
    ],
)
def test_what_an_input_names(pattern: str, files: list[str]) -> None:
    prefix = "crawl/" if pattern.startswith("*") else ""
    assert names(pattern) == [prefix + name for name in files]


def test_a_listing_does_not_depend_on_order_or_place(monkeypatch: pytest.MonkeyPatch) -> None:
    here = list_inputs(["crawl/zh", "crawl/a.jsonl"])
    assert list_inputs(["crawl/a.jsonl", str(Path("crawl/zh").absolute()) + "/"]) == here
    monkeypatch.chdir("crawl")
    assert listing_sha256(list_inputs(["zh", "./a.jsonl"])) == listing_sha256(here)


def test_changes_are_described() -> None:
    before = list_inputs(["crawl"])
    assert describe_change(before, before) == "another set of files"
    Path("crawl/a.jsonl").write_text("longer than it was")
    assert describe_change(before, list_inputs(["crawl"])) == ("crawl/a.jsonl had 7 bytes, now 18")
    Path("crawl/a.jsonl").unlink()
    assert describe_change(before, list_inputs(["crawl"])) == "crawl/a.jsonl is gone"
    Path("crawl/a.jsonl").write_text("a.jsonl")
    os.utime("crawl/a.jsonl", ns=(1, 1))
    assert describe_change(before, list_inputs(["crawl"])) == "crawl/a.jsonl was written to"
    now = list_inputs(["crawl"])
    Path("crawl/new").touch()
    assert describe_change(now, list_inputs(["crawl"])) == "crawl/new is new"


def test_a_dangling_link_is_listed_and_a_pipe_not_opened() -> None:
    Path("crawl/dangling").symlink_to("nowhere")
    os.mkfifo("crawl/pipe")
    entries = {entry["relative"]: entry["bytes"] for entry in list_inputs(["crawl"])}
    assert entries["dangling"] == -1
    assert entries["pipe"] == 0


@pytest.mark.parametrize("name", ["nowhere", "nowhere/*.jsonl", "crawl/*.parquet"])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        list_inputs([name])
    assert name in str(caught.value)
    assert caught.value.path == name


@pytest.mark.parametrize("output", ["crawl", "crawl/out", "crawl/../crawl/x/y"])
def test_an_output_inside_its_input_is_refused(output: str) -> None:
    with pytest.raises(ConfigError, match="lies inside the input"):
        refuse_output_inside(["crawl"], Path(output))


def test_an_output_beside_its_input_is_fine() -> None:
    refuse_output_inside(["crawl", "crawl/a.jsonl"], Path("crawl-out/dedup"))
    with pytest.raises(ConfigError, match="lies inside the input"):
        refuse_output_inside(["crawl", "crawl/a.jsonl"], Path("crawl/dedup"))
