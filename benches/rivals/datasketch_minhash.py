"""datasketch's MinHash: 128 values over character 5-grams, sets and bytes made beforehand.

Two figures, as MB of text a second: `sketch_sha1` with the hash function it comes with,
`sketch_xxh32` with the faster one its documentation suggests to plug in. Permutations are shared
between documents (MinHash.generator). One thread, which is all it uses. Every fortieth document:
its time a token does not depend on their number, so the figure stands for the whole.
"""

import sys
import time

import xxhash
from datasketch import MinHash
from texts import five_grams, n_bytes, texts


def main() -> None:
    """Time both hash functions."""
    documents = texts(sys.argv[1], step=40)
    sets = [[gram.encode() for gram in five_grams(text)] for text in documents]
    megabytes = n_bytes(documents) / 1e6
    choices = {"sha1": {}, "xxh32": {"hashfunc": xxhash.xxh32_intdigest}}
    for name, options in choices.items():
        start = time.perf_counter()
        for _ in MinHash.generator(sets, num_perm=128, **options):
            pass
        print(f"sketch_{name}_mb_s,{megabytes / (time.perf_counter() - start):.2f}")
    print(f"tokens,{sum(map(len, sets))}")


if __name__ == "__main__":
    main()
