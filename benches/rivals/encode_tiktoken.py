"""tiktoken with the ranks that lie beside OUTPUT and its own pattern for cl100k_base.

`encode_mb_s` is MB of text a second over all documents, `ids` how many there are.
"""

import sys
import time
from pathlib import Path

import tiktoken
from texts import n_bytes, texts
from tiktoken.load import load_tiktoken_bpe

documents = texts(sys.argv[1])
# The pattern as tiktoken_ext/openai_public.py has it in 0.14.0.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
    r"\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
ranks = load_tiktoken_bpe(str(Path(sys.argv[2]).with_name("cl100k_base.tiktoken")))
encoding = tiktoken.Encoding(
    "cl100k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
)
start = time.perf_counter()
ids = sum(len(encoding.encode_ordinary(document)) for document in documents)
seconds = time.perf_counter() - start
print(f"encode_mb_s,{n_bytes(documents) / seconds / 1e6:.2f}")
print(f"ids,{ids}")
