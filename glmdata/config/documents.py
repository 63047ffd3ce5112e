"""Options of every stage that reads or writes documents, declared once.

Each call declares a field anew: dataclasses write the name of a field into it.
"""

from __future__ import annotations

from typing import Any

from glmdata.config.fields import option

_SOURCE_RULE = r"(?s:.+)=[^=]+"


def column(name: str, what: str) -> Any:
    """The input column that holds something; `name` if nobody says another."""
    return option(
        name,
        help=f"column with {what}",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )


def source_rules() -> Any:
    """Sources told from paths and hosts."""
    return option(
        [],
        help="path or host pattern and its source; the first match wins; may repeat",
        expected="a list of pattern=source",
        group="input",
        metavar="PATTERN=SOURCE",
        each=_SOURCE_RULE,
    )


def max_record() -> Any:
    """Bytes of the longest record that is read."""
    return option(
        "64MiB",
        help="longer records are quarantined",
        expected="a size such as 64MiB",
        group="input",
        metavar="SIZE",
        ge=1,
    )


def max_bad() -> Any:
    """The share of records that may be quarantined."""
    return option(
        0.001,
        help="exit 3 when more than this share (and more than 10) is quarantined",
        expected="a share from 0 to 1",
        group="gates",
        metavar="SHARE",
        ge=0,
        le=1,
    )


def max_source_loss() -> Any:
    """The share of documents that any source may lose."""
    return option(
        None,
        help="exit 1 when a source loses more than this share; unset: no limit",
        expected="a share from 0 to 1",
        group="gates",
        metavar="SHARE",
        ge=0,
        le=1,
    )


def format() -> Any:
    """How kept documents are written."""
    return option(
        "arrow",
        help="arrow, parquet or jsonl.zst",
        expected="arrow, parquet or jsonl.zst",
        group="output",
        metavar="FORMAT",
    )


def write() -> Any:
    """Whether kept documents are written at all."""
    return option(
        "all",
        help="all, or decisions: no kept documents",
        expected="all or decisions",
        group="output",
        metavar="WHAT",
    )


def removed_text() -> Any:
    """Whether `removed/` holds texts."""
    return option(
        False,
        help="store the text of removed documents too",
        expected="true or false",
        group="output",
        metavar="",
    )
