"""Personal data by regular expressions and checks, one kind after the other.

The compiled half looks at every digit and `@` once; here each kind is searched for on its own, and
what overlaps is sorted out afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_network

from glmdata.reference.pii_place import among_english, in_address, is_called, is_counted

Found = tuple[str, int, int]
"""Kind, and begin and end in characters."""

END = r"(?![A-Za-z0-9_]|\.[0-9])"
START = r"(?<![A-Za-z0-9_])(?<![0-9]\.)"

LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*(?<!\.)\Z")
HOST = re.compile(r"[A-Za-z0-9.-]+")
FILES = {"png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico"}

IP = re.compile(rf"{START}[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+{END}")
VERSION = re.compile(
    r"(?:版本|版|第|节|章|条|款|尺寸|规格|大小|编号|==|>=|<=|~=|(?<![A-Za-z0-9_])(?:version|ver|v|"
    r"build|release|sections?|sec\.?|chapter|clause|article|figure|table|sizes?|dimensions))"
    r"\s*:?：?\s*\Z",
    re.IGNORECASE | re.ASCII,
)
MEASURE = re.compile(
    r"\s*(?:毫米|厘米|节|章|条|款|(?:mm|cm|px)(?![A-Za-z0-9_]))", re.IGNORECASE | re.ASCII
)
IP_SIX = re.compile(r"(?<![A-Za-z0-9_:])(?<![0-9]\.)[23][0-9A-Fa-f:]{0,39}")
LANDLINE = re.compile(
    rf"{START}(?:010|02[0-9]|0[3-9][0-9]{{2}})(?:\)-|）-|\) |）|\)|-| )[2-8][0-9]{{6,7}}(?![0-9])"
    rf"(?!-[0-9]){END}"
)
FOREIGN = re.compile(r"(?<![!-\x27)-9;-~])\+(?P<number>[1-9][0-9]*(?:[ \-.()]{1,2}[0-9]+)*)")
RESERVED = [
    *map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "169.254.0.0/16"),
            *("192.168.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
            *("172.16.0.0/12", "100.64.0.0/10"),
            *("8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9"),
            *("114.114.114.114", "119.29.29.29", "223.5.5.5", "223.6.6.6"),
        ),
    )
]

GLOBAL_SIX, RESERVED_SIX = ip_network("2000::/3"), [ip_network("2001:db8::/32")]

ID_CARD = re.compile(
    rf"{START}(?:[0-9]{{17}}[0-9Xx]|[0-9]{{6}}(?P<s>[ -])[0-9]{{8}}(?P=s)[0-9]{{3}}[0-9Xx])"
    r"(?![A-Za-z0-9_])"
)
PROVINCES = {
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 83))
    for code in range(*codes)
} | {"91"}
BANK_CARD = re.compile(
    rf"{START}(?:[0-9]{{16,19}}|[0-9]{{4}}(?P<s>[ -])[0-9]{{4}}(?P=s)[0-9]{{4}}(?P=s)"
    rf"(?:[0-9]{{4}}(?:(?P=s)[0-9]{{1,3}})?))(?![0-9]){END}"
)
TEST_CARDS = {"4111111111111111", "4242424242424242", "5555555555554444", "4012888888881881"}
PHONE = re.compile(
    rf"(?:(?<=\+)|{START})(?:86[ -]?)?1[3-9][0-9]"
    r"(?:[0-9]{8}|(?P<s>[ -])[0-9]{4}(?P=s)[0-9]{4})"
    rf"(?![0-9]){END}"
)

CUE = re.compile(r"qq|扣扣|微信|wechat|weixin|v信|vx", re.IGNORECASE | re.ASCII)
BEHIND = r"(?:号码)?(?:群号)?号?群?[ \t]*"
NUMBER = re.compile(
    rf"{BEHIND}[:：]?[ \t]*(?P<account>[1-9][0-9]{{4,10}})(?![0-9]){END}",
)
NAME = re.compile(
    rf"{BEHIND}(?:[Ii][Dd][ \t]*)?(?P<said>[:：]?)[ \t]*"
    rf"(?P<account>[A-Za-z][A-Za-z0-9_-]{{5,19}})(?![A-Za-z0-9_-]){END}"
)


def pii(text: str) -> list[Found]:
    """All personal data of a text, in order; of what overlaps, the first."""
    found: list[tuple[int, int, int, str]] = []
    for order, (kind, finder) in enumerate(_FINDERS):
        found += [(start, end, order, kind) for start, end in finder(text)]
    kept: list[Found] = []
    for start, end, _, kind in sorted(found):
        if not kept or start >= kept[-1][2]:
            kept.append((kind, start, end))
    return kept


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for sign in re.finditer("@", text):
        local, host_run = LOCAL.search(text[: sign.start()]), HOST.match(text, sign.end())
        if local is None or host_run is None:
            continue
        host = host_run.group().rstrip(".-")
        end = sign.end() + len(host)
        labels = host.split(".")
        last = labels[-1].lower()
        whole = all(
            label and not label.startswith("-") and not label.endswith("-") for label in labels
        )
        for_books = (
            labels[-2:-1] and labels[-2].lower() == "example" and last in ("com", "org", "net")
        )
        place = local.group() == "git" and text[end : end + 1] == ":"
        touched = re.match(r"[A-Za-z0-9_]", text[end:])
        if len(labels) < 2 or not whole or for_books or place or touched or last in FILES:
            continue
        if len(last) >= 2 and last.isalpha() and last.isascii():
            yield local.start(), end


def _ips(text: str) -> Iterator[tuple[int, int]]:
    for match in IP.finditer(text):
        try:
            address = IPv4Address(match.group())
        except ValueError:
            continue
        small = all(part < 20 for part in address.packed)
        nobodys = small or any(address in net for net in RESERVED)
        named = VERSION.search(text[: match.start()]) or MEASURE.match(text[match.end() :])
        if not nobodys and not named:
            yield match.span()
    yield from _ips_of_six(text)


def _ips_of_six(text: str) -> Iterator[tuple[int, int]]:
    for match in IP_SIX.finditer(text):
        found = match.group()
        if found.endswith(":") and not found.endswith("::"):
            found = found[:-1]
        try:
            address = IPv6Address(found)
        except ValueError:
            continue
        end = match.start() + len(found)
        groups = sum(bool(group) for group in found.split(":"))
        nobodys = any(address in net for net in RESERVED_SIX) or address not in GLOBAL_SIX
        if groups >= 4 and not nobodys and not re.match(r"[A-Za-z0-9_]", text[end:]):
            yield match.start(), end


def _id_cards(text: str) -> Iterator[tuple[int, int]]:
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    for match in ID_CARD.finditer(text):
        card = re.sub("[ -]", "", match.group()).upper()
        if in_address(text, *match.span()):
            continue
        try:
            born = date(int(card[6:10]), int(card[10:12]), int(card[12:14]))
        except ValueError:
            continue
        check = sum(int(digit) * weight for digit, weight in zip(card, weights, strict=False)) % 11
        good = card[17] == "10X98765432"[check]
        if good and 1900 <= born.year < 2100 and card[:2] in PROVINCES:
            yield match.span()


def _bank_cards(text: str) -> Iterator[tuple[int, int]]:
    for match in BANK_CARD.finditer(text):
        card = re.sub(r"\D", "", match.group())
        if in_address(text, *match.span()):
            continue
        short = len(card) == 16 and (
            card[0] == "4" or "51" <= card[:2] <= "55" or "2221" <= card[:4] <= "2720"
        )
        doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(card))]
        luhn = sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
        if luhn and (short or card.startswith("62")) and card not in TEST_CARDS:
            yield match.span()


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for match in PHONE.finditer(text):
        before, behind = text[: match.start()], text[match.end() :]
        in_path = before.endswith("/") and behind.startswith("/")
        digits = re.sub(r"\D", "", match.group())
        if (in_path and not re.search(r"[0-9]/\Z", before)) or in_address(text, *match.span()):
            continue
        if behind.startswith("@") or digits.endswith("0000000") or is_counted(text, *match.span()):
            continue
        plus = before.endswith("+")
        one_run = len(match.group()) == 11
        if one_run and not plus and among_english(text, *match.span()):
            continue
        yield match.start() - plus, match.end()


def _landlines(text: str) -> Iterator[tuple[int, int]]:
    for match in LANDLINE.finditer(text):
        called = is_called(text, match.start()) or not among_english(text, *match.span())
        if called and not in_address(text, *match.span()):
            yield match.span()


def _foreign(text: str) -> Iterator[tuple[int, int]]:
    for match in FOREIGN.finditer(text):
        groups = re.findall("[0-9]+", match["number"])
        sure = len(groups) >= 3 or is_called(text, match.start())
        fits = 8 <= sum(map(len, groups)) <= 15 and re.match(END, text[match.end() :])
        if sure and fits and not in_address(text, match.start("number"), match.end()):
            yield match.span()


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    for cue in CUE.finditer(text):
        in_word = re.search(r"[A-Za-z0-9_]\Z", text[: cue.start()])
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


_FINDERS = (
    ("account", _accounts),
    ("email", _emails),
    ("ip", _ips),
    ("id_card", _id_cards),
    ("bank_card", _bank_cards),
    ("phone", _phones),
    ("phone", _landlines),
    ("phone", _foreign),
)
