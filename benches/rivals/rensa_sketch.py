"""rensa's full-set R-MinHash: 128 values over character 5-grams.

Figures, as MB of text a second: `sets` is making the token sets in Python, `sketch_sets` the
sketches from those sets, `sketch_hashes` the sketches from lists of token hashes, made beforehand,
`sketch_flat` the same from one flat numpy buffer of hashes, its fastest full-set input: that one is
nothing but the sketch, as is our `sketch`. `all` is sets and sketch_sets together: what someone who
starts from text pays. Its faster `rho` path looks at some 15 token positions of a document and
misses near copies whose start differs, so it is no equivalent. Every fourth document; as many
threads as RAYON_NUM_THREADS says, which the runner sets.
"""

import sys
import time
from itertools import accumulate, chain

import numpy as np
from rensa import RMinHash
from texts import batches, five_grams, n_bytes, texts

K = 128
SEED = 42


def main() -> None:
    """Time them batch by batch."""
    documents = texts(sys.argv[1], step=4)
    seconds = dict.fromkeys(("sets", "sketch_sets", "sketch_hashes", "sketch_flat"), 0.0)
    n_tokens = 0
    for batch in batches(documents):
        start = time.perf_counter()
        sets = [five_grams(text) for text in batch]
        made = time.perf_counter()
        RMinHash.digest_matrix_from_token_sets(sets, K, SEED)
        sketched = time.perf_counter()
        seconds["sets"] += made - start
        seconds["sketch_sets"] += sketched - made
        hashes = RMinHash.hash_token_sets(sets)
        start = time.perf_counter()
        RMinHash.digest_matrix_from_token_hash_sets(hashes, K, SEED)
        seconds["sketch_hashes"] += time.perf_counter() - start
        offsets = np.array([0, *accumulate(map(len, hashes))], np.uint64)
        flat = np.fromiter(chain.from_iterable(hashes), np.uint64)
        start = time.perf_counter()
        RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, K, SEED)
        seconds["sketch_flat"] += time.perf_counter() - start
        n_tokens += len(flat)
    seconds["all"] = seconds["sets"] + seconds["sketch_sets"]
    megabytes = n_bytes(documents) / 1e6
    for name, value in seconds.items():
        print(f"{name}_mb_s,{megabytes / value:.2f}")
    print(f"tokens,{n_tokens}")


if __name__ == "__main__":
    main()
