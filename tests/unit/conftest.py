"""The stand-in for the compiled module, put in its place everywhere it is used."""

from __future__ import annotations

import importlib

import pytest

from tests.unit.fake_native import FakeNative

USERS = (
    "glmdata.dedup",
    "glmdata.stage.origin",
    "glmdata.stage.inputs",
    "glmdata.dedup.plan",
    "glmdata.dedup.run",
)


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> FakeNative:
    """The stand-in; its `calls` tell what was asked of it."""
    fake = FakeNative()
    # What earlier tests left in this process must not count against a --memory of a test.
    monkeypatch.setattr("glmdata.config.limits.resident_memory", lambda: 100 << 20)
    for name in USERS:
        # By import_module, for `glmdata.dedup.run` names the function of that name.
        monkeypatch.setattr(importlib.import_module(name), "_native", fake)
    return fake
