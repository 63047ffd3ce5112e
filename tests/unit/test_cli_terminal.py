from __future__ import annotations

import io

import pytest

from glmdata.cli.terminal import visible, wants_color


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 你好 🙂\n\ttab", "plain 你好 🙂\n\ttab"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\r\x08\x7f\x9b2J", "\\r\\x08\\x7f\\x9b2J"),
        ("\u202eevil\u2066\u200b", "\\u202eevil\\u2066\\u200b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_could_move_the_terminal_is_spelled(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_stays_one_line() -> None:
    assert visible("a\nb\tc", one_line=True) == "a\\nb\\tc"


def test_colour_is_for_terminals_and_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_color(terminal)
    assert not wants_color(io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_color(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(terminal)
