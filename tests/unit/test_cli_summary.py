from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from glmdata.cli.summary import source_lines
from glmdata.dedup import DedupReport


def shown(name: str) -> str:
    """What stands in the column of sources, with the two columns behind it cut off."""
    counts = {"in": 4, "kept": 3, "removed": 1}
    report = DedupReport(4, 3, {}, 0, 0, Path(), {"by_source": {name: counts}}, {}, {})
    line = source_lines(report)[1]
    return line[: line.index("           4 ")]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("web", "web"),
        ("a" * 27, "a" * 27),
        ("a" * 28, "a" * 26 + "~"),
        ("a" * 60, "a" * 26 + "~"),
        ("网页", "网页"),
        ("网" * 14, "网" * 13 + "~"),
        ("a" + "网" * 14, "a" + "网" * 12 + " ~"),
    ],
)
def test_columns_begin_where_they_should(name: str, column: str) -> None:
    assert shown(name).rstrip() == column
    assert cell_len(shown(name)) == 28
