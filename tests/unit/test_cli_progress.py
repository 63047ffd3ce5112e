from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from glmdata.cli import progress
from glmdata.cli.progress import Snapshot, resident_bytes, show_seconds, watched
from glmdata.stage.counters import Counters
from tests.unit.fake_native import Progress


def test_the_line_has_rates_time_left_and_memory() -> None:
    snapshot = Snapshot("scan", 20_000, 50_000_000, 150_000_000, 2.0)
    assert snapshot.line(512 * 2**20) == (
        "reading: 20,000 documents, 33%, 25.0 MB/s, 4.0 s left, 512 MiB memory"
    )


def test_learning_counts_tokens() -> None:
    snapshot = Snapshot("learn", 0, 20_000, 50_000, 4.0)
    assert (
        snapshot.line(2**30)
        == "learning: 20,000 tokens, 40%, 5,000 tokens/s, 6.0 s left, 1 GiB memory"
    )


def test_pairs_are_what_verification_counts() -> None:
    line = Snapshot("verify", 3_000, 3_000, 9_000, 2.0).line(2**30)
    assert line == "verifying: 3,000 pairs, 33%, 1,500 pairs/s, 4.0 s left, 1 GiB memory"
    # Of families the documents are known, and the pairs are not.
    line = Snapshot("follow", 90_000, 10, 40, 2.0).line(2**30)
    assert line == (
        "verifying families: 90,000 pairs, 25%, 45,000 pairs/s, 6.0 s left, 1 GiB memory"
    )


@pytest.mark.parametrize("done", [999, 1000, 1007])
def test_nothing_is_all_done_before_the_end(done: int) -> None:
    line = Snapshot("scan", 5, done, 1000, 1.0).line(2**20)
    assert "99%" in line
    assert ("finishing" in line) == (done >= 1000)
    assert "0.0 s" not in line


def test_files_are_hashed_and_rows_written() -> None:
    line = Snapshot("hash", 3, 30_000_000, 60_000_000, 1.0).line(2**30)
    assert line == "hashing: 3 files, 50%, 30.0 MB/s, 1.0 s left, 1 GiB memory"
    line = Snapshot("export", 40, 8_000_000, 0, 2.0).line(2**30)
    assert line == "writing: 40 rows, 4.0 MB/s, 1 GiB memory"


def test_counters_of_python_are_shown_like_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.01)
    counters = Counters("hash")
    counters.enter(100)
    counters.add(2, 50)
    with watched(counters):
        time.sleep(0.3)
    assert "hashing: 2 files, 50%" in capsys.readouterr().err
    counters.enter(7)
    assert counters.read() == ("hash", 0, 0, 7)


def test_without_a_total_there_is_no_time_left() -> None:
    assert "left" not in Snapshot("match", 5, 100, 0, 1.0).line(1)


def test_durations() -> None:
    assert [show_seconds(s) for s in (0.04, 59.9, 75, 7322)] == [
        "0.0 s",
        "59.9 s",
        "1 min 15 s",
        "2 h 2 min",
    ]


def test_memory_is_of_this_process() -> None:
    assert 2**20 < resident_bytes() < 2**36


def test_off_a_terminal_it_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.02)
    counters = Progress()
    read = counters.read
    seen: list[int] = []

    def counted() -> tuple[str, int, int, int]:
        seen.append(1)
        return read()

    monkeypatch.setattr(counters, "read", counted)
    with watched(counters):
        while len(seen) < 3:
            pass
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("reading: 3 documents, 50%") >= 2


def test_on_a_terminal_it_is_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.01)
    counters = Progress()
    read = counters.read
    seen: list[int] = []

    def counted() -> tuple[str, int, int, int]:
        seen.append(1)
        return read()

    monkeypatch.setattr(counters, "read", counted)
    with (tmp_path / "screen").open("w+", encoding="utf-8") as screen:
        monkeypatch.setattr(screen, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys, "stderr", screen)
        with watched(counters):
            while len(seen) < 3:
                pass
        screen.seek(0)
        text = screen.read()
        assert re.search(r"reading \S*━\S*\s+50% 3 documents [0-9.,]+ MB/s [0-9.]+ s left ", text)
