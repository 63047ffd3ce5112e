"""rustbpe from an iterator of texts.

`train_s` is the time from texts in memory to a vocabulary of 50,000 tokens.
"""

import sys
import time

import rustbpe
from texts import texts

SIZE = 50_000
# That of cl100k_base, as first published.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

documents = texts(sys.argv[1])
start = time.perf_counter()
rustbpe.Tokenizer().train_from_iterator(iter(documents), SIZE, pattern=PATTERN)
print(f"train_s,{time.perf_counter() - start:.3f}")
