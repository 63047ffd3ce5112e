"""The table of `--script-fold` against OpenCC itself, and normal forms against the twin."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from glmdata._native import normalise
from glmdata.reference import normalise as twin
from glmdata.reference.script_fold import fold_character, fold_script
from tests.property.texts import KNOWN

BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x32400))


def test_every_han_character_is_folded_as_opencc_does() -> None:
    """The two packages are of different days: one character in a hundred may differ."""
    known = set(KNOWN)
    han = [chr(code) for low, high in BLOCKS for code in range(low, high) if code in known]
    ours = {character: normalise(character, fold_script=True) for character in han}
    theirs = {character: fold_character(character) for character in han}
    folded = [character for character in han if theirs[character] != character]
    assert len(folded) > 3_500
    differ = [character for character in han if ours[character] != theirs[character]]
    assert len(differ) <= len(folded) // 100, "".join(differ)


@given(
    st.text(
        st.sampled_from("臺灣台湾無罪释放釋裏裡里後后乾幹干發髮发鐘鍾钟 aB，\u200b\uf914樂\u3000")
    )
)
def test_a_folded_normal_form_is_that_of_the_folded_text(text: str) -> None:
    assert normalise(text, fold_script=True) == twin.normalise(fold_script(text))
    assert unicodedata.is_normalized("NFKC", normalise(text, fold_script=True))
