"""datatrove's MinHash deduplication, end to end: its four steps as its own example runs them.

Settings: MinhashConfig() as it comes (14 buckets x 8 hashes, word 5-grams, xxhash, 64 bit), English
words, one local executor a step with as many workers as we have threads. datatrove gives one file
to one task, so the input is a folder with one part a worker, split before the clock starts.
Left out, in its favour: token counting, an exclusion writer, cluster ids.
The kept documents go to .jsonl.gz, the default of its writer.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter


def main() -> None:
    """Run the four steps on a folder of JSONL files."""
    folder, output, workers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    config = MinhashConfig()
    signatures, buckets, clusters, kept = (
        str(output / name) for name in ("signatures", "buckets", "clusters", "kept")
    )
    steps = [
        ([JsonlReader(folder), MinhashDedupSignature(signatures, config)], workers),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, clusters, config=config)], 1),
        ([JsonlReader(folder), MinhashDedupFilter(clusters), JsonlWriter(kept)], workers),
    ]
    for number, (pipeline, tasks) in enumerate(steps, 1):
        LocalPipelineExecutor(
            pipeline,
            tasks=tasks,
            workers=min(workers, tasks),
            logging_dir=str(output / f"logs-{number}"),
        ).run()
    removed = sum(path.stat().st_size for path in Path(clusters).glob("*.remove")) // 4
    print(f"removed,{removed}")


if __name__ == "__main__":
    main()
