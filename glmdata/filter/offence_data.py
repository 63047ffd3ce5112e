"""Texts that the model of offensive passages is taught with, as the compiled module sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from glmdata import _native

BATCH = 1000
"""Texts that are cut into terms at a time."""


@dataclass(frozen=True)
class Sample:
    """One text of a labelled set, or one window of a clean one."""

    terms: Any
    """Numbers of its terms; the highest bit is set where a term may be a cue."""
    label: int
    """1: offensive."""
    lang: str
    topic: str
    """Of a labelled text; none of a clean window."""
    source: str
    fold: int
    """The part that is asked of a model taught without it."""


def part_of(name: str, folds: int) -> int:
    """A number below `folds` that a name always has."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") % folds


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file of JSON lines, compressed with zstd or not."""
    if path.suffix == ".zst":
        import zstandard

        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(file)
            data = reader.read()
    else:
        data = path.read_bytes()
    for line in data.split(b"\n"):
        if line.strip():
            yield json.loads(line)


def labelled_samples(path: Path, lang: str, folds: int) -> Iterator[Sample]:
    """The texts of a labelled set.

    A set with as many topics as there are parts, each with texts of both labels, is parted by
    topic; another one by hash. Texts that repeat an earlier one are left out.
    """
    found = {str(record["text"]): record for record in records(path)}
    labels: dict[str, set[int]] = {}
    for record in found.values():
        labels.setdefault(str(record.get("fine")), set()).add(int(record["label"]))
    topics = sorted(labels)
    by_topic = len(topics) == folds and all(len(both) == 2 for both in labels.values())
    texts = list(found)
    for windows, text in zip(_terms(texts), texts, strict=True):
        record, topic = found[text], str(found[text].get("fine"))
        yield Sample(
            terms=np.concatenate([*windows, np.zeros(0, np.uint32)]).astype(np.uint32),
            label=int(record["label"]),
            lang=lang,
            topic=topic,
            source=path.name.partition(".")[0],
            fold=topics.index(topic) if by_topic else part_of(text, folds),
        )


def clean_samples(path: Path, without: Sequence[str], most: int, folds: int) -> Iterator[Sample]:
    """Windows of clean documents, of each source `most` of them, spread over its documents."""
    by_source: dict[str, list[str]] = {}
    for record in records(path):
        source = str(record["id"]).partition("@")[0]
        if not source.startswith(tuple(without)):
            by_source.setdefault(source, []).append(str(record["text"]))
    for source, texts in sorted(by_source.items()):
        texts.sort(key=lambda text: blake2b(text.encode(), digest_size=8).digest())
        # More than enough for `most` windows, without reading a large source whole.
        windows = [window for found in _terms(texts[:most]) for window in found[:20]]
        step = max(len(windows) // most, 1)
        for window in windows[::step][:most]:
            yield Sample(window, 0, "", "", source, part_of(source, folds))


def _terms(texts: list[str]) -> Iterator[list[Any]]:
    for start in range(0, len(texts), BATCH):
        for windows in _native.offence_terms(texts[start : start + BATCH]):
            yield [np.frombuffer(window, np.uint32) for window in windows]
