from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from glmdata import errors
from glmdata.cli.main import run
from tests.conftest import Crawl
from tests.unit.fake_native import FakeNative

FAILURES = [
    (errors.ConfigError("bands: expected x, found y", hint="try z"), 2),
    (errors.InputError("crawl/: expected files, found none"), 2),
    (errors.StorageError("write x: no space left on device"), 4),
    (errors.MissingFileError("read x: no such file"), 4),
    (errors.CorruptDataError("x: damaged"), 4),
    (OSError(28, "No space left on device"), 4),
    (errors.MemoryBudgetError("pairs need 8 bytes more"), 5),
    (MemoryError(), 5),
    (errors.InternalError("a broken promise"), 70),
    (ZeroDivisionError("surprise"), 70),
    (KeyboardInterrupt(), 130),
]


@pytest.fixture(autouse=True)
def _restored_signals() -> object:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=lambda value: repr(value)[:30])
def test_each_failure_has_its_code_and_message(
    native: FakeNative,
    crawl: Crawl,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    code: int,
) -> None:
    crawl({"text": "x"})
    native.failure = failure
    assert run(["dedup", "--input", "crawl"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: " in captured.err
    assert ("Traceback" in captured.err) == (code == 70)
    if getattr(failure, "hint", None):
        assert captured.err == "error: bands: expected x, found y\nhint: try z\n"


def test_termination_stops_like_an_interrupt(
    native: FakeNative, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl({"text": "x"})
    monkeypatch.setattr(native, "dedup", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    assert run(["dedup", "--input", "crawl"]) == 143


def test_gates_fail_with_a_complete_output(
    native: FakeNative, crawl: Crawl, capsys: pytest.CaptureFixture[str]
) -> None:
    crawl(*[{"text": "same", "source": "web"}] * 4)
    flags = ["dedup", "--input", "crawl", "--max-source-loss", "0.5"]
    assert run(flags) == 1
    assert run(flags) == 1
    assert "warning: source 'web' lost 75.0%" in capsys.readouterr().err
    crawl(*["broken"] * 11)
    assert run([*flags, "--fresh"]) == 3
    assert Path("glmdata-out/dedup/manifest.json").exists()


def test_a_missing_build_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError("no module", name="glmdata._native")

    monkeypatch.setattr("glmdata.cli.verbs.import_module", missing)
    assert run(["dedup"]) == 70
    assert "make build" in capsys.readouterr().err
