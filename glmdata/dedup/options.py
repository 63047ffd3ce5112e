"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class DedupOptions(TypedDict, total=False):
    """The fields of `DedupConfig`."""

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
    id_field: str
    """Column with the document id."""
    url_field: str
    """Column with the address."""
    source_rule: list[str]
    """Path or host pattern and its source; the first match wins; may repeat."""
    date_field: str
    """Column with the date; see keep."""
    index: str | None
    """Folder of earlier crawls: their documents win, and this crawl is added."""
    scores: str | None
    """Finished filter stage over the same inputs; --keep best:COLUMN is one of its scores."""
    max_source_loss: float | None
    """Exit 1 when a source loses more than this share; unset: no limit."""
    threshold: float
    """Exact Jaccard similarity from which two texts are duplicates."""
    scheme: Literal["fast-similarity", "datasketch"]
    """Fast-similarity, or datasketch: the slower values of its MinHash."""
    num_perm: int
    """Values of a sketch."""
    bands: str | None
    """Bands x rows, such as 32x8; unset: chosen from threshold and num-perm."""
    preset: Literal["default", "high-recall"]
    """Default, or high-recall: num-perm 512 in 64x8 bands."""
    shingle: str
    """Mixed, word:N, char:N or code; mixed fits Chinese, English and both."""
    script_fold: bool
    """Compare traditional and simplified Chinese as one script; texts stay as they are."""
    fuzzy_short: bool
    """Compare texts of fewer than 20 shingles fuzzily too."""
    containment: float | None
    """Also remove a text of which a kept one holds this share; off: not."""
    scope: Literal["global", "lang", "source"]
    """Global, lang or source: compare only within it."""
    url_dedup: bool
    """Keep one document of each address; tracking parameters and www. do not count."""
    line_dedup: int | None
    """Cut lines that more than N kept documents have, such as 30, out of all but the first."""
    paragraph_dedup: int | None
    """The same for paragraphs: lines between blank ones."""
    substring_dedup: int | None
    """Cut passages of N units or more, such as 50, that stand elsewhere too; a unit is a word or a
    Chinese character."""
    templates: Literal["off", "host"]
    """Host: cut navigation, footers and bars that pages of a host share out of all but the first;
    needs addresses."""
    keep: str
    """Longest (less bars and notices first, then the later date), first, newest:COLUMN or
    best:COLUMN."""
    source_priority: list[str]
    """A source whose copies stay, best first; may repeat."""
    variants: Literal["keep", "remove"]
    """Keep or remove texts that differ in what they say, such as numbers."""
    cluster: Literal["representative", "components"]
    """Representative: removed only for a kept one; components: chains too."""
    format: Literal["arrow", "parquet", "jsonl.zst"]
    """Arrow, parquet or jsonl.zst."""
    write: Literal["all", "decisions"]
    """All, or decisions: no kept documents."""
    removed_text: bool
    """Store the text of removed documents too."""
