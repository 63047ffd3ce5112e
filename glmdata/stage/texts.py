"""Which columns are read and how much may be bad, for stages that work on texts alone."""

from __future__ import annotations

from dataclasses import dataclass

from glmdata.config import documents
from glmdata.config.model import Config
from glmdata.config.sizes import Size


@dataclass(frozen=True, init=False)
class TextConfig(Config):
    """Columns and limits of reading, spelled as for training."""

    text_field: str = documents.column("text", "the text")
    source_field: str = documents.column("source", "the source")
    lang_field: str = documents.column("lang", "the language")
    max_record: Size = documents.max_record()
    max_bad: float = documents.max_bad()
