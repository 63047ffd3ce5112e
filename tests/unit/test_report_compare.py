from __future__ import annotations

import random
import time
from difflib import SequenceMatcher

import pytest

from glmdata import _native
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


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["{}\n", "{} ", "第{}条。"])
def test_pieces_that_repeat_take_bounded_time(piece: str) -> None:
    """Two documents of 12 to 25 KB, of few different lines, sentences or words."""
    rng = random.Random(piece)
    texts = ["".join(piece.format(rng.choice("abc")) for _ in range(6_000)) for _ in range(2)]
    begun = time.monotonic()
    compare(*texts)
    assert time.monotonic() - begun < 3


def test_as_much_is_shared_as_difflib_finds() -> None:
    rng = random.Random(2)
    for _ in range(200):
        left = [rng.choice("abcdefgh") for _ in range(rng.randrange(40))]
        right = [rng.choice("abcdefgh") for _ in range(rng.randrange(40))]
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        expected = sum(block.size for block in matcher.get_matching_blocks())
        differing = _native.differences(left, right)
        assert len(left) - sum(end - start for start, end, _, _ in differing) >= expected
