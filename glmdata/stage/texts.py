"""Which columns are read and how much may be bad, for stages that work on texts alone."""

from __future__ import annotations

from dataclasses import dataclass

from glmdata.config.fields import option
from glmdata.config.model import Config
from glmdata.config.sizes import Size


@dataclass(frozen=True, init=False)
class TextConfig(Config):
    """Columns and limits of reading, spelled as for training."""

    text_field: str = option(
        "text",
        help="column with the text",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    source_field: str = option(
        "source",
        help="column with the source",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    lang_field: str = option(
        "lang",
        help="column with the language",
        expected="a column name",
        group="input",
        metavar="NAME",
        min_length=1,
    )
    max_record: Size = option(
        "64MiB",
        help="longer records are quarantined",
        expected="a size such as 64MiB",
        group="input",
        metavar="SIZE",
        ge=1,
    )
    max_bad: float = option(
        0.001,
        help="exit 3 when more than this share (and more than 10) is quarantined",
        expected="a share from 0 to 1",
        group="gates",
        metavar="SHARE",
        ge=0,
        le=1,
    )
