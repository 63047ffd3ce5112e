"""Which inventory a document is counted in, as the rule reads."""

from __future__ import annotations

import re
from collections import Counter

LOOKED_AT = 2_000
"""Characters that are looked at to tell the script."""

_CHINESE = {"zh", "yue", "lzh", "cmn", "wuu", "hak", "nan"}
_UNSAID = {"", "und"}
_HAN = (
    "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # as base.rs has it
)
_SCRIPTS = {
    "zh": f"[{_HAN}]",
    "ja": "[\u3040-\u30ff]",
    "ko": "[\u1100-\u11ff\uac00-\ud7af]",
    "und-Latn": "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]",
    "und-Cyrl": "[\u0400-\u052f]",
    "und-Arab": "[\u0600-\u06ff\u0750-\u077f]",
    "und-Deva": "[\u0900-\u097f]",
    "und-Thai": "[\u0e00-\u0e7f]",
}

_NO_LETTERS = (
    "[\u0000-\u024f\u2000-\u303f\ufe00-\ufe6f\uff00-\uffff"
    "\U0001f000-\U0001ffff\U000e0000-\U0010ffff]"
)
"""Signs, punctuation and forms of other characters, where no script above has them."""


def language_of(text: str, lang: str | None = None, source: str = "") -> str:
    """The first part of the language tag, or `und-` and the script of most letters."""
    if source == "code":
        return "code"
    primary = re.split("[-_]", (lang or "").lower())[0]
    if primary in _CHINESE:
        return "zh"
    known = primary == "code" or re.fullmatch("[a-z]{2,3}", primary)
    if known and primary not in _UNSAID:
        return primary
    return script_of(text)


def script_of(text: str) -> str:
    """The script that more than half of the letters have; `zh`, `ja` and `ko` for theirs."""
    counts: Counter[str] = Counter()
    for character in text[:LOOKED_AT]:
        names = (name for name, pattern in _SCRIPTS.items() if re.match(pattern, character))
        name = next(names, "" if re.match(_NO_LETTERS, character) else "und-Zyyy")
        if name:
            counts[name] += 1
    if counts["ja"] * 10 > counts["zh"]:
        counts["ja"] += counts.pop("zh", 0)
    name, most = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return name if most * 2 > counts.total() else "und-Zyyy"
