"""Values that files of earlier versions hold: shingle hashes, sketches, band keys.

An index and a ledger stay of use only while the same text gives the same numbers on every machine
and in every version. README.md says when the expected values may be written anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glmdata import _native
from glmdata.reference.shingles import shingle_hash, shingles
from glmdata.reference.sketch import sketch

EXPECTED = Path(__file__).with_name("sketch-v3.json")

TEXTS = {
    "zh": "去重只看文字本身：同一篇文章换了时间、计数和导航，仍是同一篇；换了数字就是另一篇。",
    "en": "Two pages that share eight words of ten are near copies, and one is enough here.",
    "mixed": "用 tokenizer 训练 GLM-4 的 150K 词表, then merge it with cl100k_base，再检查 token。",
    "thai": "ข้อความภาษาไทยไม่มีช่องว่างระหว่างคำ จึงนับเป็นตัวอักษร",
    "folds": "ＧＬＭ－４　Straße ﬁne ㍿ ｶﾞｷﾞ e\u0301t\u0301e İI ǅ",
    "code": "def f(x_1):\n    return x_1 ** 2 != 0  # 平方\n",
    "short": "短",
    "nothing": " …!? ",
    "long word": "counterrevolutionaries " * 6 + "antidisestablishmentarianism",
}


def values_of(name: str, text: str) -> dict[str, Any]:
    mode = "code" if name == "code" else "mixed"
    hashes = _native.shingle_hashes(text, mode)
    slots = _native.sketch(hashes, 128)
    return {
        "mode": mode,
        "normal form": _native.normalise(text),
        "shingles": len(hashes),
        # As strings: JSON readers of other languages have no 64-bit integers.
        "first hashes": [str(value) for value in hashes[:3]],
        "first slots": [str(value) for value in slots[:4]],
        "band keys 16x8": [str(key) for key in _native.band_keys(slots, 16, 8)],
    }


@pytest.mark.parametrize("name", TEXTS)
def test_values_are_those_of_this_version(name: str) -> None:
    assert values_of(name, TEXTS[name]) == json.loads(EXPECTED.read_text())[name]


def test_the_expected_values_are_the_twins_too() -> None:
    """Had they been copied from a wrong build, this would not know them."""
    for name, found in json.loads(EXPECTED.read_text()).items():
        every = shingles(TEXTS[name], found["mode"])
        assert len(every) == found["shingles"]
        if max((len(unit.encode()) for shingle in every for unit in shingle), default=0) <= 15:
            hashes = [shingle_hash(shingle) for shingle in every]
            assert [str(value) for value in hashes[:3]] == found["first hashes"]
            assert [str(value) for value in sketch(hashes, 128)[:4]] == found["first slots"]


if __name__ == "__main__":
    values = {name: values_of(name, text) for name, text in TEXTS.items()}
    EXPECTED.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n")
