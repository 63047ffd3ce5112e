from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.config.workspace import find_workspace


def test_named_before_environment_before_file_before_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_workspace(None, {}).folder == Path("glmdata-out")
    assert find_workspace(None, {"GLMDATA_WORKSPACE": "elsewhere"}).folder == Path("elsewhere")
    named = find_workspace("named", {"GLMDATA_WORKSPACE": "elsewhere"})
    assert named.folder == Path("named")

    top = Path.cwd()
    Path("glmdata.toml").touch()
    Path("deep/er").mkdir(parents=True)
    monkeypatch.chdir("deep/er")
    found = find_workspace(None, {})
    assert found.folder == top / "glmdata-out"
    assert found.config_file == top / "glmdata.toml"


def test_the_file_beside_a_named_workspace_is_read() -> None:
    Path("project").mkdir()
    Path("project/glmdata.toml").touch()
    found = find_workspace("project/results", {})
    assert found.config_file == Path.cwd() / "project/glmdata.toml"
    assert found.stage("dedup") == Path("project/results/dedup")
