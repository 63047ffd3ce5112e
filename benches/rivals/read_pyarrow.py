"""pyarrow reads a file of JSON lines into one table."""

import statistics
import sys
import time
from pathlib import Path

import pyarrow
from pyarrow import json


def main() -> None:
    """Print MB a second, the median of five."""
    path = sys.argv[1]
    pyarrow.set_cpu_count(int(sys.argv[3]))
    size, seconds = Path(path).stat().st_size, []
    for _ in range(5):
        begun = time.perf_counter()
        table = json.read_json(path, read_options=json.ReadOptions(block_size=64 << 20))
        seconds.append(time.perf_counter() - begun)
    print(f"documents,{len(table)}")
    print(f"read_mb_s,{size / statistics.median(seconds) / 1e6:.1f}")


if __name__ == "__main__":
    main()
