"""The guides of docs/ work as printed: a page's blocks in their order, in one empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, run_script
from tests.markdown import KINDS, blocks, script

GUIDES = sorted(set((ROOT / "docs").glob("*.md")) - {ROOT / "docs/LOG.md"})
MOST_NOT_RUN = 5
"""Blocks of all guides; who adds one finds a way to run another one."""


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_guide_works_as_printed(page: Path, clean_place: Path) -> None:
    found = blocks(page)
    assert all(block.kind in KINDS for block in found)
    done = run_script(script(found), clean_place)
    assert done.returncode == 0, f"{page.name}: {done.stderr[-3000:]}"


def test_few_blocks_are_not_run() -> None:
    reasons = [block.reason for page in GUIDES for block in blocks(page) if block.reason]
    assert len(reasons) <= MOST_NOT_RUN
    assert all(len(reason.split()) >= 2 for reason in reasons)


def test_every_guide_has_something_to_run() -> None:
    empty = [page.name for page in GUIDES if not script(blocks(page)).count("block at line")]
    # The first is no guide to a task; the second teaches with texts that do not come along.
    assert empty == ["ARCHITECTURE.md", "OFFENCE.md"]


def test_a_block_that_fails_is_found(tmp_path: Path, clean_place: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\ntrue\n```\n\n```python\nraise SystemExit(3)\n```\n\n```sh\ntouch on\n```\n"
    )
    done = run_script(script(blocks(page)), clean_place)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "block at line 5"
    assert not Path("on").exists()
