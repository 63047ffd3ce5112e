from __future__ import annotations

import pytest

from glmdata.cli.main import VERBS
from tests.e2e.conftest import Glmdata

TOKENIZER_VERBS = ("verify", "repair", "audit", "export", "encode")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        *([verb] for verb in VERBS),
        ["config", "show"],
        *(["tokenizer", verb] for verb in TOKENIZER_VERBS),
    ],
)
def test_help_fits_a_terminal(glmdata: Glmdata, arguments: list[str]) -> None:
    done = glmdata(*arguments, "--help", env={"COLUMNS": "200"})
    assert done.code == 0
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) <= 80


def test_help_lists_every_verb(glmdata: Glmdata) -> None:
    page = glmdata("--help").out
    assert all(f"\n  {verb} " in page for verb in VERBS)
    page = glmdata("tokenizer", "--help").out
    assert all(f"\n  {verb} " in page for verb in TOKENIZER_VERBS)


def test_dedup_help_is_grouped(glmdata: Glmdata) -> None:
    page = glmdata("dedup", "--help").out
    headings = [line for line in page.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == [
        "Input:",
        "What counts as a duplicate:",
        "Which copy stays:",
        "Output:",
        "Gates:",
        "Run:",
    ]


def test_version(glmdata: Glmdata) -> None:
    done = glmdata("--version")
    assert done.code == 0
    assert done.out.startswith("glmdata ")
