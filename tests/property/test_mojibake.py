"""Text read in a wrong encoding comes back, what is lost is told, clean text is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.reference.mojibake import CYRILLIC_TABLE, LATIN_TABLE, mojibake

CLEAN = {
    "zh": (
        "渔民在河口修补渔网，老师在山谷里清点种子。他们说好明天一起去镇上，把多出来的鱼换成盐和布。"
    ),
    "zh-Hant": (
        "漁民在河口修補漁網，老師在山谷裡清點種子。他們說好明天一起去鎮上，把多出來的魚換成鹽。"
    ),
    "ja": "漁師は川の口で網を直し、先生は谷で種を数えている。明日は一緒に町へ行く約束をした。",
    "ko": (
        "어부는 강어귀에서 그물을 고치고, 선생님은 골짜기에서 씨앗을 센다. 내일 함께 읍내로 간다."
    ),
    "ru": (
        "Рыбак чинит сети у устья реки, а учительница счи"
        "тает семена в долине. Завтра они поедут в город."
    ),
    "uk": (
        "Рибалка лагодить сіті біля гирла річки, а вчител"
        "ька рахує насіння. Завтра вони поїдуть до міста."
    ),
    "bg": (
        "Рибарят кърпи мрежите край устието, а учителката брои семената. Утре ще отидат в града."
    ),
    "sr": (
        "Рибар крпи мреже на ушћу реке, а учитељица броји семе у долини. Сутра иду у град заједно."
    ),
    "fr": (
        "« Le pêcheur répare ses filets à l’embouchure » "
        "– la maîtresse, elle, compte les graines. Ça va !"
    ),
    "de": (
        "Der Fischer flickt seine Netze an der Mündung; d"
        "ie Lehrerin zählt die Körner. „Schön“, sagt sie."
    ),
    "es": (
        "El pescador remienda las redes; ¿cuántas semil"
        "las contó la señora? ¡Mañana irán a la ciudad!"
    ),
    "pt": (
        "O pescador conserta as redes na foz; a professo"
        "ra conta as sementes. Amanhã irão à cidade, não?"
    ),
    "pl": (
        "Rybak naprawia sieci u ujścia rzeki, a nauczycie"
        "lka liczy nasiona. Jutro pojadą do miasta, łódź."
    ),
    "cs": (
        "Rybář spravuje sítě u ústí řeky a učitelka poč"
        "ítá semena. Zítra půjdou společně do města, že?"
    ),
    "vi": (
        "Người đánh cá vá lưới ở cửa sông, còn cô giáo đ"
        "ếm hạt giống. Ngày mai họ sẽ cùng vào thị trấn."
    ),
    "el": (
        "Ο ψαράς μπαλώνει τα δίχτυα στις εκβολές και η δ"
        "ασκάλα μετρά τους σπόρους. Αύριο πάνε στην πόλη."
    ),
    "ar": (
        "الصياد يصلح شباكه عند مصب النهر، والمعلمة تعد"
        " البذور في الوادي. غدا يذهبان معا إلى المدينة."
    ),
    "hi": ("मछुआरा नदी के मुहाने पर जाल सुधार रहा है और शिक्षिका बीज गिन रही है। कल वे साथ शहर जाएँगे।"),
    "th": ("ชาวประมงซ่อมอวนที่ปากแม่น้ำ ส่วนครูนับเมล็ดพันธุ์ในหุบเขา พรุ่งนี้พวกเขาจะเข้าเมืองด้วยกัน"),
    "tr": (
        "Balıkçı ağlarını nehrin ağzında onarıyor, öğre"
        "tmen tohumları sayıyor. Yarın şehre gidecekler."
    ),
    "is": (
        "Sjómaðurinn gerir við netin við ósinn og kenns"
        "lukonan telur fræin. Á morgun fara þau í bæinn."
    ),
}
EXAMPLES = [
    "Mojibake such as Ã© for é, or â€™ and Ã¨, comes from reading UTF-8 as Latin-1. "
    + "Editors show what they have read, and nobody sees the bytes. " * 12,
    "当 UTF-8 被当作 GBK 读取时，会出现“锟斤拷”三个字；它们来自 U+FFFD。这是常见的问题。" * 2,
    "The sign \ufffd stands for what could not be read: one \ufffd a letter. "
    + "It is rare. " * 20,
    "naïve café, Ünal, Ångström, Dvořák, Łódź, São Paulo, Curaçao, Besançon",
    "£100 — ½ of it • «oui» ¿qué? ©®™ §3 ¶4 °C ±5 µm ×2 ÷3",
]


SPARSE = [
    head + 60 * tail
    for head, tail in (
        (
            "The gate isn\u2019t locked at night, and whoever comes late may simply walk in. ",
            "All is calm. ",
        ),
        (
            "\u201cCome back before the rain,\u201d she said, and nobody did. ",
            "They had no coats. ",
        ),
        ("We took the desks \u2013 and the lamps \u2013 to the new house. ", "It has four rooms. "),
        ("The café by the river sells naïve paintings and crème brûlée. ", "It opens at ten. "),
        ("Tickets are \u20ac12 at the door\u2026 bring a friend. ", "There will be music. "),
        (
            "Congratulations to all of you \U0001f389 on the new school. ",
            "We will come and see it. ",
        ),
    )
]
"""English with a few characters that are no ASCII."""

LESSONS = [
    head + 60 * tail
    for head, tail in (
        (
            "Where it says donâ€™t, the page was read as windows-1252 and not as UTF-8. ",
            "Read it again. ",
        ),
        (
            "The mark `â€™` stands where an apostrophe should be, and so does `â€œ`. ",
            "Look for it. ",
        ),
        (
            "You will find \u201câ€™\u201d and \u201câ€œ\u201d all over the export. ",
            "Nobody made it. ",
        ),
        ("Run it:\n\n```\nprint('it isnâ€™t so, they said, and theyâ€™re right')\n```\n", "Good. "),
        ("page.replace('â€™', \"'\").replace('â€œ', '\"') is what it did. ", "It is gone. "),
        ("The list of signs has â€™ and â€œ and Ã© and Ã¨ and Ã¤ in it. ", "It is a long list. "),
        ("如果看到 isnâ€™t 这样的乱码，多半是编码读错了。", "换一种方式打开文件就好。"),
        (
            "Das Zeichen Ã© ist falsch; über Größe, Maß und Straße spricht keiner. ",
            "So ist es über Jahre. ",
        ),
    )
]
"""Texts that show it."""


def read_as(table: dict[str, int], data: bytes) -> str:
    """Bytes as a reader of one byte a character sees them."""
    back = {byte: character for character, byte in table.items()}
    return "".join(back[byte] if byte >= 0x80 else chr(byte) for byte in data)


WRONG: dict[str, Callable[[str], str]] = {
    "windows-1252": lambda text: read_as(LATIN_TABLE, text.encode()),
    "windows-1252 twice": lambda text: read_as(
        LATIN_TABLE, read_as(LATIN_TABLE, text.encode()).encode()
    ),
    "windows-1251": lambda text: read_as(CYRILLIC_TABLE, text.encode()),
    "latin-1": lambda text: text.encode().decode("latin-1"),
}


@pytest.mark.parametrize("lang", CLEAN)
def test_text_in_many_languages_comes_back(lang: str) -> None:
    text = CLEAN[lang]
    assert _native.mojibake(text) is None
    assert _native.mojibake(WRONG["windows-1252"](text)) == text
    assert _native.mojibake(WRONG["windows-1252 twice"](text)) == text
    assert _native.mojibake(WRONG["latin-1"](text)) == text
    if lang in ("ru", "uk", "bg", "sr"):
        assert _native.mojibake(WRONG["windows-1251"](text)) == text
    if lang in ("zh", "zh-Hant"):
        read = read_as(LATIN_TABLE, text.encode("gb18030"))
        assert _native.mojibake(read) == text


def test_a_page_may_be_broken_among_ascii() -> None:
    page = f"<h1>Nets</h1> {WRONG['windows-1252'](CLEAN['fr'])} 1234 {CLEAN['fr'][:0]}\n" * 3
    assert _native.mojibake(page) == f"<h1>Nets</h1> {CLEAN['fr']} 1234 \n" * 3
    tidied = WRONG["windows-1252"]("这是一个很好的例子，大家都喜欢。").replace("\xa0", " ")
    assert _native.mojibake(tidied) == "这是一个很好的例子，大家都喜欢。"


@pytest.mark.parametrize("text", SPARSE)
@pytest.mark.parametrize("wrong", ["windows-1252", "windows-1252 twice", "latin-1"])
def test_a_few_broken_characters_in_english_come_back(text: str, wrong: str) -> None:
    assert _native.mojibake(text) is None
    assert _native.mojibake(WRONG[wrong](text)) == text


def test_a_closing_quote_comes_back_without_its_last_byte() -> None:
    text = SPARSE[1]
    for dropped in ("", " "):
        read = WRONG["windows-1252"](text).replace("\x9d", dropped)
        assert _native.mojibake(read) == text.replace("\u201d", "\u201d" + dropped)


@pytest.mark.parametrize("text", EXAMPLES + LESSONS)
def test_examples_in_clean_text_are_left(text: str) -> None:
    assert _native.mojibake(text) is None


@pytest.mark.parametrize("lang", ["zh", "ja", "ru", "fr"])
def test_what_lost_its_bytes_is_told(lang: str) -> None:
    text = CLEAN[lang]
    assert _native.mojibake("".join(c if n % 8 else "\ufffd" for n, c in enumerate(text))) == ""
    if lang in ("zh", "ja"):
        read = text.encode().decode("gb18030", "replace")
        assert _native.mojibake(read) in ("", text)
        dropped = WRONG["windows-1252"](text)
        dropped = dropped.translate(dict.fromkeys([0x81, 0x8D, 0x8F, 0x90, 0x9D]))
        assert _native.mojibake(dropped) in ("", text)
    assert _native.mojibake("锟斤拷锟斤拷锟斤拷烫烫" + text[:20]) == ""


PIECES = [
    *CLEAN.values(),
    *(wrong(text) for wrong in WRONG.values() for text in CLEAN.values()),
    *EXAMPLES,
    *SPARSE,
    *map(WRONG["windows-1252"], SPARSE),
    *LESSONS,
    *("锛", "銆", "锟斤拷", "\ufffd", "Ã", "©", "â", "€", "™", "Р", "°", " ", "\xa0", "a", "中"),
]


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.integers(0, 60), st.integers(1, 99)), max_size=6)
)
def test_the_twin_says_the_same(parts: list[tuple[str, int, int]]) -> None:
    text = "".join(piece[start : start + length] for piece, start, length in parts)
    assert _native.mojibake(text) == mojibake(text)


SHOWN = [
    "â€™",
    "â€œ",
    "â€\x9d",
    "â€",
    "Ã©",
    "Â\xa0",
    "ðŸ˜€",
    "ï»¿",
    "é",
    "`",
    "```",
    "\n",
    '"',
    "(",
]
SHOWN += [")", "word", " ", " ", "a", "中", "utf-8", ","]


@settings(max_examples=600)
@given(st.lists(st.sampled_from(SHOWN), max_size=14))
def test_the_twin_says_the_same_of_a_few(parts: list[str]) -> None:
    text = "".join(parts) + " and so on" * 30
    assert _native.mojibake(text) == mojibake(text)


@settings(max_examples=600)
@given(st.text(alphabet="ÃÄâ€™©°ä½¸šРСѓЂ‚锛銆锟斤拷\ufffd a\xa0é中", max_size=40))
def test_the_twin_says_the_same_of_noise(text: str) -> None:
    assert _native.mojibake(text) == mojibake(text)
