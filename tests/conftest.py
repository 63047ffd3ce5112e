"""Fixtures for every kind of test: a small crawl, and an environment without the user's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

Crawl = Callable[..., Path]


def _must_run(item: pytest.Item) -> bool:
    """Comparisons must run everywhere, all tests where somebody relies on the result."""
    return bool(os.environ.get("CI")) or "differential" in item.path.parts


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that is skipped shows nothing: it fails instead."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _must_run(item):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skipped; hint: install what it needs with `make venv`"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that is skipped as a whole, as `importorskip` does."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: skipped; hint: install what it needs"
    return report


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, without GLMDATA_ variables or colour switches."""
    for name in [*os.environ]:
        if name.startswith("GLMDATA_") or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def crawl(clean_place: Path) -> Crawl:
    """Write records (dicts) and raw lines (strings) to crawl/<name>; returns crawl/."""

    def write(*records: dict[str, object] | str, name: str = "web/a.jsonl") -> Path:
        path = Path("crawl", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return Path("crawl")

    return write
