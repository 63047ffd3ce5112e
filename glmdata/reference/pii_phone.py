"""Telephone numbers: each kind is tried at every place where digits begin."""

from __future__ import annotations

import re

from glmdata.reference.pii_place import among_english, is_called, is_counted

END = r"(?![A-Za-z0-9_]|\.[0-9])"
Span = tuple[int, int]

MOBILE = re.compile(
    r"(?:(?:00)?86[ -]?)?1[3-9][0-9](?:[0-9]{8}|(?P<s>[ -])[0-9]{4}(?P=s)[0-9]{4})(?![0-9])" + END
)
AREAS = {
    f"{code}"
    for first, behind in (
        *((10, 11), (20, 26), (27, 30), (310, 320), (335, 336), (349, 360), (370, 380)),
        *((391, 399), (411, 420), (421, 422), (427, 430), (431, 440), (451, 460), (464, 465)),
        *((467, 480), (482, 484), (510, 520), (523, 524), (527, 528), (530, 540), (543, 544)),
        *((546, 547), (550, 567), (570, 581), (591, 600), (631, 636), (660, 661), (662, 664)),
        *((668, 669), (691, 693), (701, 702), (710, 720), (722, 723), (724, 725), (728, 729)),
        *((730, 740), (743, 747), (750, 764), (766, 767), (768, 780), (790, 800), (812, 814)),
        *((816, 819), (825, 828), (830, 840), (851, 860), (870, 880), (883, 884), (886, 889)),
        *((891, 899), (901, 904), (906, 910), (930, 940), (941, 944), (951, 956), (970, 980)),
        (990, 1000),
    )
    for code in range(first, behind)
}
BEFORE_LOCAL = re.compile(
    r"(?P<country>(?:00)?86(?![0-9]))[ -](?:\(0\)|0)?(?P<abroad>[0-9]{2,3})(?=[ -])|"
    r"0(?P<area>[0-9]{2,3})(?![0-9])|"
    r"0(?P<short>[12][0-9])(?=[0-9]{8,9}(?![0-9]))|"
    r"0(?P<long>[03-9][0-9]{2})(?=[0-9]{7,8}(?![0-9]))"
)
MARK = re.compile(r"\)-|）-|\) |） |）|\)|-| |")
LOCAL = re.compile(r"[2-8][0-9]{2,3}[ -][0-9]{4}(?![0-9])|[2-8][0-9]{6,7}(?![0-9])")
EXTENSION = re.compile(r"-([0-9]*)(-?)")

CODES = {
    *map(str, (20, 27, *range(30, 35), 36, *range(39, 42), *range(43, 50), *range(51, 59))),
    *map(str, (*range(60, 67), 81, 82, 84, 86, *range(90, 96), 98)),
    *map(str, (*range(211, 214), 216, 218, *range(220, 270), 290, 291, *range(297, 300))),
    *map(str, (*range(350, 360), *range(370, 379), *range(380, 384), *range(385, 388), 389)),
    *map(str, (420, 421, 423, *range(500, 510), *range(590, 600), *range(670, 693))),
    *map(str, (*range(850, 857), 870, *range(880, 889), *range(960, 999))),
}
AMERICAN = re.compile(
    r"(?:(?P<open>(?<=\()[2-9][0-9]{2}\) ?)|[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4}(?!-)"
    + END
)

JOINING = re.compile("[-./=#+_]\\Z")
"""Signs that a number goes on over."""
LISTED = re.compile(r"[ \t\n\f\r]*(?<![-0-9])[-0-9]{7,14}[ \t\n\f\r]*(?:,|，|、|/|或)\Z")
"""A number, and the sign of a list behind it."""
BARE = re.compile(
    r"(?![2-9]11)[2-9][0-8][0-9](?P<sign>[-.])(?![2-9]11)[2-9][0-9]{2}(?P=sign)[0-9]{4}"
    r"(?![-/0-9])" + END
)


def mobile(text: str, start: int) -> Span | None:
    """A mobile number of the mainland."""
    match = MOBILE.match(text, start)
    if match is None:
        return None
    before, behind = text[:start], text[match.end() :]
    in_path = re.search(r"(?<![0-9])/\Z", before) and behind.startswith("/")
    digits = re.sub(r"\D", "", match[0])
    if in_path or behind.startswith("@") or digits.endswith("0000000"):
        return None
    plus = before.endswith("+")
    one_run = len(match[0]) == 11 and not plus
    if is_counted(text, *match.span()) or (one_run and among_english(text, *match.span())):
        return None
    return start - plus, match.end()


def landline(text: str, start: int) -> Span | None:
    """A landline of the mainland."""
    head = BEFORE_LOCAL.match(text, start)
    if head is None:
        return None
    code = next(head[name] for name in ("abroad", "area", "short", "long") if head[name])
    mark = MARK.match(text, head.end())
    local = LOCAL.match(text, mark.end() if mark else head.end())
    if code not in AREAS or mark is None or local is None:
        return None
    if len(re.sub(r"\D", "", local[0])) < (8 if len(code) == 2 else 7):
        return None
    end = local.end()
    extension = EXTENSION.match(text, end)
    if extension and extension[1]:
        if len(extension[1]) > 5 or extension[2]:
            return None
        end += 1 + len(extension[1])
    if not re.match(END, text[end:]):
        return None
    loose = mark[0] in ("", " ") and not head["country"]
    if not is_called(text, start) and (loose or among_english(text, start, end)):
        return None
    if mark[0].startswith((")", "）")):
        opened = re.search(r"(?:(?:\+|00)86 ?)?[(（]\Z", text[:start])
        start = opened.start() if opened else start
    return start, end


def foreign(text: str, start: int) -> Span | None:
    """A number behind `+`, or behind `00` where a word says that it is to be called."""
    plus, zeros = text[:start].endswith("+"), text.startswith("00", start)
    first = start - plus
    called = is_called(text, first)
    free = re.search(r"(?:\A|[\s(:\"']|[^\x00-\x7f])\Z", text[:first], re.ASCII)
    if not free or text[first - 1 : first] == "\v" or plus == zeros or (zeros and not called):
        return None
    at = end = start + 2 * zeros
    groups: list[str] = []
    while run := re.compile("[0-9]+").match(text, at):
        if len("".join(groups)) + len(run[0]) > 15:
            break
        groups.append(run[0])
        end = run.end()
        signs = re.compile(r"[ \-.()]{1,2}").match(text, end)
        if signs is None:
            break
        at = signs.end()
    number = "".join(groups)
    sizes = [len(group) for group in groups]
    whole = len(groups) == 1
    sure = 3 <= len(groups) <= 7 or called or (whole and len(number) >= 11)
    zone = not number.startswith("1") or whole or sizes in ([1, 3, 3, 4], [1, 10])
    if len(number) >= 9 and _is_country(number) and zone and sure and re.match(END, text[end:]):
        return first, end
    return None


def _is_country(number: str) -> bool:
    if number[0] == "1":
        return bool(re.fullmatch("1[2-9][0-9]{2}[2-9][0-9]{6}", number))
    if number[0] == "7":
        return bool(re.fullmatch("7[3-9][0-9]{9}", number))
    return number[:2] in CODES or number[:3] in CODES


def called_local(text: str, start: int) -> Span | None:
    """Seven or eight digits of which the words just before say that they are called."""
    match = LOCAL.match(text, start)
    before = text[:start].rstrip(" \t\n\f\r")
    for _ in range(2):
        before = LISTED.sub("", before)
    for sign in "：:是为為":
        before = before.removesuffix(sign).rstrip(" \t\n\f\r")
    for word in ("号码", "號碼", "号", "號"):
        before = before.removesuffix(word)
    if match is None or not before.endswith(("电话", "電話", "传真", "傳真", "座机")):
        return None
    end = match.end()
    extension = EXTENSION.match(text, end)
    if extension and extension[1]:
        if len(extension[1]) > 5 or extension[2]:
            return None
        end += 1 + len(extension[1])
    day = re.fullmatch("20[0-9]{2}[01][0-9][0-3][0-9]", text[start:end])
    if day or is_counted(text, start, end) or not re.match(END, text[end:]):
        return None
    return start, end


def american(text: str, start: int) -> Span | None:
    """Three, three and four digits.

    The first three in brackets, or a word says that it is to be called, or all is parted by the
    same sign and can be a number; of the last kind with the code of the country before it too.
    """
    country = 2 * bool(re.compile("1[-.]").match(text, start))
    match = BARE.match(text, start + country)
    if match and not JOINING.search(text[:start]):
        return start, match.end()
    match = AMERICAN.match(text, start)
    if match is None or not (match["open"] or is_called(text, start)):
        return None
    return start - bool(match["open"]), match.end()
