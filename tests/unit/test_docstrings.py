from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "glmdata.cli.progress",
    "glmdata.cli.terminal",
    "glmdata.config.kinds",
    "glmdata.config.lines",
    "glmdata.config.sizes",
    "glmdata.report.compare",
    "glmdata.rows.mask",
    "glmdata.rows.order",
    "glmdata.rows.weights",
    "glmdata.tokenizer.byte_level",
    "glmdata.tokenizer.specials",
    "glmdata.tokenizer.tables",
]
"""Modules whose examples need neither files nor the compiled module."""


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
