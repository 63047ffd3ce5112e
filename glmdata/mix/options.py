"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class MixOptions(TypedDict, total=False):
    """The fields of `MixConfig`."""

    target_tokens: int | None
    """Tokens of the mixture, as 1.5T, 300B; unset: what weights make of the store."""
    weight: list[str]
    """Source or source/lang and its weight; may repeat; others have 1."""
    weight_unit: Literal["passes", "shares"]
    """What weights are: passes over a source, or shares of the mixture."""
    recipe: Literal["none", "glm4"]
    """Glm4: books and encyclopedias weigh more, unless --weight names them."""
    temperature: float
    """Above 1: small languages (--balance) get more, by their size to the power of 1/T."""
    unimax: bool
    """All languages (--balance) get the same, but for what --max-epochs forbids."""
    balance: Literal["lang", "source"]
    """What --temperature and --unimax are about: lang or source."""
    floor: list[str]
    """Language and the least share of the mixture it gets; may repeat."""
    max_epochs: int
    """A document is taken at most so often, all reasons together."""
    clusters: str | None
    """Clusters.arrow of dedup: a document that stands for many weighs more."""
    row_length: int
    """Tokens of a training row, of the longest one with buckets."""
    packing: Literal["best-fit", "concat", "buckets"]
    """Best-fit: no document that fits is cut; concat: cut where a row ends; buckets: rows of
    --shortest-row, twice that, ... --row-length."""
    shortest_row: int
    """Tokens of the shortest row with buckets."""
    infill_rate: float
    """Share of documents trained by GLM's blank infilling."""
    infill_mask: float
    """Share of those with short spans, [MASK]; those that are neither have their end behind
    [gMASK]."""
    infill_sentence: float
    """Share of those with whole sentences hidden, [sMASK]."""
    fim_rate: float
    """Share of documents of --fim-source whose middle is moved to the end."""
    fim_spm: float
    """Share of those that begin with the suffix."""
    fim_source: list[str]
    """Sources of program text; may repeat."""
    fim_tokens: list[str]
    """Tokens before prefix, suffix and middle, by name or id; unset: the usual ones."""
    seed: int
    """Another number, another choice and order."""
