"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class CountOptions(TypedDict, total=False):
    """The fields of `CountConfig`."""

    text_field: str
    """Column with the text."""
    source_field: str
    """Column with the source; without it: the first folder below the input."""
    lang_field: str
    """Column with the language."""
    links: Literal["follow", "inside"]
    """Follow all links, or only those inside of a tree to its own files."""
    split: Literal["file", "line", "blank"]
    """A document of a .txt is a file, a line, or what stands between blank lines."""
    max_record: int | str
    """Longer records are quarantined."""
    zst_window: int | str
    """Largest window of a .zst; each file being read takes as much memory."""
    max_bad: float
    """Exit 3 when more than this share (and more than 10) is quarantined."""
    digits: Literal["three", "single"]
    """Three: up to three digits make a piece; single: each digit alone."""
    document_cap: int
    """How often one document may count a pre-token; 0: no limit."""


class TokenizerOptions(TypedDict, total=False):
    """The fields of `TokenizerConfig`."""

    text_field: str
    """Column with the text."""
    source_field: str
    """Column with the source; without it: the first folder below the input."""
    lang_field: str
    """Column with the language."""
    links: Literal["follow", "inside"]
    """Follow all links, or only those inside of a tree to its own files."""
    split: Literal["file", "line", "blank"]
    """A document of a .txt is a file, a line, or what stands between blank lines."""
    max_record: int | str
    """Longer records are quarantined."""
    zst_window: int | str
    """Largest window of a .zst; each file being read takes as much memory."""
    max_bad: float
    """Exit 3 when more than this share (and more than 10) is quarantined."""
    digits: Literal["three", "single"]
    """Three: up to three digits make a piece; single: each digit alone."""
    document_cap: int
    """How often one document may count a pre-token; 0: no limit."""
    base: Literal["glm4", "cl100k-keep", "none"]
    """Glm4: cl100k_base without Han and numbers; cl100k-keep: all of it; none: bytes."""
    vocab_size: int
    """Ranks in the end; special tokens come behind them."""
    numbers: bool
    """Make all numbers of two and three digits tokens (not with --digits single)."""
    cover: str | None
    """File of characters that become tokens whatever the text says."""
    policy: Literal["quota", "weighted", "parity", "union"]
    """Quota: each language its share; weighted: all together; parity: the worst compressed first;
    union: two vocabularies, merged."""
    chinese_share: float
    """Share of the learned tokens that Chinese documents choose (quota, union)."""
    code_share: float
    """Share of the learned tokens that code chooses (quota)."""
    language_least: int
    """Tokens that every other language chooses for itself (quota)."""
    weight: list[str]
    """A language and what its counts are multiplied by (weighted); may repeat."""
    min_count: int
    """Stop when the best pair occurs less often."""
    min_documents: int | None
    """Fewest documents behind a token; unset: 0.05 % of its language, at least 8."""
    min_sources: int
    """Fewest sources behind a token of three or more characters with Han, if there are as many; up
    to 10 are told apart."""
    whole_characters: bool
    """No token joins a part of a character with what is outside of it."""
    max_han: int
    """Most characters of a token with Han; 0: no limit."""
    max_token_bytes: int
    """Most bytes of a token; 0: no limit."""
    lexicon: str | None
    """File of words, one a line, that no learned token may contain."""
    special: list[str]
    """A special token of your own, behind GLM-4's 14; may repeat."""
    pad_to_size: bool
    """If fewer tokens are learned, keep the ids of special tokens where they would be."""
    require_size: bool
    """Exit 1 when fewer tokens are learned than asked for."""
