"""The short form of the fuzzer in `settings.py`: sound inputs, its cases, and some damaged ones."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz.settings import CASES, READERS, finding, inputs, seeds


def test_sound_inputs_are_read(tmp_path: Path) -> None:
    for reader, found in seeds().items():
        for data in found:
            READERS[reader](data, tmp_path)


@pytest.mark.parametrize(
    "case",
    [path for reader in READERS for path in sorted((CASES / reader).glob("*"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_what_was_found_once(case: Path, tmp_path: Path) -> None:
    assert finding(case.parent.name, case.read_bytes(), tmp_path) is None


def test_damaged_inputs_are_refused_in_our_own_words(tmp_path: Path) -> None:
    for reader, data in islice(inputs(7), 600):
        told = finding(reader, data, tmp_path)
        assert told is None, f"{data!r}\n{told}"
