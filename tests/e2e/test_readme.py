"""What the README and the guides tell people to type and to open is there, and works as printed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from glmdata.cli.main import VERBS, run
from tests.e2e.conftest import ROOT, run_script
from tests.markdown import blocks, links, script

OTHERS = ("CONTRIBUTING.md", "SECURITY.md")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in OTHERS),
]


def commands(page: Path) -> list[str]:
    """Lines of code blocks that call glmdata, without their comments."""
    lines = [line for block in blocks(page) for line in block.body.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line.strip().startswith("glmdata ")]


COMMANDS = [(page.name, line) for page in PAGES for line in commands(page)]


@cache
def options_of(verb: tuple[str, ...]) -> frozenset[str]:
    """The flags in the help of a verb."""
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        assert run([*verb, "--help"]) == 0
    return frozenset(re.findall(r"--[a-z][a-z0-9-]*", page.getvalue()))


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value[:60])
def test_commands_have_verbs_and_flags_that_exist(page: str, line: str) -> None:
    for part in line.split("&&"):
        _, *words = shlex.split(part)
        verb = tuple(words[: 2 if words[0] in ("tokenizer", "config") else 1])
        assert verb[0] in VERBS
        flags = {word.split("=")[0] for word in words if word.startswith("--")}
        assert flags <= options_of(verb), f"{page}: {part}"


def test_there_are_commands_to_check() -> None:
    assert len([line for page, line in COMMANDS if page == "README.md"]) >= 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for link in links(page):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_the_readme_works_as_printed_in_an_empty_folder(clean_place: Path) -> None:
    installed = os.environ.get("README_PROGRAMS")
    if installed:
        where = run_script(
            "python -c 'import glmdata; print(glmdata.__file__)'", clean_place, installed
        )
        assert "site-packages" in where.stdout
        assert str(ROOT / "glmdata") not in where.stdout
    # Training is tried with torch (tests/train), which is no part of the package.
    done = run_script(script(blocks(ROOT / "README.md")), clean_place, installed)
    assert done.returncode == 0, done.stderr[-3000:]
    assert Path("glmdata-out/report/report.html").exists()
    assert Path("by-hand/shard/manifest.json").exists()
