"""gigatoken with the ranks that lie beside OUTPUT, one batch on one thread.

`encode_mb_s` is MB of text a second over all documents, `ids` how many there are.
"""

import sys
import time
from pathlib import Path

import gigatoken
from texts import n_bytes, texts

documents = texts(sys.argv[1])
ranks = str(Path(sys.argv[2]).with_name("cl100k_base.tiktoken"))
tokenizer = gigatoken.Tokenizer.from_tiktoken(ranks)
pieces = [document.encode() for document in documents]
start = time.perf_counter()
batch = tokenizer.encode_batch(pieces, parallel=False)
seconds = time.perf_counter() - start
print(f"encode_mb_s,{n_bytes(documents) / seconds / 1e6:.2f}")
print(f"ids,{sum(len(ids) for ids in batch)}")
