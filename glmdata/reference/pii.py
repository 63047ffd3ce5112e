"""Personal data by regular expressions and checks, one kind after the other.

The compiled half looks at every digit and `@` once; here each kind is tried on its own at every
place, and what overlaps is sorted out afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_network

from glmdata.reference.pii_disguised import disguised
from glmdata.reference.pii_phone import END, american, called_local, foreign, landline, mobile
from glmdata.reference.pii_place import in_address, is_counted, says_any
from glmdata.reference.pii_street import chinese, english

Found = tuple[str, int, int]
"""Kind, and begin and end in characters."""
Span = tuple[int, int]

NARROW = {
    wide: wide - 0xFEE0
    for first, behind in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B))
    for wide in range(first, behind)
} | str.maketrans("＠＋－．\u3000", "@+-. ")

START = re.compile(r"(?<![A-Za-z0-9_])(?<![0-9]\.)[0-9]+")
LATIN = "À-ÖØ-öø-ɏ\u0300-\u036f"
LOCAL = re.compile(rf"[A-Za-z0-9._%+'{LATIN}-]+\Z")
HOST = re.compile(rf"[A-Za-z0-9.{LATIN}-]+")
FILES = {"png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico"}
FICTION = {
    *("example", "contoso", "fabrikam", "northwindtraders", "mydomain", "yourdomain"),
    *("mycompany", "yourcompany", "mysite"),
}
LONG = {
    "academy",
    "community",
    "company",
    "computer",
    "consulting",
    "digital",
    "education",
    "engineering",
    "foundation",
    "institute",
    "international",
    "network",
    "services",
    "systems",
    "technology",
}

IP = re.compile(rf"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+{END}(?![.-][a-z])")
VERSION = re.compile(
    r"(?:版本|版|第|节|章|条|款|图|表|附录|尺寸|规格|大小|编号|§|¶|==|>=|<=|~=|(?<![A-Za-z0-9_])"
    r"(?:version|ver|v|build|release|sections?|sec\.?|chapter|clause|article|rule|appendix|figure|"
    r"table|sizes?|dimensions))[ \t\n\f\r]*:?：?[ \t\n\f\r]*\Z|[A-Za-z0-9][/.-]\Z",
    re.IGNORECASE | re.ASCII,
)
MACHINES = "host|server|ping|ssh|dns| ip|地址|服务器|主机"
RELEASES = (
    "oid_| oid|version|upgrade|release|firmware|driver|版本|升级|固件|버전|верси|artikel|artículo"
)
MEASURE = re.compile(
    r"[ \t\n\f\r]*(?:毫米|厘米|版|节|節|章|条|條|款|所示|(?:mm|cm|px|of)(?![A-Za-z0-9_]))",
    re.IGNORECASE | re.ASCII,
)
IP_SIX = re.compile(r"(?<!:)[23][0-9A-Fa-f:]{0,39}")
RESERVED = [
    *map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "169.254.0.0/16"),
            *(
                "192.168.0.0/16",
                "192.0.0.0/24",
                "192.0.2.0/24",
                "198.51.100.0/24",
                "203.0.113.0/24",
            ),
            *("172.16.0.0/12", "100.64.0.0/10"),
            *("8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9"),
            *("114.114.114.114", "119.29.29.29", "223.5.5.5", "223.6.6.6"),
        ),
    )
]

GLOBAL_SIX, RESERVED_SIX = ip_network("2000::/3"), [ip_network("2001:db8::/32")]

ID_CARD = re.compile(r"[0-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx](?![A-Za-z0-9_])")
PROVINCES = {
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 83))
    for code in range(*codes)
} | {"91"}
TEST_CARDS = {
    *("4111111111111111", "4242424242424242", "5555555555554444", "4012888888881881"),
    *("5105105105105100", "378282246310005", "371449635398431", "378734493671000"),
}

CUE = re.compile(r"qq|扣扣|微信|wechat|weixin|v信|vx", re.IGNORECASE | re.ASCII)
BEHIND = r"(?:号码)?(?:群号)?号?群?[ \t]*"
NUMBER = re.compile(
    rf"{BEHIND}[:：]?[ \t]*(?P<account>[1-9][0-9]{{4,10}})(?![0-9]){END}",
)
NAME = re.compile(
    rf"{BEHIND}(?:[Ii][Dd][ \t]*)?(?P<said>[:：]?)[ \t]*"
    rf"(?P<account>[A-Za-z][A-Za-z0-9_-]{{5,19}})(?![A-Za-z0-9_-]){END}"
)

PASSPORT_CUE = re.compile("护照|passport", re.IGNORECASE | re.ASCII)
PASSPORT = re.compile(
    r"(?<![A-Za-z0-9_])(?:[EG][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[DSP]E[0-9]{7})(?![A-Za-z0-9_])"
)
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•・. -]?"
    r"(?P<body>[A-HJ-NP-Z0-9]{4,7})(?P<last>[警学挂港澳]?)"
)
SECURITY = re.compile(r"(?:[0-9]{9}|[0-9]{3}(?P<s>[ -])[0-9]{2}(?P=s)[0-9]{4})(?![0-9-])" + END)


def pii(text: str) -> list[Found]:
    """All personal data of a text, in order; of what overlaps, the first."""
    if re.search("[０-９＠]", text):
        text = text.translate(NARROW)
    found: list[tuple[int, int, int, str]] = []
    for order, (kind, finder) in enumerate(_FINDERS):
        found += [(start, end, order, kind) for start, end in finder(text)]
    for number in START.finditer(text):
        for order, (kind, finder_at) in enumerate(_AT_NUMBERS, len(_FINDERS)):
            span = finder_at(text, number.start())
            if span and (kind == "ip" or not in_address(text, number.start(), span[1])):
                found.append((*span, order, kind))
    kept: list[Found] = []
    for start, end, _, kind in sorted(found):
        if not kept or start >= kept[-1][2]:
            kept.append((kind, start, end))
    return kept


def _emails(text: str) -> Iterator[Span]:
    for sign in re.finditer("@", text):
        local, host_run = LOCAL.search(text[: sign.start()]), HOST.match(text, sign.end())
        if local is None or host_run is None:
            continue
        name = local[0].lstrip("._%+-'")
        host = host_run.group().rstrip(".-")
        end = sign.end() + len(host)
        labels = host.split(".")
        last = labels[-1].lower()
        whole = all(
            label and not label.startswith("-") and not label.endswith("-") for label in labels
        )
        for_books = (
            labels[-2:-1] and labels[-2].lower() in FICTION and last in ("com", "org", "net")
        )
        place = name == "git" and text[end : end + 1] == ":"
        touched = re.match(r"[A-Za-z0-9_]", text[end:])
        if not name or name.endswith(".") or len(labels) < 2 or not whole or touched:
            continue
        if for_books or place or last in FILES or not re.fullmatch("[a-z]+", last):
            continue
        if 2 <= len(last) <= 6 or last in LONG:
            yield sign.start() - len(name), end


def _ip(text: str, start: int) -> Span | None:
    match = IP.match(text, start)
    try:
        address = IPv4Address(match[0]) if match else None
    except ValueError:
        return None
    if match is None or address is None:
        return None
    machine = says_any(text, start, 40, MACHINES)
    small = max(address.packed) < 20 or (max(address.packed[:3]) < 13 and not machine)
    made_up = len(set(address.packed)) == 1 or address.packed[3] == 0
    nobodys = small or made_up or any(address in net for net in RESERVED)
    named = VERSION.search(text[:start]) or MEASURE.match(text[match.end() :])
    if nobodys or named or says_any(text, start, 40, RELEASES):
        return None
    return match.span()


def _ip_of_six(text: str, start: int) -> Span | None:
    match = IP_SIX.match(text, start)
    if match is None:
        return None
    found = match[0]
    if found.endswith(":") and not found.endswith("::"):
        found = found[:-1]
    try:
        address = IPv6Address(found)
    except ValueError:
        return None
    end = start + len(found)
    groups = sum(bool(group) for group in found.split(":"))
    nobodys = any(address in net for net in RESERVED_SIX) or address not in GLOBAL_SIX
    if groups < 3 or nobodys or re.match(r"[A-Za-z0-9_]|/[0-9]", text[end:]):
        return None
    return start, end


def _is_born(card: str) -> bool:
    try:
        born = date(int(card[6:10]), int(card[10:12]), int(card[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year < 2100 and card[:2] in PROVINCES


def _id_card(text: str, start: int) -> Span | None:
    match = ID_CARD.match(text, start)
    if match is None:
        return None
    marks, card = re.findall("[ -]", match[0]), re.sub("[ -]", "", match[0]).upper()
    first = len(re.split("[ -]", match[0])[0])
    if len(set(marks)) > 1 or len(marks) > 4 or (marks and first not in (3, 4, 6)):
        return None
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    check = sum(int(digit) * weight for digit, weight in zip(card, weights, strict=False)) % 11
    return match.span() if card[17] == "10X98765432"[check] and _is_born(card) else None


def _old_id_card(text: str, start: int) -> Span | None:
    match = re.compile("[0-9]{15}(?![0-9])" + END).match(text, start)
    if match is None or not _is_born(match[0][:6] + "19" + match[0][6:]):
        return None
    return match.span() if says_any(text, start, 60, "身份证") else None


def _bank_card(text: str, start: int) -> Span | None:
    american = text[start : start + 2] in ("34", "37")
    grouped = _grouped(text, start, (4, 6, 5) if american else (4, 4, 4, 4, 3))
    if grouped is None:
        return None
    card, end = grouped
    short = len(card) == 16 and (
        card[0] == "4" or "51" <= card[:2] <= "55" or "2221" <= card[:4] <= "2720"
    )
    long = card.startswith("62") and 16 <= len(card) <= 19
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(card))]
    luhn = sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
    issued = short or long or (american and len(card) == 15)
    made_up = card in TEST_CARDS or len(set(card)) < 4
    return (start, end) if issued and luhn and not made_up and _ends(text, end) else None


def _grouped(text: str, start: int, sizes: tuple[int, ...]) -> tuple[str, int] | None:
    """Digits in one run, or in groups of these sizes, of which the last may be shorter."""
    groups = re.compile(r"[0-9]+(?:(?P<s>[ -])[0-9]+(?:(?P=s)[0-9]+)*)?").match(text, start)
    parts = re.split("[ -]", groups[0])[: len(sizes)] if groups else []
    if not parts or len(parts[0]) > 19:
        return None
    if len(parts[0]) > 4:
        return parts[0], start + len(parts[0])
    for number, (part, size) in enumerate(zip(parts, sizes, strict=False)):
        if len(part) > size:
            return None
        if len(part) < size:
            parts = parts[: number + 1]
            break
    return "".join(parts), start + len(" ".join(parts))


def _ends(text: str, end: int) -> bool:
    return re.match(END, text[end:]) is not None


def _security(text: str, start: int) -> Span | None:
    match = SECURITY.match(text, start)
    if match is None or is_counted(text, *match.span()):
        return None
    number = re.sub(r"[ -]", "", match[0])
    given = re.fullmatch("(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}", number)
    words = "ssn|social security|soc. sec|社会安全|社安"
    return match.span() if given and says_any(text, start, 60, words) else None


def _accounts(text: str) -> Iterator[Span]:
    for cue in CUE.finditer(text):
        in_word = re.search(r"[A-Za-z0-9_-]\Z", text[: cue.start()])
        if in_word and cue.group()[0].isascii():
            continue
        numbered = cue.group().lower() in ("qq", "扣扣")
        found = (NUMBER if numbered else NAME).match(text, cue.end())
        if found is None:
            continue
        glued = found.start("account") == cue.end() and cue.group()[-1].isascii()
        a_word = not numbered and not found["said"] and found["account"].isalpha()
        if numbered or not (glued or a_word):
            yield found.span("account")


def _passports(text: str) -> Iterator[Span]:
    for cue in PASSPORT_CUE.finditer(text):
        for match in PASSPORT.finditer(text, cue.end()):
            if len(text[cue.end() : match.start()].encode()) <= 40:
                yield match.span()
            break


def _plates(text: str) -> Iterator[Span]:
    for match in PLATE.finditer(text):
        body, first = match["body"], re.search("[0-9]", match["body"])
        numbers = len(re.findall("[0-9]", body))
        end = match.end("body")
        new = re.fullmatch("[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK]", body)
        fits = (len(body) == 5 and numbers >= 3) or new
        if len(body) == 4 and numbers >= 3 and match["last"]:
            end, fits = match.end(), True
        elif re.match("[A-Za-z0-9_]", text[end:]):
            continue
        if fits and first and not in_address(text, match.start("body") + first.start(), end):
            yield match.start(), end


_FINDERS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    ("account", _accounts),
    ("passport", _passports),
    ("email", disguised),
    ("email", _emails),
    ("plate", _plates),
)
_AT_NUMBERS: tuple[tuple[str, Callable[[str, int], Span | None]], ...] = (
    ("ip", _ip),
    ("ip", _ip_of_six),
    ("address", chinese),
    ("address", english),
    ("phone", american),
    ("ssn", _security),
    ("phone", called_local),
    ("phone", landline),
    ("id_card", _id_card),
    ("id_card", _old_id_card),
    ("bank_card", _bank_card),
    ("phone", mobile),
    ("phone", foreign),
)
