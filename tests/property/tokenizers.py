"""Texts that tokenizers stumble over, and small vocabularies, for several test files."""

from __future__ import annotations

import base64
import random
import sys
import unicodedata
from collections.abc import Iterator

from glmdata.reference import bpe

ALPHABETS = (
    "abcdefghij ABC",
    "的一是在不了有和人这中大为上个国我以要他",
    "0123456789 .,",
    " \t\r\n\u00a0\u3000\u2028",
    "'sSdDtTlLvVeErRmM\u017f",
    "!?。，、（）「」-_=+/\\#@<>|[]{}",
    "éüñçßøåÄÖ αβγδ абвгд אבג ابت हिन्दी ไทย ភាសា 한국어 ひらがなカタカナ",
    "\u0300\u0301\u200d\ufe0f🦙👩🏽‍💻🇨🇳½²Ⅳ٣๓",
)

AWKWARD = (
    "",
    " ",
    "\n",
    "a" * 3000,
    "的" * 3000,
    "\u0301" * 500,
    "x\r\n\r\n  y \r\n",
    "I'LL we'Ve don'ſ 'S",
    "12345678901234567890",
    "<|endoftext|>[gMASK]<sop>",
    "\u0000\ufeff\uffff",
    "＃１２３ ４５",
    "   leading and trailing   ",
)


def random_texts(count: int, seed: int = 2406) -> Iterator[str]:
    """Short texts, most of two alphabets, some of any characters."""
    generator = random.Random(seed)
    for _ in range(count):
        length = generator.randint(1, 24)
        if generator.random() < 0.1:
            points = (generator.randrange(0x11000) for _ in range(length))
            yield "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)
        else:
            letters = "".join(generator.sample(ALPHABETS, 2))
            yield "".join(generator.choices(letters, k=length))


def category_texts() -> Iterator[str]:
    """A character of every Unicode category beside one of every other, plain and after a space."""
    of_category: dict[str, str] = {}
    for point in range(sys.maxunicode):
        category = unicodedata.category(chr(point))
        if category not in ("Cs", "Cn"):
            of_category.setdefault(category, chr(point))
    characters = [*of_category.values(), "中", "'", "\n", "a", "s"]
    for first in characters:
        for second in characters:
            yield f"{first}{second}"
            yield f"a {first}{second} {second}{first}\n{first}"


def trained_ranks(text: str, merges: int) -> dict[bytes, int]:
    """A small vocabulary that the slow twin learns from a text."""
    words: dict[bytes, int] = {}
    for piece in bpe.pieces(text):
        words[piece.encode()] = words.get(piece.encode(), 0) + 1
    ranks = {bytes([byte]): byte for byte in range(256)}
    for left, right in bpe.train(words, merges):
        ranks[left + right] = len(ranks)
    return ranks


def ranks_text(ranks: dict[bytes, int]) -> bytes:
    """The text of a .tiktoken file, made without the code under test."""
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ranks.items())
    return b"".join(lines)


SAMPLE = (
    "The fisherman mended the nets by the river-mouth, and the teacher counted 1234 seeds. "
    "渔民在河口修补渔网，老师在山谷里清点种子。没有人知道渔民为什么要修补旧地图。"
    "We'll see what they've done; it's 2026年11月21日。\n\n  - item\n  - другой пункт\n"
) * 3
