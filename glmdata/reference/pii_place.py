"""Where a number stands: in an address, before a unit, behind a word, among English words.

Bytes of ASCII matter only, and stretches are counted in bytes, as the compiled half counts them.
"""

from __future__ import annotations

import re

LOOK_BACK = 512
NEAR = 40

CALLED = {"tel", "phone", "mobile", "cell", "fax", "call", "sms", "whatsapp"}
FILES = frozenset(
    (
        *("html", "htm", "shtml", "php", "jsp", "asp", "aspx", "jpg", "jpeg", "png", "gif", "webp"),
        *("pdf", "doc", "docx", "xls", "xlsx", "mp3", "mp4", "zip", "apk", "xml"),
    )
)
_CUE = re.compile(
    rb"(?<![A-Za-z])(?:tel|phone|mobile|cell|call|contact|fax|sms|whatsapp|wechat|hotline|dial)",
    re.IGNORECASE,
)
_CALLS = re.compile("电话|传真|手机|热线|座机|联系".encode())
_TOKEN = re.compile(rb"[!-~]*\Z")
_COUNTED = re.compile(
    "(?:序列号|序号|流水号|订单号|单号|编号|编码|货号|批号|[¥￥$€]|"
    r"(?<![A-Za-z0-9_])(?:order|serial|sequence|sku|uid))\Z",
    re.IGNORECASE | re.ASCII,
)
_UNIT = re.compile(
    r"[ \t\n\f\r]*(?:元|美元|港元|日元|欧元|人民币|块钱|万|亿|吨|字节|公里|米|股|"
    r"(?:yuan|rmb|usd|cny|bytes|km)(?![A-Za-z0-9_]))",
    re.IGNORECASE | re.ASCII,
)
_BLANKS = " \t\n\f\r"


def in_address(text: str, start: int, end: int) -> bool:
    """Whether a number is a part of a link, a path, a query, a DOI or the name of a file."""
    name = re.match(r"\.([A-Za-z0-9]*)", text[end:], re.ASCII)
    if name and name[1].lower() in FILES:
        return True
    before = text[:start].encode()[-LOOK_BACK:]
    found = _TOKEN.search(before)
    token = re.split(r"[<>\"'(){}|\\^`,;]", (found[0] if found else b"").decode())[-1]
    if not token:
        return False
    if "://" in token or token[:4].lower() == "www.":
        return True
    if token.endswith("=") and ("?" in token or "&" in token):
        return True
    if re.search(r"[A-Za-z]-\Z", token):
        return True
    first, slash, _ = token.partition("/")
    if not slash:
        return False
    host, last = first.split(":")[0], first.split(":")[-1]
    if re.fullmatch(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", host):
        return True
    if re.fullmatch(r"10\.[0-9]{4,9}", last):
        return True
    above = token[:-1].split("/")[-1]
    named = re.search("[A-Za-z]", above) and above.lower() not in CALLED
    return token.endswith("/") and bool(named)


def among_english(text: str, start: int, end: int) -> bool:
    """Whether English words stand around a number and none says that it is to be called."""
    before, behind = text[:start].encode()[-NEAR:], text[end:].encode()[:NEAR]
    letters = len(re.findall(rb"[A-Za-z]", before + b" " + behind))
    ascii_only = before.isascii() and behind.isascii()
    return ascii_only and letters >= 3 and not _CUE.search(before)


def is_called(text: str, start: int) -> bool:
    """Whether one of the words of a call stands just before a number."""
    before = text[:start].encode()[-NEAR:]
    return bool(_CUE.search(before) or _CALLS.search(before))


def is_counted(text: str, start: int, end: int) -> bool:
    """Whether a number is an amount or the name of a thing."""
    before = text[:start].rstrip(_BLANKS)
    for sign in "：:=#为是":
        before = before.removesuffix(sign).rstrip(_BLANKS)
    return bool(_COUNTED.search(before) or _UNIT.match(text[end:]))
