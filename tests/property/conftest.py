"""What several property tests set up alike."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets as small as the inputs here, not counting what the test process holds."""
    # By name, since the package has a function of the module's name.
    module = sys.modules["glmdata.dedup.run"]
    monkeypatch.setattr(module, "working_memory", lambda memory, threads: memory)
