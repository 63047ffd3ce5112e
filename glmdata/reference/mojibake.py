"""Text that was read in the wrong encoding: sequences of UTF-8 one by one, GBK by the codec.

The compiled half asks first whether a text can be mojibake at all, by a few bytes; here the same
questions are asked of characters.
"""

from __future__ import annotations

import contextlib
import re

from glmdata.reference.sparse_mojibake import TALK, Sequence, are_certain

PASSES, LEAST, A_THOUSAND = 3, 3, 5
EXAMPLES = 20
LOST, LATIN, LATIN_LEAST, COMMON, GONE, MARKED = 0.02, 0.3, 12, 0.6, 0.05, 0.01
SAMPLE = 4096
QUOTE = [0xE2, 0x80]

DAMAGED = ""
"""What stands for a text that cannot be brought back."""


def _table(encoding: str) -> dict[str, int]:
    table = {}
    for byte in range(0x80, 0x100):
        with contextlib.suppress(UnicodeDecodeError):
            table[bytes([byte]).decode(encoding)] = byte
    # Undefined bytes are the controls of Latin-1, and so are all below 0xA0 if it was Latin-1.
    return {**{chr(byte): byte for byte in range(0x80, 0xA0)}, **table}


LATIN_TABLE, CYRILLIC_TABLE = _table("cp1252"), _table("cp1251")


def mojibake(text: str) -> str | None:
    """What a text had been; None if it is clean, `DAMAGED` if that is lost."""
    repaired = None
    for _ in range(PASSES):
        better = _once(text if repaired is None else repaired)
        if better is None:
            break
        if better == DAMAGED:
            return DAMAGED
        repaired = better
    return repaired


def _once(text: str) -> str | None:
    found = None
    pairs = _pairs(text)
    if pairs:
        found = _sequences(text, LATIN_TABLE)
    if found is None and pairs >= LEAST:
        found = _latin(text)
    if found is None and _has_odd_letters(text.encode()[:SAMPLE]):
        found = _sequences(text, CYRILLIC_TABLE)
    if found is None and max(text.count("锛"), text.count("銆")) >= 2:
        found = _as_gbk(text)
    if found is not None:
        return found
    named = text.count("锟斤拷")
    gone = text.count("\ufffd") + (3 * named if named >= LEAST else 0)
    return DAMAGED if gone >= LEAST and gone >= GONE * len(text) else None


def _pairs(text: str) -> int:
    leads = [at for at, character in enumerate(text) if "\u00c0" <= character <= "\u00ff"]
    pairs = sum(text[at + 1 : at + 2] > "\x7f" for at in leads)
    return pairs if pairs * 4 >= len(leads) else 0


def _has_odd_letters(data: bytes) -> bool:
    if data.count(b"\xd0") <= LEAST:
        return False
    pairs = [data[at : at + 2] for at in range(len(data) - 1)]
    odd = sum(
        first in (0xC2, 0xE2)
        or (first == 0xD0 and second < 0x90)
        or (first == 0xD1 and second >= 0x90)
        for first, second in pairs
    )
    return odd * 4 >= sum(first >= 0xC2 for first, _ in pairs)


def _width(byte: int) -> int:
    if 0xC2 <= byte <= 0xDF:
        return 2
    if 0xE0 <= byte <= 0xEF:
        return 3
    return 4 if 0xF0 <= byte <= 0xF4 else 0


def _sequences(text: str, table: dict[str, int]) -> str | None:
    better: list[str] = []
    found: list[Sequence] = []
    good = lost = covered = at = 0
    while at < len(text):
        byte = table.get(text[at], 0)
        size = _width(byte)
        sequence = [byte]
        while size and len(sequence) < size and at + len(sequence) < len(text):
            following = text[at + len(sequence)]
            continuation = table.get(following, 0)
            if 0x80 <= continuation <= 0xBF:
                sequence.append(continuation)
            elif following == " " and len(sequence) + 1 == size > 2 and sequence[:2] != QUOTE:
                sequence.append(0xA0)
            else:
                break
        try:
            decoded = bytes(sequence).decode() if size == len(sequence) else None
        except UnicodeDecodeError:
            decoded = None
        if decoded is None and sequence == QUOTE:
            # The third byte of a closing quote has no character; most who read it so drop it.
            decoded, size = "\u201d", 2
        if decoded is not None:
            found.append((at, size, decoded))
            good += 1
            covered += size
            better.append(decoded)
            at += size
        elif len(sequence) > 1 and size > 2:
            lost += 1
            better.append("\ufffd")
            at += len(sequence)
        else:
            better.append(text[at])
            at += 1
    others = sum(not character.isascii() for character in text)
    if good < LEAST or good * 1000 < A_THOUSAND * len(text) or covered * 2 < others:
        whole = not lost and table is LATIN_TABLE
        certain = whole and are_certain(text, found, others - covered)
        return "".join(better) if certain else None
    if good * EXAMPLES < len(text) and TALK.search(text):
        return None
    return DAMAGED if lost > LOST * (good + lost) else "".join(better)


_BLANK = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def _latin(text: str) -> str | None:
    visible = len(text) - len(_BLANK.findall(text))
    high = sum("\u0080" <= character <= "\u00ff" for character in text)
    if high < LATIN_LEAST or high < LATIN * visible:
        return None
    if any(not c.isascii() and c not in LATIN_TABLE for c in text):
        return DAMAGED
    data = bytes(ord(c) if c.isascii() else LATIN_TABLE[c] for c in text)
    try:
        decoded = data.decode("gb18030")
    except UnicodeDecodeError:
        return DAMAGED
    pairs = common = at = 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
            continue
        pairs += 1
        row = 0xA1 <= data[at] <= 0xA3 or 0xB0 <= data[at] <= 0xD7
        common += row and at + 1 < len(data) and data[at + 1] >= 0xA1
        at += 2
    return DAMAGED if common < COMMON * pairs else decoded


def _as_gbk(text: str) -> str | None:
    if text.count("锛") + text.count("銆") < MARKED * len(text):
        return None
    try:
        return text.encode("gb18030").decode()
    except UnicodeError:
        return DAMAGED
