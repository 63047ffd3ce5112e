"""Folders of files large enough that runs must spill and can be killed half way."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import zstandard

from tests.property.texts import Document, edited, units

MOMENT = 1_600_000_000
"""Every file's time of change: it is part of what a run remembers of its inputs."""


def crawl_documents(seed: int, n: int, length: int) -> list[Document]:
    """n documents of about `length` units, a third near or exact copies of earlier ones."""
    rng = random.Random(seed)
    made: list[tuple[str, list[str]]] = []
    documents = []
    for number in range(n):
        choice = rng.random()
        if made and choice < 0.25:
            script, parts = rng.choice(made)
            parts = edited(rng, parts, script, rng.randint(1, 1 + len(parts) // 60))
        elif made and choice < 0.35:
            script, parts = rng.choice(made)
        else:
            script = rng.choice(["en", "zh", "mixed"])
            parts = units(rng, script, rng.randint(length // 2, 2 * length))
        made.append((script, parts))
        documents.append({"id": f"{rng.randrange(10**9)}", "text": "".join(parts), "n": number})
    return documents


def write_crawl(
    folder: Path, documents: Sequence[Document], files: int, order: random.Random | None = None
) -> Path:
    """Spread documents over files: plain, every fifth gzip, every seventh zstd.

    Parameters
    ----------
    order
        Shuffles the order in which files are created, and with it how the folder lists them.
    """
    numbers = list(range(files))
    if order is not None:
        order.shuffle(numbers)
    for number in numbers:
        lines = [json.dumps(document, ensure_ascii=False) for document in documents[number::files]]
        data = "".join(f"{line}\n" for line in lines).encode()
        name = f"{'web' if number % 2 else 'wiki'}/{number:04}.jsonl"
        if number % 5 == 4:
            name, data = f"{name}.gz", gzip.compress(data, mtime=0)
        elif number % 7 == 6:
            name, data = f"{name}.zst", zstandard.compress(data)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (MOMENT, MOMENT))
    return folder
