"""From what a file says to a tokenizer: what would make ids ambiguous is refused."""

from __future__ import annotations

import os

from glmdata import _native
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.tokenizer.huggingface import read_json
from glmdata.tokenizer.known import KNOWN
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import DESCRIPTION_FILE, RANKS_FILE, Vocabulary, read

_SHOWN = 3


def load(source: str | os.PathLike[str], pattern: str | None) -> Tokenizer:
    """What `Tokenizer.load` does."""
    name = os.fspath(source)
    if name in KNOWN:
        published = KNOWN[name]
        ranks = _native.Tokenizer.known(name, published.pattern)
        return Tokenizer(ranks, published.pattern, published.specials)
    vocabulary = read(source, pattern)
    loaded = tokenizer_of(vocabulary)
    if vocabulary.sha256 not in (None, loaded.sha256):
        raise CorruptDataError(
            f"{vocabulary.place}: {RANKS_FILE} and {DESCRIPTION_FILE} do not belong together: "
            f"expected {vocabulary.sha256}, found {loaded.sha256}"
        )
    return loaded


def from_json(data: bytes, place: str) -> Tokenizer:
    """The tokenizer of the bytes of a tokenizer.json; raises as `read_json`."""
    return tokenizer_of(Vocabulary(place, *read_json(data, place)))


def tokenizer_of(vocabulary: Vocabulary) -> Tokenizer:
    """The tokenizer of a vocabulary that breaks nothing but rule C1.

    Raises
    ------
    ConfigError
        Ranks with gaps, a token twice, a byte without a token, a special token below the ranks or
        with the id of one.
    """
    behind = len(vocabulary.tokens)
    low = {name: n for name, n in vocabulary.specials.ids.items() if n < behind}
    if low:
        shown = dict(list(low.items())[:_SHOWN])
        raise ConfigError(
            f"{vocabulary.place}: expected special tokens with ids of their own from {behind}, "
            f"found {shown!r}",
            hint="`glmdata tokenizer repair` puts them behind the ranks and lists all old ids",
        )
    return Tokenizer(vocabulary.ranks_text(), vocabulary.pattern, vocabulary.specials)
