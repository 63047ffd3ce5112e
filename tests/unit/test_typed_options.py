"""Keywords are typed as they are declared, so that type checkers and editors know them.

That mypy refuses a misspelt keyword and a word that is no choice, `# type: ignore` in other tests
shows: under `strict` one that is not needed is an error.
"""

from __future__ import annotations

from typing import get_type_hints

import pytest

from glmdata.config.model import options_of
from glmdata.dedup.config import DedupConfig
from glmdata.dedup.options import DedupOptions
from tests.typed_options import MODELS, path_of, typed_options


@pytest.mark.parametrize("stage", MODELS)
def test_files_hold_what_is_declared(stage: str) -> None:
    assert path_of(stage).read_text("utf-8") == typed_options(stage), (
        "run `python -m tests.typed_options`"
    )


def test_every_option_is_a_keyword() -> None:
    assert list(get_type_hints(DedupOptions)) == list(options_of(DedupConfig))
    assert DedupOptions.__optional_keys__ == frozenset(options_of(DedupConfig))
