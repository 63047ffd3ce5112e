from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from glmdata import dedup
from glmdata.cli.pair import print_explanation
from glmdata.errors import ConfigError
from tests.conftest import Crawl
from tests.unit import fake_native
from tests.unit.fake_native import FakeNative

OUT = Path("out")


@pytest.fixture
def stage(native: FakeNative, crawl: Crawl) -> Path:
    crawl(
        {"id": "first", "text": "一列货车以每小时 40 千米行驶。"},
        {"id": "copy", "text": "一列货车以每小时 40 千米行驶。"},
        {"id": "other", "text": "一列货车以每小时 75 千米行驶。"},
        {"id": "alone", "text": "nothing \x1b[31mlike it"},
        {"id": "first", "text": "nothing like it either"},
    )
    dedup.run("crawl", OUT)
    return OUT


def test_a_removed_document(stage: Path) -> None:
    found = dedup.explain("copy", stage)
    assert (found.kept, found.rule, found.kept_id) == (False, "exact-raw", "first")
    assert found.text == found.other_text
    assert found.place == "crawl/web/a.jsonl#1"
    assert found.notes == []


def test_a_kept_variant_lists_its_partners(stage: Path) -> None:
    found = dedup.explain("other", stage)
    assert found.kept
    assert [(p.id, p.relation, p.difference) for p in found.partners] == [
        ("first", "variant", "numbers")
    ]
    assert found.other_text == "一列货车以每小时 40 千米行驶。"


def test_the_closest_partner_is_shown_however_many_there_are(
    native: FakeNative, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(*[{"id": f"e{n}", "text": f"exercise {n}"} for n in range(40)])
    numbered = fake_native._variants

    def closer(kept: list[dict[str, object]]) -> list[dict[str, object]]:
        return [{**pair, "jaccard": n / 100} for n, pair in enumerate(numbered(kept))]

    monkeypatch.setattr(fake_native, "_variants", closer)
    dedup.run("crawl", OUT)
    found = dedup.explain("e0", OUT)
    assert found.other_text == "exercise 39"
    assert [partner.jaccard for partner in found.partners[:2]] == [0.38, 0.37]


def test_a_kept_document_lists_what_it_replaces(stage: Path) -> None:
    found = dedup.explain("first", stage)
    assert found.kept
    assert found.replaces == [dedup.explain("copy", stage).doc]
    assert found.notes == [
        f"1 more documents carry this id, such as {dedup.explain(found.notes[0][-32:], stage).doc}"
    ]


def test_a_key_names_one_document(stage: Path) -> None:
    doc = dedup.explain("copy", stage).doc
    assert dedup.explain(doc.upper(), stage).id == "copy"


def test_without_part_files_a_key_is_still_known(stage: Path) -> None:
    doc = dedup.explain("alone", stage).doc
    (stage / "data/part-000000.arrow").unlink()
    found = dedup.explain(doc, stage)
    assert found.kept
    assert found.text is None
    assert found.notes == ["the stage does not say where the text came from"]


def test_without_the_input_the_rule_is_still_told(stage: Path) -> None:
    shutil.rmtree("crawl")
    found = dedup.explain("copy", stage)
    assert found.rule == "exact-raw"
    assert found.text is None
    assert found.other_text is not None
    assert found.notes[0].startswith("the text cannot be read again: ")


@pytest.mark.parametrize("identifier", ["nobody", "0" * 32, ""])
def test_an_unknown_document(stage: Path, identifier: str) -> None:
    with pytest.raises(ConfigError, match="no document with the id or key"):
        dedup.explain(identifier, stage)


def test_no_stage(native: FakeNative) -> None:
    with pytest.raises(ConfigError, match="expected a complete dedup or filter stage"):
        dedup.explain("a", "nowhere")


def test_the_page_marks_differences_without_colour(
    stage: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explanation(dedup.explain("other", stage))
    page = capsys.readouterr().out
    assert "[-75-]" in page
    assert "{+40+}" in page
    assert "variant: first" in page


def test_the_page_disarms_crawled_text(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(dedup.explain("alone", stage))
    page = capsys.readouterr().out
    assert "\x1b" not in page
    assert "\\x1b[31mlike it" in page


def test_colour_marks_differences_where_it_is_wanted(
    stage: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    print_explanation(dedup.explain("other", stage))
    page = capsys.readouterr().out
    assert "[-" not in page
    assert "\x1b[1;31m75" in page
