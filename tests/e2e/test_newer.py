"""`--date-field` from the command line: what it decides, and what is told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

STAGE = Path("glmdata-out/dedup")
LETTERS = [chr(code) for code in range(0x4E00, 0x5000)]
PAGE = "".join(random.Random(1).choices(LETTERS, k=300)) + "。"
LATER = PAGE[5:]


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STAGE / "report.json").read_text())
    return found


def test_explain_says_which_is_newer(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(
        {"id": "old", "text": PAGE, "date": "2019-03-02"},
        {"id": "new", "text": LATER, "date": "2024-05-01"},
    )
    done = glmdata("dedup", "--input", "crawl/")
    assert done.code == 0, done.err
    assert "note" not in done.lines()
    line = "newer        kept because newer (2024-05-01 over 2019-03-02)"
    for name in ("old", "new"):
        told = glmdata("explain", name)
        assert told.code == 0, told.err
        assert line in told.out.splitlines(), told.out
    found = json.loads(glmdata("explain", "old", "--json").out)
    assert found["dates"] == [1551484800, 1714521600]
    fields = report()["fields"]
    assert (fields["date"], fields["date_unread"]) == (2, 0)


def test_explain_is_silent_where_dates_decided_nothing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"id": "a", "text": PAGE}, {"id": "b", "text": LATER, "date": "2024-05-01"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    told = glmdata("explain", "b")
    assert "removed by rule fuzzy" in told.out
    assert "newer" not in told.out


@pytest.mark.parametrize(
    ("date", "flags", "note"),
    [
        ("soon", (), "none of 2 documents with the field `date` or `timestamp` or `published` has"),
        ("soon", ("--date-field", "meta.day"), "no document has the field `meta.day`"),
        ("2024", ("--date-field", "date", "--keep", "first"), "only --keep longest looks at dates"),
    ],
    ids=["no date", "no field", "another policy"],
)
def test_what_decided_nothing_is_told(
    glmdata: Glmdata, crawl: Crawl, date: str, flags: tuple[str, ...], note: str
) -> None:
    crawl({"id": "a", "text": PAGE, "date": date}, {"id": "b", "text": "else", "date": date})
    done = glmdata("dedup", "--input", "crawl/", *flags)
    assert done.code == 0, done.err
    assert done.lines()["note"].startswith(f"--date-field has no effect: {note}")


def test_a_field_without_a_name_is_refused(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"id": "a", "text": PAGE})
    done = glmdata("dedup", "--input", "crawl/", "--date-field", "a..b")
    assert done.code == 2
    assert "date-field: expected a field" in done.err
