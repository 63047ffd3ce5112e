"""Two calls of each verb, which end its help. Tests run them, and say which they cannot run."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "glmdata": (
        "glmdata run glm4 --input crawl/    from a crawl to training rows",
        "glmdata dedup --input crawl/       one stage by itself",
        "glmdata explain ID                 why a document was kept or removed",
    ),
    "run": (
        "glmdata run glm4 --input crawl/",
        "glmdata run glm4 --input crawl/ --set dedup.threshold=0.9 --workspace out",
    ),
    "recipes": ("glmdata recipes", "glmdata recipes glm4 > mine.toml"),
    "init": ("glmdata init", "glmdata init project/"),
    "dedup": (
        "glmdata dedup --input crawl/",
        "glmdata dedup --rethreshold 0.9 --output out/dedup-0.9",
    ),
    "filter": (
        "glmdata filter",
        "glmdata filter --input crawl/ --preset gopher --pii mask --output out/filter",
    ),
    "benchmark-pack": (
        "glmdata benchmark-pack evals/ --output evals.jsonl",
        "glmdata benchmark-pack a.parquet --benchmark-field prompt --output set.jsonl",
    ),
    "calibrate": (
        "glmdata calibrate 0.05",
        "glmdata calibrate --labelled kept.jsonl removed.jsonl --precision 0.98",
    ),
    "train-classifier": (
        "glmdata train-classifier --input labelled.jsonl --output models/quality",
        "glmdata train-classifier --input a.jsonl --positive good --output models/a",
    ),
    "train-tokenizer": (
        "glmdata train-tokenizer",
        "glmdata train-tokenizer --base none --vocab-size 50000 --output out/bytes",
    ),
    "shard": (
        "glmdata shard",
        "glmdata shard --input crawl/ --tokenizer cl100k_base --output out/shard",
    ),
    "mix": (
        "glmdata mix --recipe glm4 --row-length 8192",
        "glmdata mix --weight wiki=2 --row-length 4096 --output out/mix",
    ),
    "tokenizer": (
        "glmdata tokenizer audit glmdata-out/tokenizer --input crawl/",
        "glmdata tokenizer export glmdata-out/tokenizer --format tiktoken",
    ),
    "tokenizer count": (
        "glmdata tokenizer count --input crawl/ --output counts",
        "glmdata train-tokenizer --inventory counts --output out/tokenizer",
    ),
    "tokenizer verify": (
        "glmdata tokenizer verify glmdata-out/tokenizer",
        "glmdata tokenizer verify tokenizer.json",
    ),
    "tokenizer repair": (
        "glmdata tokenizer repair theirs.tiktoken --output repaired",
        "glmdata tokenizer repair tokenizer.json --output mended",
    ),
    "tokenizer audit": (
        "glmdata tokenizer audit glmdata-out/tokenizer --input crawl/",
        "glmdata tokenizer audit cl100k_base glm4 --input crawl/ --output audit",
    ),
    "tokenizer export": (
        "glmdata tokenizer export glmdata-out/tokenizer --format tiktoken",
        "glmdata tokenizer export glmdata-out/tokenizer --format gguf --output out",
    ),
    "tokenizer encode": (
        "glmdata tokenizer encode --input held-out/ --output held-out-ids",
        "glmdata tokenizer encode --tokenizer cl100k_base --input crawl/ --output ids",
    ),
    "report": ("glmdata report", "glmdata report --workspace by-hand --output page"),
    "materialize": (
        "glmdata materialize --output rows",
        "glmdata materialize --input glmdata-out/mix --output rows",
    ),
    "export": (
        "glmdata export --input glmdata-out/shard --format megatron",
        "glmdata export --input glmdata-out/shard --format nanotron --output nanotron",
    ),
    "verify": ("glmdata verify glmdata-out/shard", "glmdata verify glmdata-out/mix --json"),
    "explain": ("glmdata explain news-en-00000", "glmdata explain news-en-00000 --json"),
    "browse": ("glmdata browse", "glmdata browse out --port 8765 --open"),
    "diff": (
        "glmdata diff glmdata-out/dedup out/dedup-0.9",
        "glmdata diff glmdata-out/filter out/filter --json",
    ),
    "show": ("glmdata show", "glmdata show glmdata-out/filter"),
    "config": ("glmdata config show", "glmdata config show --origin"),
    "completion": (
        'eval "$(glmdata completion bash)"',
        "glmdata completion fish | source",
    ),
}
"""Verb -> calls of it; of the program itself three, with what each does."""


def with_examples(epilog: str | None, verb: str) -> str:
    """The text below the options of a verb, with its examples as the last lines."""
    # After a line of \b click leaves line breaks as they are.
    examples = "\n".join(["\b", "Examples:", *(f"  {line}" for line in EXAMPLES[verb])])
    return f"{epilog}\n\n{examples}" if epilog else examples
