"""What can be said of a vocabulary without any text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from glmdata.tokenizer.tables import script_of
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.verify import spelled

EXAMPLES = 24
LONGEST = 6
"""Tokens shown of each script."""
LONG_HAN = 4
"""Han tokens of more characters are worth a look: of Qwen's 24,671 appended ones 15 are longer."""

_HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def token_facts(tokenizer: Tokenizer, lexicon: Sequence[str], cover: str) -> dict[str, Any]:
    """Validity, parts of characters, numbers, Han, suspects and the longest tokens."""
    tokens = tokenizer.token_bytes()
    texts = [_text(token) for token in tokens]
    return {
        "ranks": len(tokens),
        "special_tokens": len(tokenizer.special_tokens),
        "rows": tokenizer.rows,
        "sha256": tokenizer.sha256,
        "pattern": tokenizer.pattern,
        "validity": _validity(tokenizer, tokens),
        "characters": _parts_of_characters(tokens, texts),
        "numbers": _numbers(tokenizer),
        "han": _han(texts, cover),
        "suspects": _suspects(texts, lexicon),
        "longest": _longest(texts),
    }


def entry(rank: int, token: bytes) -> dict[str, Any]:
    """A token as the report shows it; `text` is null for what is no UTF-8."""
    return {"id": rank, "bytes": spelled(token), "text": _text(token)}


def _validity(tokenizer: Tokenizer, tokens: Sequence[bytes]) -> dict[str, Any]:
    faults = tokenizer.faults(limit=None)
    unreachable = [rank for rank, _, reachable in faults if not reachable]
    return {
        "rank_invalid": len(faults),
        "unreachable": len(unreachable),
        "examples": [entry(rank, tokens[rank]) for rank in unreachable[-EXAMPLES:]],
    }


def _parts_of_characters(tokens: Sequence[bytes], texts: Sequence[str | None]) -> dict[str, Any]:
    """Tokens of several bytes that are no UTF-8.

    A fragment lies inside one character and is harmless; a straddling token joins a part of a
    character with what is outside of it.
    """
    fragments = straddling = 0
    examples = []
    for rank, token in enumerate(tokens):
        if texts[rank] is not None or len(token) == 1:
            continue
        if _inside_one_character(token):
            fragments += 1
        else:
            straddling += 1
            examples.append(entry(rank, token))
    return {
        "fragments": fragments,
        "straddling": straddling,
        "examples": examples[:EXAMPLES],
    }


def _inside_one_character(token: bytes) -> bool:
    behind = token[1:]
    return all(byte & 0xC0 == 0x80 for byte in behind) and token[0] >= 0x80


def _numbers(tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """How many of the numbers of one, two and three digits are one token each."""
    rows = []
    for digits in (1, 2, 3):
        numbers = [f"{number:0{digits}}" for number in range(10**digits)]
        whole = sum(tokenizer.count(number) == 1 for number in numbers)
        rows.append({"digits": digits, "numbers": len(numbers), "one_token": whole})
    return rows


def _han(texts: Sequence[str | None], cover: str) -> dict[str, Any]:
    words = {text for text in texts if text is not None and _HAN.search(text)}
    single = {text for text in words if len(text) == 1}
    lists = [*_character_lists(), *([("--cover", set(cover))] if cover else [])]
    return {
        "tokens": len(words),
        "single": len(single),
        "coverage": [
            {"list": name, "characters": len(members), "one_token": len(members & single)}
            for name, members in lists
        ],
    }


def _character_lists() -> Iterator[tuple[str, set[str]]]:
    """Character sets of national standards, from the codecs that every Python has."""

    def between(codec: str, first: int, last: int) -> set[str]:
        codes = (code.to_bytes(2, "big") for code in range(first, last + 1))
        return {c for code in codes if _HAN.fullmatch(c := code.decode(codec, "ignore"))}

    yield "GB 2312, level 1 (frequent)", between("gb2312", 0xB0A1, 0xD7F9)
    yield "GB 2312, level 2", between("gb2312", 0xD8A1, 0xF7FE)
    yield "Big5, level 1 (frequent)", between("big5", 0xA440, 0xC67E)


def _suspects(texts: Sequence[str | None], lexicon: Sequence[str]) -> dict[str, Any]:
    """Tokens that a person should read: long Han phrases, and those with a word of the lexicon."""
    words = re.compile("|".join(map(re.escape, sorted(lexicon)))) if lexicon else None
    long, hits = [], []
    for rank, text in enumerate(texts):
        if text is None:
            continue
        han = len(_HAN.findall(text))
        if han > LONG_HAN:
            long.append((-han, rank))
        if words is not None and words.search(text):
            hits.append(rank)
    return {
        "long_han": len(long),
        "longest_han": [
            {"id": rank, "text": texts[rank], "characters": -han}
            for han, rank in sorted(long)[:EXAMPLES]
        ],
        "lexicon_words": len(lexicon),
        "lexicon_hits": len(hits),
        "hits": [{"id": rank, "text": texts[rank]} for rank in hits[:EXAMPLES]],
    }


def _longest(texts: Sequence[str | None]) -> list[dict[str, Any]]:
    """The longest tokens of every script that has at least ten, the most frequent script first."""
    by_script: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for rank, text in enumerate(texts):
        if text is not None:
            by_script[script_of(text)].append((-len(text), rank))
    rows: list[dict[str, Any]] = []
    for script, found in sorted(by_script.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(found) >= 10:
            longest = [
                {"id": rank, "text": texts[rank], "characters": -length}
                for length, rank in sorted(found)[:LONGEST]
            ]
            rows.append({"script": script, "tokens": len(found), "longest": longest})
    return rows


def _text(token: bytes) -> str | None:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None
