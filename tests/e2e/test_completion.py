from __future__ import annotations

import pytest

from tests.e2e.conftest import Glmdata


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_names_the_program(glmdata: Glmdata, shell: str) -> None:
    done = glmdata("completion", shell)
    assert done.code == 0, done.err
    assert "_GLMDATA_COMPLETE" in done.out


def test_a_shell_is_told_verbs_and_flags(glmdata: Glmdata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_GLMDATA_COMPLETE", "bash_complete")
    for words, expected in (("glmdata de", "dedup"), ("glmdata dedup --thresh", "--threshold")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        assert f"plain,{expected}" in glmdata().out.split()


def test_another_shell_is_refused(glmdata: Glmdata) -> None:
    done = glmdata("completion", "tcsh")
    assert done.code == 2
    assert "bash" in done.err
