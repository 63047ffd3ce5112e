"""Where a number stands: in an address, before a unit, behind a word, among words of Europe.

Stretches are counted in bytes, as the compiled half counts them.
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
_CALLS = re.compile(
    (
        "电话|传真|手机|热线|座机|联系|致电|拨打|请拨|总机|预订|订票|急诊|投诉|"
        "電話|連絡|전화|Телефон|Teléfono|Звоните"
    ).encode()
)
_TOKEN = re.compile(rb"[!-~]*\Z")
_COUNTED = re.compile(
    "(?:序列号|序号|流水号|订单号|单号|工单|任务号|编号|编码|货号|批号|条码|等于|约|达|达到|共|共有|"
    "超|超过|质数|素数|次方|之积|之和|乘积|结果|时间戳|[¥￥$€£]|"
    r"(?<![A-Za-z0-9_])(?:order|serial|sequence|sku|uid|pid|id|ticket|isbn|pmid))\Z",
    re.IGNORECASE | re.ASCII,
)
_UNIT = re.compile(
    r"[ \t\n\f\r]*(?:元|美元|港元|日元|欧元|英镑|韩元|人民币|块钱|万|亿|吨|字节|公里|米|股|件|条|"
    r"人|次|个|户|辆|册|张|毫秒|円|원|"
    r"(?:yuan|rmb|usd|cny|jpy|won|dollars|euros|bytes|rows|people|km)(?![A-Za-z0-9_]))",
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
    """Whether words of Europe stand around a number and none says that it is to be called."""
    before, behind = text[:start].encode()[-NEAR:], text[end:].encode()[:NEAR]
    around = before + behind
    letters = len(re.findall(rb"[A-Za-z\xc3-\xdf]", around))
    eastern = re.search(rb"[\xe3-\xed]", around)
    return not eastern and letters >= 3 and not _CUE.search(before)


def is_called(text: str, start: int) -> bool:
    """Whether one of the words of a call stands just before a number."""
    before = text[:start].encode()[-NEAR:]
    return bool(_CUE.search(before) or _CALLS.search(before))


def says_any(text: str, start: int, near: int, words: str) -> bool:
    """Whether one of the words, parted by `|`, stands in so many bytes before a number."""
    before = text[:start].encode()[-near:]
    wanted = "|".join(map(re.escape, words.split("|"))).encode()
    return bool(re.search(wanted, before, re.IGNORECASE))


def is_counted(text: str, start: int, end: int) -> bool:
    """Whether a number is an amount or the name of a thing."""
    before = text[:start].rstrip(_BLANKS)
    for sign in "：:=#为是":
        before = before.removesuffix(sign).rstrip(_BLANKS)
    return bool(_COUNTED.search(before) or _UNIT.match(text[end:]))
