"""Languages as rules see them: one word for each, however a corpus writes its tags.

`en`, `EN`, `en-US`, `eng`, `eng_Latn` and `English` are `en`. Codes of three letters are those of
ISO 639-2 (both kinds) and 639-3, for the languages that crawls are mostly in.
"""

from __future__ import annotations

from typing import Any

_NAMES = {
    "zh": "zho chi chinese yue lzh cmn wuu hak nan 中文 汉语 漢語 普通话",
    "en": "eng english 英文 英语",
    "ja": "jpn japanese 日本語 日语",
    "ko": "kor korean 한국어",
    "ar": "ara arb arabic",
    "bn": "ben bengali",
    "cs": "ces cze czech",
    "da": "dan danish",
    "de": "deu ger german deutsch",
    "el": "ell gre greek",
    "es": "spa spanish",
    "fa": "fas per pes persian",
    "fi": "fin finnish",
    "fr": "fra fre french",
    "he": "heb hebrew",
    "hi": "hin hindi",
    "hu": "hun hungarian",
    "id": "ind indonesian",
    "it": "ita italian",
    "nl": "nld dut dutch",
    "no": "nor nob nb norwegian",
    "pl": "pol polish",
    "pt": "por portuguese",
    "ro": "ron rum romanian",
    "ru": "rus russian",
    "sv": "swe swedish",
    "th": "tha thai",
    "tr": "tur turkish",
    "uk": "ukr ukrainian",
    "ur": "urd urdu",
    "vi": "vie vietnamese",
}
_LANGUAGES = {name: code for code, names in _NAMES.items() for name in names.split()}

_FIRST_PART = "^([^-_]*)"


def primary(tag: str) -> str:
    """The language of a tag: `zh` of all of Chinese, else the first part in lower case.

    Examples
    --------
    >>> primary("eng_Latn"), primary("zh-Hant"), primary("gsw")
    ('en', 'zh', 'gsw')
    """
    first = tag.replace("_", "-").split("-")[0].lower()
    return _LANGUAGES.get(first, first)


def primary_of(tags: Any) -> Any:
    """The same of a polars column of tags; null stays null."""
    return tags.str.extract(_FIRST_PART).str.to_lowercase().replace(_LANGUAGES)
