"""What vocabularies make of documents, one document after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from glmdata.reference import bpe
from glmdata.reference.language import language_of

Sums = dict[tuple[str, str], list[int]]
"""(language, source) -> documents, bytes, characters, tokens."""


def usage(
    documents: Iterable[tuple[str, str | None, str]], ranks: Mapping[bytes, int]
) -> tuple[Sums, Counter[int]]:
    """Sums by language and source, and how often each rank came out.

    Parameters
    ----------
    documents
        (text, language or None, source).
    ranks
        The vocabulary; pieces are those of cl100k_base.
    """
    sums: Sums = {}
    counts: Counter[int] = Counter()
    for text, lang, source in documents:
        ids = bpe.encode(text, ranks)
        counts.update(ids)
        row = sums.setdefault((language_of(text, lang, source), source), [0, 0, 0, 0])
        for at, more in enumerate((1, len(text.encode()), len(text), len(ids))):
            row[at] += more
    return sums, counts
