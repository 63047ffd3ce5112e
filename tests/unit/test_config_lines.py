from __future__ import annotations

import pytest

from glmdata.config.lines import line_of

FILE = '''# head
[dedup]
threshold = 0.8

note = """
keep = "not a key"
"""
source_priority = [
  "wiki",
  "news",
]
keep = "first"
[other]
keep = "second"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["dedup"], 2),
        (["dedup", "threshold"], 3),
        (["dedup", "note"], 5),
        (["dedup", "source_priority"], 8),
        (["dedup", "keep"], 12),
        (["other"], 13),
        (["other", "keep"], 14),
        (["absent"], 1),
    ],
)
def test_a_key_is_found_on_its_line(path: list[str], line: int) -> None:
    assert line_of(FILE, path) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("dedup.keep = 1\n", 1),
        ("\n\ndedup = { scope = 'lang', keep = 1 }\n", 3),
        ("[dedup]\r\n\r\nkeep = 1\r\n", 3),
        ("[dedup]\nkeep = 1", 2),
    ],
)
def test_other_spellings_of_the_same_key(text: str, line: int) -> None:
    assert line_of(text, ["dedup", "keep"]) == line
