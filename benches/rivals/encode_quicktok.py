"""quicktok with the ranks it carries.

`encode_mb_s` is MB of text a second over all documents, `ids` how many there are.
"""

import sys
import time

import quicktok
from texts import n_bytes, texts

documents = texts(sys.argv[1])
encoding = quicktok.get_encoding("cl100k_base")
start = time.perf_counter()
ids = sum(len(encoding.encode(document)) for document in documents)
seconds = time.perf_counter() - start
print(f"encode_mb_s,{n_bytes(documents) / seconds / 1e6:.2f}")
print(f"ids,{ids}")
