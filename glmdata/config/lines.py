"""Find the line of a key in a TOML file, for error messages.

TOML parsers do not tell where a key was. Instead of a second parser, the first one is asked again:
the key begins on the line after the longest valid prefix of the file that does not hold it yet.
Lines inside a multi-line value end an invalid prefix and are passed over, so this is exact. It is
quadratic in the number of lines, which is nothing for a configuration file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def line_of(text: str, path: Sequence[str]) -> int:
    r"""The 1-based line on which the key at `path` begins; 1 if it is not there.

    >>> line_of("[dedup]\nthreshold = 0.8\n", ["dedup", "threshold"])
    2
    """
    lines = text.splitlines(keepends=True)
    before = 0
    for end in range(1, len(lines) + 1):
        try:
            tree = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(tree, path):
            return before + 1
        before = end
    return 1


def _holds(tree: object, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True
