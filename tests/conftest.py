"""Fixtures for every kind of test: a small crawl, and an environment without the user's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

Crawl = Callable[..., Path]


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
