"""The runner of benchmarks drops no line that a process says of itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHES = Path(__file__).parents[2] / "benches"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Any:
    """benches/run.py as a module."""
    monkeypatch.syspath_prepend(str(BENCHES))
    before = set(sys.modules)
    spec = importlib.util.spec_from_file_location("bench_run", BENCHES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bench_run", module)
    spec.loader.exec_module(module)
    yield module
    for name in set(sys.modules) - before:
        sys.modules.pop(name)


def test_names_with_signs_are_figures_too(runner: Any) -> None:
    lines = ["ids,12", "zh-held:cl100k-keep,4.11", "o200k_base en: bytes,3.67", "", "delta,-1.5e-3"]
    assert dict(runner.figures(lines)) == {
        "ids": 12.0,
        "zh-held:cl100k-keep": 4.11,
        "o200k_base en: bytes": 3.67,
        "delta": -0.0015,
    }
    header = "corpus,simd,stage,bytes,best_mb_s,median_mb_s"
    source = (BENCHES.parent / "rust/glmdata-dedup/examples/sketch_speed.rs").read_text()
    assert f'"{header}"' in source
    assert dict(runner.figures([header, "crawl-01,x,sketch,3,1.5,2.5"])) == {
        "sketch_mb_s": 2.5,
        "sketch_best_mb_s": 1.5,
    }


@pytest.mark.parametrize("line", ["warming up", "a,b", "a,1,2", "speed,1.2 MB/s"])
def test_a_line_that_is_none_is_an_error(runner: Any, line: str) -> None:
    with pytest.raises(ValueError, match="expected `measure,value`"):
        list(runner.figures(["ids,1", line]))


def test_what_a_rival_says_besides_is_repeated(
    runner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["998860 unique words", "train_s,20.7"]
    assert dict(runner.figures(lines, rival=True)) == {"train_s": 20.7}
    assert "passed over: 998860 unique words" in capsys.readouterr().err
