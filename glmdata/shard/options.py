"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class ShardOptions(TypedDict, total=False):
    """The fields of `ShardConfig`."""

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
    eod: str
    """Special token that will stand behind each document; the store holds its id, not it."""
    loss_spans_field: str | None
    """Column with [[from, to], ...]: the characters of a text that bear loss; unset: all."""
    shard_size: int | str
    """A file ends before it has more bytes of ids."""
