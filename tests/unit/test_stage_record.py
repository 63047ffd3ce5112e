from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.stage.record import forget_peak_memory, peak_memory


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system cannot forget")
def test_a_peak_can_be_forgotten() -> None:
    held = bytearray(300 << 20)
    before = peak_memory()
    assert len(held) <= before
    del held
    forget_peak_memory()
    assert peak_memory() < before - (200 << 20)
