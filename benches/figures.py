"""The figures that a measured process prints."""

import re
import sys
from collections.abc import Iterable, Iterator

SKETCH_HEADER = "corpus,simd,stage,bytes,best_mb_s,median_mb_s"
"""The first line of sketch_speed, whose output is a table to be read by itself."""


def figures(lines: Iterable[str], *, rival: bool = False) -> Iterator[tuple[str, float]]:
    """What a process says of itself: `measure,value` lines, or those of sketch_speed.

    What else a rival's library prints is repeated on standard error.

    Raises
    ------
    ValueError
        A line is neither: a figure that is dropped in silence stands in no record.
    """
    for line in filter(str.strip, lines):
        if own := re.fullmatch(r"([^,]+),(-?[\d.]+(?:e[+-]?\d+)?)", line):
            yield own[1], float(own[2])
        elif ours := re.fullmatch(r"[\w-]+,\w+,(\w+),\d+,([\d.]+),([\d.]+)", line):
            yield f"{ours[1]}_mb_s", float(ours[3])
            yield f"{ours[1]}_best_mb_s", float(ours[2])
        elif rival:
            print(f"passed over: {line}", file=sys.stderr)
        elif line.strip() != SKETCH_HEADER:
            raise ValueError(f"expected `measure,value`, found {line!r}")
