"""Documents by a part of their text, as far as the time allows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from glmdata.report.collect import Corpus
from glmdata.stage.rows import column_batches, shards

SECONDS = 5.0
"""A search ends after this time and says how far it came."""

MOST = 1_000
"""Documents that a search finds at most."""


@dataclass(frozen=True)
class Found:
    """Keys of documents, and what was looked at."""

    docs: frozenset[bytes]
    searched: int
    """Documents whose text was read."""
    without_text: int
    """Removed documents whose text no file of the stages holds."""
    is_whole: bool
    """Nothing was left out for want of time or room."""


def search(corpus: Corpus, part: str) -> Found:
    """Documents that hold a part of a text, letter for letter.

    Kept documents are searched first, then removed ones, whose texts are there if the stage ran
    with `--removed-text`.
    """
    from pyarrow import compute

    end = time.monotonic() + SECONDS
    found: set[bytes] = set()
    searched = without = 0
    kept = next((files for s in reversed(corpus.cleaning) if (files := shards(s.folder))), [])
    gone = [path for stage in corpus.cleaning for path in shards(stage.folder, "removed")]
    for batch in column_batches([*kept, *gone], ["doc", "text"]):
        if time.monotonic() > end or len(found) >= MOST:
            return Found(frozenset(found), searched, without, False)
        texts = batch.column("text")
        without += texts.null_count
        searched += len(texts) - texts.null_count
        mask = compute.fill_null(compute.match_substring(texts, part), False)
        found.update(batch.column("doc").filter(mask).to_pylist())
    return Found(frozenset(found), searched, without, True)
