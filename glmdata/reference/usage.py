"""What vocabularies make of documents, one document after the other."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from glmdata.reference import bpe

LOOKED_AT = 2_000
"""Characters that tell the language of a document that does not say it."""

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
        row = sums.setdefault((lang or language(text), source), [0, 0, 0, 0])
        for at, more in enumerate((1, len(text.encode()), len(text), len(ids))):
            row[at] += more
    return sums, counts


def language(text: str) -> str:
    """`zh` if more than half of the first letters are Han, else `other`."""
    letters = [c for c in text[:LOOKED_AT] if unicodedata.category(c).startswith("L")]
    han = sum("CJK UNIFIED" in unicodedata.name(c, "") for c in letters)
    return "zh" if han * 2 > len(letters) else "other"
