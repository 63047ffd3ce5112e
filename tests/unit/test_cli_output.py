from __future__ import annotations

import json
import sys

import pytest

from glmdata.cli.output import Shaded, say, say_json

HOSTILE = "\x1b[2J\x7f\x9b\u202e\u2066\u200f\U000e0041"


def test_everything_that_is_said_is_visible(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"a{HOSTILE}b", head=Shaded(f"error{HOSTILE}", "red"))
    out = capsys.readouterr().out
    assert out.endswith("a\\x1b[2J\\x7f\\x9b\\u202e\\u2066\\u200f\\U000e0041b\n")
    assert not set(out) & set(HOSTILE.replace("[2J", ""))


def test_json_is_escaped_and_stays_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    content = {HOSTILE: [HOSTILE, "你好", "\ud800"], "plain": 1.5}
    say_json(content)
    out = capsys.readouterr().out
    assert json.loads(out) == content
    assert "你好" in out
    assert not set(out) & set(HOSTILE.replace("[2J", ""))


def test_colour_is_ours_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    say(Shaded("lost \x1b[32m", "red"))
    assert capsys.readouterr().out == "\x1b[31mlost \\x1b[32m\x1b[0m\n"
    monkeypatch.setattr(sys, "stdout", None)
    say("nobody reads this")
    say_json({})
