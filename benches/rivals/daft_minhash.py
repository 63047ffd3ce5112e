"""daft's minhash expression: 128 values over 5-grams of what stands between spaces, from raw text.

The texts are in an Arrow column before the clock starts. Two figures, as MB of text a second: with
its default hash function and with xxhash3_64. All cores. It lower-cases and collapses nothing
unless told to with `normalize`, which is left out, in its favour. Parts of a thousand rows give
every core work; the default (131,072 rows) would leave all but one idle. Chinese has no spaces:
there a line or more is one word, so the figure is not one of equivalent work, only of equal input.
"""

import sys
import time

import daft
import pyarrow as pa
from daft.functions import minhash
from texts import n_bytes, texts

ROWS = 1000


def main() -> None:
    """Time both hash functions."""
    documents = texts(sys.argv[1])
    megabytes = n_bytes(documents) / 1e6
    table = pa.table({"text": pa.array(documents, pa.large_string())})
    parts = pa.Table.from_batches(table.to_batches(max_chunksize=ROWS))
    daft.set_execution_config(default_morsel_size=ROWS)
    frame = daft.from_arrow(parts).collect()
    for function in ("murmurhash3", "xxhash3_64"):
        start = time.perf_counter()
        frame.select(
            minhash(frame["text"], num_hashes=128, ngram_size=5, hash_function=function)
        ).collect()
        print(f"sketch_{function}_mb_s,{megabytes / (time.perf_counter() - start):.2f}")


if __name__ == "__main__":
    main()
