"""`glmdata benchmark-pack`: items as hashes find what their files find."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from glmdata.filter import benchmark_pack
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import rows

DATA = Path(__file__).parent.parent / "data"
ITEMS = DATA / "benchmark.jsonl"
OTHERS = DATA / "benchmark_items.jsonl"
PAGES = DATA / "contaminated.jsonl"
COLUMNS = ("id", "contamination", "benchmark", "benchmark_begin", "benchmark_end")


def found(glmdata: Glmdata, items: str | Path, output: str) -> list[tuple[object, ...]]:
    flags = ("--preset", "none", "--output", output, "--benchmark", str(items))
    done = glmdata("filter", "--input", str(PAGES), *flags)
    assert done.code == 0, done.err
    return [tuple(row[name] for name in COLUMNS) for row in rows(Path(output), "scores")]


def test_a_pack_finds_what_its_items_find(glmdata: Glmdata) -> None:
    done = glmdata("benchmark-pack", str(ITEMS), "--output", "pack.jsonl")
    assert done.code == 0, done.err
    count = len(ITEMS.read_text().splitlines())
    assert done.out == f"pack.jsonl: {count} items\n"
    by_items = found(glmdata, ITEMS, "items")
    assert sum(row[1] >= 0.4 for row in by_items) > 10  # type: ignore[operator]
    assert found(glmdata, "pack.jsonl", "packed") == by_items


def test_a_field_that_packs_do_not_have_is_told(glmdata: Glmdata) -> None:
    """Once by the run that reads the packs, and once by one that takes its scores."""
    benchmark_pack([ITEMS], "pack.jsonl")
    Path("items.jsonl").write_text('{"prompt": "Which harbour freezes in the winter months?"}\n')
    note = "--benchmark-field has no effect: all files of items are packs"
    flags = ("--benchmark", "pack.jsonl", "--benchmark-field", "prompt")
    for more, told in (((), True), (("--benchmark", "items.jsonl"), False)):
        output = f"out-{told}"
        done = glmdata("filter", "--input", str(PAGES), *flags, *more, "--output", output)
        assert (done.code, note in done.out) == (0, told), done.out + done.err
    again = glmdata("filter", "--rescore-from", "out-True", "--tag", "--output", "again")
    assert (again.code, note in again.out) == (0, True), again.out + again.err


def test_packs_and_files_are_packed_together(glmdata: Glmdata) -> None:
    assert benchmark_pack([ITEMS], "one.jsonl") == benchmark_pack(["one.jsonl"], "two.jsonl")
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()
    both = benchmark_pack(["one.jsonl", OTHERS], "both.jsonl")
    assert both == 20 + benchmark_pack([OTHERS], "others.jsonl")


def test_a_pack_holds_no_text() -> None:
    Path("items.jsonl").write_text('{"id": "a", "question": "Which harbour freezes in winter?"}\n')
    benchmark_pack(["items.jsonl"], "pack.jsonl")
    data = Path("pack.jsonl").read_bytes()
    assert not any(word in data for word in (b"harbour", b"freezes", b"winter"))


def test_a_damaged_pack_is_refused(glmdata: Glmdata) -> None:
    """A byte changed in any line, or the end of the file cut off within one."""
    benchmark_pack([ITEMS], "pack.jsonl")
    whole = Path("pack.jsonl").read_bytes()
    generator = random.Random(7)
    for number in range(8):
        damaged = bytearray(whole)
        damaged[generator.randrange(30, len(whole))] ^= 1 << generator.randrange(8)
        cut = whole[: len(whole) - generator.randrange(1, 200)]
        Path("bad.jsonl").write_bytes(cut if number % 4 == 0 else damaged)
        flags = ("--output", f"out{number}", "--benchmark", "bad.jsonl")
        done = glmdata("filter", "--input", str(PAGES), *flags)
        assert done.code == 2, done.err
        assert "expected a pack of benchmark items, found damage in line" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--output", "a.jsonl"), "nothing to pack"),
        ((str(ITEMS), "--output", "a.arrow"), "ends in .jsonl"),
        (("gone.jsonl", "--output", "a.jsonl"), "gone.jsonl: does not exist"),
        ((str(ITEMS), "--output", "a.jsonl", "--benchmark-field", "nosuch"), "expected"),
    ],
)
def test_wrong_calls(glmdata: Glmdata, arguments: tuple[str, ...], message: str) -> None:
    done = glmdata("benchmark-pack", *arguments)
    assert (done.code, message in done.err) == (2, True), done.err
    assert not Path("a.jsonl").exists()
