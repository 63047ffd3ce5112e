"""gigatoken from all texts in one piece of bytes.

`train_s` is the time from texts in memory to a vocabulary of 50,000 tokens.
"""

import sys
import time

import gigatoken
from texts import texts

SIZE = 50_000

documents = texts(sys.argv[1])
joined = b"\n".join(document.encode() for document in documents)
start = time.perf_counter()
gigatoken.train_bpe(joined, SIZE, [])
print(f"train_s,{time.perf_counter() - start:.3f}")
