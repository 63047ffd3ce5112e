"""Clean, deduplicated, re-weighted Chinese/English corpora for pretraining.

Importing this package imports no stage: training code that reads shards or tokenizes must not pay
for polars, pyarrow or the compiled module. `glmdata.dedup`, `glmdata.Tokenizer` and
`glmdata.TokenRows` are loaded when they are first named.

>>> import glmdata
>>> glmdata.dedup.shingles("hello wide world of text")
['hello wide world of text']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glmdata import dedup as dedup
    from glmdata import engine as engine
    from glmdata import errors as errors
    from glmdata import export as export
    from glmdata import filter as filter
    from glmdata import mix as mix
    from glmdata import report as report
    from glmdata import rows as rows
    from glmdata import shard as shard
    from glmdata import tokenizer as tokenizer
    from glmdata.rows import TokenRows as TokenRows
    from glmdata.tokenizer import Tokenizer as Tokenizer

    __version__: str

_LAZY_MODULES = frozenset(
    {"dedup", "engine", "errors", "export", "filter", "mix", "report", "rows", "shard", "tokenizer"}
)
_LAZY_CLASSES = {"Tokenizer": "tokenizer", "TokenRows": "rows"}
"""Class -> the module it is in."""


def __getattr__(name: str) -> Any:
    if name in _LAZY_MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _LAZY_CLASSES:
        return getattr(import_module(f"{__name__}.{_LAZY_CLASSES[name]}"), name)
    if name == "__version__":
        # Read from the installed metadata so that Cargo.toml stays the only place of the version.
        from importlib.metadata import version

        return version(__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY_MODULES, *_LAZY_CLASSES, "__version__"])
