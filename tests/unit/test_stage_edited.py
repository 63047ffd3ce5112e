"""Files of a stage that somebody edited: damage with a name, never an error of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.folder import StageFolder
from glmdata.stage.listing import describe_change
from glmdata.stage.manifest import read_manifest

ENTRY = {"root": "crawl", "relative": "a.jsonl", "bytes": 1, "modified_ns": 2}
MANIFEST = {
    "format_version": 2,
    "status": "complete",
    "stage": "filter",
    "config": {},
    "config_sha256": "0" * 64,
    "inputs": [],
    "inputs_sha256": "0" * 64,
    "counts": {},
    "versions": {},
}


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "root": 3},
        {**ENTRY, "root": []},
        {**ENTRY, "modified_ns": "x"},
        {**ENTRY, "modified_ns": None},
        {},
        None,
    ],
)
def test_what_is_no_listing_is_a_change(entry: dict[str, object] | None) -> None:
    now = [{**ENTRY, "relative": "b.jsonl"}] if entry and entry.get("root") == "crawl" else [ENTRY]
    assert describe_change([entry], now)  # type: ignore[list-item]


@pytest.mark.parametrize("key", ["config", "config_sha256", "inputs"])
@pytest.mark.parametrize("value", [None, 1])
def test_a_start_without_its_parts_is_damaged(tmp_path: Path, key: str, value: object) -> None:
    start = {"config": {}, "config_sha256": "x", "inputs": []}
    content = {**start, key: value} if value else {k: v for k, v in start.items() if k != key}
    (tmp_path / ".work").mkdir()
    (tmp_path / ".work/start.json").write_text(json.dumps(content))
    folder = StageFolder(tmp_path, "filter")
    with pytest.raises((CorruptDataError, ConfigError), match=f"damaged: `{key}`"):
        folder.decide({}, "x", [], "y")


@pytest.mark.parametrize("path", ["\ud800", "a\0b", "/etc/passwd", "../a", 7])
def test_a_file_that_cannot_be_in_the_folder_is_damage(tmp_path: Path, path: object) -> None:
    entry = {"path": path, "bytes": 1, "sha256": "0" * 64, "rows": None}
    manifest = {**MANIFEST, "files": [entry]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptDataError, match="not a file entry"):
        read_manifest(tmp_path)
