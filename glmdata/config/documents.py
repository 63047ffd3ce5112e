"""Options of every stage that reads or writes documents, declared once.

Each call declares a field anew: dataclasses write the name of a field into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from glmdata.config.fields import option
from glmdata.config.model import Config
from glmdata.config.sizes import Size

_SOURCE_RULE = r"(?s:.+)=[^=]+"


def column(name: str, what: str) -> Any:
    """The input column that holds something; `name` if nobody says another.

    Several names may stand between commas: the first that a record has, and that is not null,
    counts. `data.text` is the field `text` of the field `data`.
    """
    return option(
        name,
        help=f"column with {what}",
        expected="a column name, a path such as data.text, or several between commas",
        group="input",
        metavar="NAME",
        min_length=1,
    )


def links() -> Any:
    """Which links below the inputs are followed."""
    return option(
        "follow",
        help="follow all links, or only those inside of a tree to its own files",
        expected="follow or inside",
        group="input",
        metavar="WHICH",
    )


def split() -> Any:
    """How a text file becomes documents."""
    return option(
        "file",
        help="a document of a .txt is a file, a line, or what stands between blank lines",
        expected="file, line or blank",
        group="input",
        metavar="HOW",
    )


def zst_window() -> Any:
    """The largest window of a zstd frame."""
    return option(
        "128MiB",
        help="largest window of a .zst; each file being read takes as much memory",
        expected="a size from 1KiB to 2GiB",
        group="input",
        metavar="SIZE",
        ge=1 << 10,
        le=1 << 31,
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


@dataclass(frozen=True, init=False)
class ReadConfig(Config):
    """How records become texts: options of every stage that reads them."""

    text_field: str = column("text", "the text")
    source_field: str = column("source", "the source; without it: the first folder below the input")
    lang_field: str = column("lang,language", "the language")
    links: Literal["follow", "inside"] = links()
    split: Literal["file", "line", "blank"] = split()
    max_record: Size = max_record()
    zst_window: Size = zst_window()
    max_bad: float = max_bad()

    @property
    def reading(self) -> ReadConfig:
        """These options, for the compiled module, which takes them as a whole."""
        return self


@dataclass(frozen=True, init=False)
class DocumentConfig(ReadConfig):
    """The same for stages that write documents on."""

    id_field: str = column("id", "the document id")
    url_field: str = column("url", "the address")
    source_rule: list[str] = source_rules()
