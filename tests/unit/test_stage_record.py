from __future__ import annotations

import platform
import socket
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from glmdata.stage.record import forget_peak_memory, host_facts, now, peak_memory


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system cannot forget")
def test_a_peak_can_be_forgotten() -> None:
    held = bytearray(300 << 20)
    before = peak_memory()
    assert len(held) <= before
    del held
    forget_peak_memory()
    assert peak_memory() < before - (200 << 20)


def test_the_host_is_what_the_standard_library_says_it_is() -> None:
    facts = host_facts()
    assert facts["name"] == socket.gethostname()
    assert facts["system"] == f"{platform.system()}-{platform.release()}"
    assert facts["machine"] == platform.machine()
    assert facts["python"] == platform.python_version()


def test_now_is_in_utc() -> None:
    moment = datetime.fromisoformat(now())
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(timezone.utc) - moment) < timedelta(minutes=1)
