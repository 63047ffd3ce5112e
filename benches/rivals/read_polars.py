"""polars reads a file of JSON lines into one table."""

import os
import statistics
import sys
import time
from pathlib import Path

# Read when the library is loaded.
os.environ["POLARS_MAX_THREADS"] = sys.argv[3]

import polars


def main() -> None:
    """Print MB a second, the median of five."""
    path = sys.argv[1]
    size, seconds = Path(path).stat().st_size, []
    for _ in range(5):
        begun = time.perf_counter()
        table = polars.read_ndjson(path)
        seconds.append(time.perf_counter() - begun)
    print(f"documents,{len(table)}")
    print(f"read_mb_s,{size / statistics.median(seconds) / 1e6:.1f}")


if __name__ == "__main__":
    main()
