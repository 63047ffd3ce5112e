"""How fast `encode_batch` is from Python: `encode_batch.py FILE.jsonl`, MB of text a second.

The first batch of each kind is not counted: it is slower by the memory it asks for.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from glmdata import Tokenizer

BATCHES = 5

with Path(sys.argv[1]).open(encoding="utf-8") as lines:
    texts = [json.loads(line)["text"] for line in lines]
megabytes = sum(len(text.encode()) for text in texts) / 1e6
tokenizer = Tokenizer.load("cl100k_base")
for threads in (1, 2):
    speeds = []
    for _ in range(BATCHES + 1):
        begun = time.perf_counter()
        tokenizer.encode_batch(texts, threads=threads)
        speeds.append(megabytes / (time.perf_counter() - begun))
    print(f"batch_{threads}_threads_mb_s,{statistics.median(speeds[1:]):.1f}")
