"""Which Chinese a text is, as the rules read: sets of characters by the codecs of Python."""

from __future__ import annotations

import re
from dataclasses import dataclass

CANTONESE = "嘅咗唔喺冇佢啲嚟哋嘢咁嗰噉啱瞓攰諗嗌揾嘥㗎喎啩囉"
CLASSICAL = "之其而以于於也乎矣焉哉曰吾汝兮乃臣皆亦遂弗孰岂豈欤歟"
MODERN = "的了们們这這你她吗嗎吧呢很都就个個把没沒着它那哪什么麼被让讓给給还跟"
MODERN_PAIRS = re.findall(
    "..",
    "公司方式有关有關进行進行通过通過以及由于由於关于關於对于對於位于位於问题問題工作"
    "发展發展管理情况情況可以因此目前以下以上",
)

_SECOND = range(0x40, 0xFF)


def written(codec: str, first: range) -> frozenset[str]:
    """The ideographs whose first byte in a codec is one of these."""
    found = (bytes([a, b]).decode(codec, "ignore") for a in first for b in _SECOND)
    return frozenset(text for text in found if re.fullmatch("[\u3400-\u9fff]", text))


# In each standard level 1 holds the common characters, level 2 the others.
_MAINLAND_COMMON = written("gb2312", range(0xB0, 0xD8))
_MAINLAND = written("gb2312", range(0xB0, 0xF8))
_TAIWAN_COMMON = written("big5", range(0xA4, 0xC7))
_TAIWAN = _TAIWAN_COMMON | written("big5", range(0xC9, 0xFA))
_JAPAN_COMMON = written("euc_jp", range(0xB0, 0xD0))

SETS = {
    "simplified": (_MAINLAND - _TAIWAN) | (_MAINLAND_COMMON - _TAIWAN_COMMON),
    "traditional": _TAIWAN_COMMON - _MAINLAND,
    "japanese": _JAPAN_COMMON - _MAINLAND - _TAIWAN,
    "chinese": (_MAINLAND_COMMON | _TAIWAN_COMMON) - _JAPAN_COMMON,
    "cantonese": frozenset(CANTONESE),
}

_KANA = "[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]"
_HAN = (
    "[\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3105-\u312f\u31a0-\u31bf"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9]"
)


@dataclass(frozen=True)
class Reading:
    """Counts, the variety of Chinese, and whether the text is Japanese (None: nothing tells)."""

    counts: dict[str, int]
    variety: str
    japanese: bool | None


def read(text: str) -> Reading:
    """Count the signs of a text of the basic plane and conclude."""
    counts = {
        "han": len(re.findall(_HAN, text)),
        "kana": len(re.findall(_KANA, text)),
        **{name: sum(c in characters for c in text) for name, characters in SETS.items()},
    }
    words = "|".join(MODERN_PAIRS)
    # The second character of a modern word is no word of its own.
    ends = {found.start() + 1 for found in re.finditer(f"(?={words})", text)}
    ends |= {found.start() + 1 for found in re.finditer("分之", text)}
    single = [c for place, c in enumerate(text) if place not in ends]
    counts["classical"] = sum(c in CLASSICAL for c in single)
    counts["modern"] = len(re.findall(f"(?={words})", text)) + sum(c in MODERN for c in single)
    return Reading(counts, _variety(counts), _japanese(counts))


def _is_classical(counts: dict[str, int]) -> bool:
    enough = counts["classical"] >= 2 and counts["classical"] * 15 >= counts["han"]
    return enough and counts["modern"] * 60 <= counts["han"]


def _variety(counts: dict[str, int]) -> str:
    if counts["cantonese"] >= max(2, counts["han"] / 25):
        return "yue"
    if _is_classical(counts):
        return "lzh"
    simplified, traditional = counts["simplified"], counts["traditional"]
    if simplified > 2 * traditional:
        return "zh-Hans"
    return "zh-Hant" if traditional > 2 * simplified else "zh"


def _japanese(counts: dict[str, int]) -> bool | None:
    japanese = counts["kana"] + counts["japanese"]
    if japanese == counts["chinese"]:
        return False if _is_classical(counts) else None
    return japanese > counts["chinese"]
