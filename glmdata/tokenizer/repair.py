"""A vocabulary that obeys the rules, made from one that does not: by leaving tokens out.

Nothing is added: a token that lost its parts goes, and so does what was merged from it, until all
that stay obey rule C1. Ranks close up; special tokens keep their ids, so a model needs its rows
for ranks re-ordered and no others. Only a special token that lies below the ranks, or has the id of
one or of another, gets a new id behind them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glmdata import _native
from glmdata.tokenizer.load import tokenizer_of
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import read


@dataclass(frozen=True)
class Repaired:
    """What is left, and what went."""

    place: str
    tokenizer: Tokenizer
    kept: Sequence[int]
    """The old rank of every new one: row `i` of an embedding comes from row `kept[i]`."""
    dropped: Sequence[tuple[int, bytes]]
    """Old ranks and their bytes, in order."""
    moved: Mapping[str, tuple[int, int]]
    """Old and new ids of the special tokens that had none of their own."""


def repair(source: str | os.PathLike[str], *, pattern: str | None = None) -> Repaired:
    """Leave out what breaks rule C1 or C3 and whatever depends on it.

    Parameters
    ----------
    source
        As for `Tokenizer.load`.
    pattern
        For a `.tiktoken` file; None: that of cl100k_base.

    Raises
    ------
    ConfigError
        A byte has no token: leaving out does not mend that.
    CorruptDataError, MissingFileError
        The file is damaged or missing.
    """
    vocabulary = read(source, pattern)
    first: dict[bytes, int] = {}
    for rank, token in sorted(vocabulary.tokens):
        if token:
            first.setdefault(token, rank)
    dense = replace(vocabulary, tokens=list(enumerate(first)))
    moved = _moved(dense.specials.ids, len(first))
    ids = {**dense.specials.ids, **{name: new for name, (_, new) in moved.items()}}
    by_id = dict(sorted(ids.items(), key=lambda item: item[1]))
    dense = replace(dense, specials=replace(dense.specials, ids=by_id))
    ranks = _native.Tokenizer(tokenizer_of(dense).ranks_text(), dense.pattern).closure()
    tokenizer = Tokenizer(ranks, dense.pattern, dense.specials)
    stays = {(first[token], token) for token in tokenizer.token_bytes()}
    # A token may stand in the file twice, with one rank: one of the two stays.
    surplus = Counter(vocabulary.tokens) - Counter(stays)
    return Repaired(
        place=vocabulary.place,
        tokenizer=tokenizer,
        kept=sorted(rank for rank, _ in stays),
        dropped=sorted(surplus.elements()),
        moved=moved,
    )


def _moved(ids: Mapping[str, int], n_ranks: int) -> dict[str, tuple[int, int]]:
    moved: dict[str, tuple[int, int]] = {}
    taken: set[int] = set()
    free = max([n_ranks, *(number + 1 for number in ids.values())])
    for name, number in ids.items():
        if number < n_ranks or number in taken:
            moved[name] = (number, free + len(moved))
        taken.add(number)
    return moved
