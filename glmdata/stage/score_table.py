"""What a row of a score table says to a rule: the kind of its source and the language of its tag.

The filter decides by it; the report asks the same rules what another threshold would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glmdata.stage.tags import primary_of

KINDS = ("web", "book", "wiki", "paper", "docs", "law", "poetry", "question", "code")
"""What a source may be, for rules that are right for some kinds only."""

_KIND_BY_SOURCE = {
    **{kind: kind for kind in KINDS},
    "books": "book",
    "wikipedia": "wiki",
    "encyclopedia": "wiki",
    "papers": "paper",
    "laws": "law",
    "poems": "poetry",
    "questions": "question",
    "exam": "question",
    "github": "code",
    "documentation": "docs",
}
"""What a source is when nobody says; every other one is web."""


def kinds_by_source(said: Iterable[str]) -> dict[str, str]:
    """Source -> kind: what was said as `source=kind`, before what names suggest."""
    pairs = (pair.rpartition("=") for pair in said)
    return {**_KIND_BY_SOURCE, **{source: kind for source, _, kind in pairs}}


def as_asked(scores: Any, kinds: Mapping[str, str]) -> Any:
    """A frame of scores with the columns that rules ask for: `kind`, `lang` and `lang_tag`."""
    import polars as pl

    # A language nobody knows is none: rules of languages must not see it.
    tag = pl.when(pl.col("lang") != "und").then(pl.col("lang"))
    return scores.with_columns(
        pl.col("source").replace_strict(kinds, default="web").alias("kind"),
        primary_of(tag).alias("lang"),
        tag.alias("lang_tag"),
    )
