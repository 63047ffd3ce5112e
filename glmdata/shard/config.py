"""The options of writing a token store: the only place of their names, defaults and help."""

from __future__ import annotations

from dataclasses import dataclass

from glmdata.config.documents import ReadConfig
from glmdata.config.fields import option
from glmdata.config.sizes import Size


@dataclass(frozen=True, init=False)
class ShardConfig(ReadConfig):
    """What is read, what of it bears loss, what ends a document, and how large files become."""

    eod: str = option(
        "<|endoftext|>",
        help="special token that will stand behind each document; the store holds its id, not it",
        expected="the name of a special token",
        group="output",
        metavar="NAME",
        min_length=1,
    )
    loss_spans_field: str | None = option(
        None,
        help="column with [[from, to], ...]: the characters of a text that bear loss; unset: all",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    shard_size: Size = option(
        "1GiB",
        help="a file ends before it has more bytes of ids",
        expected="a size such as 1GiB",
        group="output",
        metavar="SIZE",
        ge=1,
    )
