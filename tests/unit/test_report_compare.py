from __future__ import annotations

import pytest

from glmdata.report import compare as module
from glmdata.report.compare import Comparison, compare

PAIRS = [
    ("", ""),
    ("a", ""),
    ("one. two. three.", "one. 2. three."),
    ("你好，世界。再见。", "你好，中国。再见。"),
    ("same\n" * 50 + "left\n" + "same\n" * 50, "same\n" * 50 + "right\n" + "same\n" * 50),
    ("a b c", "c b a"),
    ("\n\n\n", "\n"),
]


def sides(comparison: Comparison) -> tuple[str, str]:
    left = "".join(text for hunk in comparison.hunks for text, _ in hunk.left)
    right = "".join(text for hunk in comparison.hunks for text, _ in hunk.right)
    return left, right


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_nothing_that_differs_is_left_out(
    left: str, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONTEXT", 1000)
    assert sides(compare(left, right)) == (left, right)


def test_words_are_marked() -> None:
    hunk = next(h for h in compare("你好，世界 12 号。", "你好，中国 13 号。").hunks if h.differs)
    assert [text for text, shared in hunk.left if not shared] == ["世界", "12"]
    assert [text for text, shared in hunk.right if not shared] == ["中国", "13"]


def test_long_shared_stretches_are_skipped() -> None:
    comparison = compare(*PAIRS[4])
    assert [hunk.skipped for hunk in comparison.hunks] == [49, 0, 0]
    assert comparison.skipped_after == 49


def test_equal_texts_show_their_head() -> None:
    comparison = compare("one.two.three.", "one.two.three.")
    assert sides(comparison) == ("one.", "one.")
    assert comparison.skipped_after == 2
    assert not comparison.hunks[0].differs


@pytest.mark.timeout(20)
def test_hostile_texts_take_bounded_time() -> None:
    assert compare("a.b!" * 100_000, "b.a!" * 100_000).truncated
    compare("word " * 100_000, "drow " * 100_000)
    compare("\u0301" * 100_000, "\u0300" * 100_000)
