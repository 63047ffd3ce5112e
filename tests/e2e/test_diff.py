"""`glmdata diff` against decisions that are counted here by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glmdata import dedup, filter, report
from glmdata.errors import ConfigError
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import rows

RULES = """
[[rule]]
name = "short"
drop_when = "n_chars < {}"
"""


def page(number: int, words: int) -> str:
    return " ".join(f"word{number}x{place}" for place in range(words))


@pytest.fixture
def runs(crawl: Crawl) -> None:
    """Two workspaces over ten documents of growing length and a copy of the last one."""
    documents: list[Any] = [
        {"id": f"{n}", "source": "odd" if n % 2 else "even", "text": page(n, 10 * (n + 1))}
        for n in range(10)
    ]
    crawl(*documents, {"id": "copy", "source": "odd", "text": page(9, 100)})
    for name, least in (("loose", 300), ("strict", 600)):
        Path(f"{name}.toml").write_text(RULES.format(least))
        dedup.run("crawl", workspace=name)
        filter.run(workspace=name, preset="none", rules=f"{name}.toml")


def kept(workspace: str) -> set[str]:
    return {row["id"] for row in rows(Path(workspace, "filter"), "data")}


def test_what_one_run_kept_and_the_other_did_not(runs: None) -> None:
    loose, strict = kept("loose"), kept("strict")
    apart = loose - strict
    assert strict < loose
    assert len(apart) >= 2
    found = report.difference("loose", "strict", samples=100)
    assert (found.kept_by_both, found.kept_by_a, found.kept_by_b) == (len(strict), len(apart), 0)
    assert found.removed_by_both == 11 - len(loose)
    assert (found.a.documents, found.a.kept) == (11, len(loose))
    assert [(move.a, move.b, move.documents) for move in found.moves] == [
        ("kept", "filter: own/short", len(apart))
    ]
    assert {sample.id for sample in found.samples} == apart
    for sample in found.samples:
        number = int(sample.id or "")
        assert (sample.text or "").startswith(page(number, 10 * (number + 1))[:200])
    odd = sum(int(name) % 2 for name in apart)
    assert {name: a for name, (a, _) in found.by_source.items()} == {
        name: n for name, n in (("odd", odd), ("even", len(apart) - odd)) if n
    }
    assert [option for option, _, _ in found.options] == ["filter.rules"]
    back = report.difference("strict", "loose", samples=0)
    assert (back.kept_by_a, back.kept_by_b, back.samples) == (0, len(apart), [])


def test_a_stage_and_the_one_after_it(runs: None) -> None:
    found = report.difference("loose/dedup", "strict/filter")
    # The copy is no document of the filter.
    assert (found.only_in_a, found.only_in_b) == (1, 0)
    assert found.kept_by_both == len(kept("strict"))


def test_what_is_printed(runs: None, glmdata: Glmdata) -> None:
    done = glmdata("diff", "loose", "strict")
    assert done.code == 0, done.err
    n = len(kept("loose") - kept("strict"))
    assert f"{n} kept by A alone" in done.out
    assert "0 kept by B alone" in done.out
    assert "A: kept    B: filter: own/short" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    content = json.loads(glmdata("diff", "loose", "strict", "--json").out)
    assert content["kept_by_a"] == n
    assert content["options"][0]["option"] == "filter.rules"


def test_equal_runs_do_not_differ(runs: None, glmdata: Glmdata) -> None:
    done = glmdata("diff", "loose", "loose")
    assert "0 kept by A alone" in done.out
    assert report.difference("loose", "loose").moves == []


def test_what_cannot_be_compared(runs: None, crawl: Crawl) -> None:
    with pytest.raises(ConfigError, match="expected a complete dedup or filter stage"):
        report.difference("loose", "crawl")
    crawl({"text": page(77, 50)}, name="b.jsonl")
    Path("crawl").rename("other")
    dedup.run("other", workspace="third")
    with pytest.raises(ConfigError, match="none in common"):
        report.difference("loose", "third")


def test_decisions_that_were_changed_are_refused(runs: None, glmdata: Glmdata) -> None:
    part = Path("loose/filter/decisions/part-000000.arrow")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    assert glmdata("diff", "loose", "strict").code == 4
