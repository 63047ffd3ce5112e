"""ffbpe from an iterator of texts.

`train_s` is the time from texts in memory to a vocabulary of 50,000 tokens.
"""

import sys
import time

import ffbpe
from texts import texts

SIZE = 50_000

documents = texts(sys.argv[1])
start = time.perf_counter()
ffbpe.train_bpe(iter(documents), vocab_size=SIZE)
print(f"train_s,{time.perf_counter() - start:.3f}")
