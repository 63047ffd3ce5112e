"""What the sketching adapters share: texts of a JSONL file, and their character 5-grams."""

import json
from collections.abc import Iterator
from pathlib import Path


def texts(path: str, step: int = 1) -> list[str]:
    """Every `step`-th text of a JSONL file."""
    with Path(path).open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line)["text"] for number, line in enumerate(lines) if number % step == 0]


def n_bytes(strings: list[str]) -> int:
    """Bytes of UTF-8."""
    return sum(len(string.encode()) for string in strings)


def five_grams(text: str) -> set[str]:
    """The set of the substrings of five characters; a shorter text is its own."""
    return {text[at : at + 5] for at in range(max(1, len(text) - 4))}


def batches(strings: list[str], size: int = 200) -> Iterator[list[str]]:
    """Pieces small enough that their 5-grams fit into memory."""
    for start in range(0, len(strings), size):
        yield strings[start : start + size]
