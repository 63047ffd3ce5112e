"""Street addresses down to the number of the house, in Chinese and in English."""

from __future__ import annotations

import re

from glmdata.reference.pii_place import says_any

Span = tuple[int, int]

PROVINCES = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
]
BETWEEN = "在住址是到的了往寄至"
HOUSE = re.compile(
    r"(?P<number>[0-9]{1,5}(?![0-9])(?:-[0-9]{1,4}(?![0-9]))?) ?(?:[号號](?![线令文机车站台公])|弄)"
)
RUN = re.compile(r"[\u4e00-\u9fff ]{1,40}\Z")
ROAD = re.compile("[路街道巷弄里村同条段园苑坊] ?\\Z")
BESIDE = re.compile("[附之][0-9]+号?")
PART = re.compile(
    rf"(?:(?![{BETWEEN}有])[\u4e00-\u9fff]){{0,8}}[0-9A-Za-z]{{1,5}}"
    "(?:号楼|号院|栋|幢|座|单元|层|楼|室|户|房|号)"
)
ROOM = re.compile("[0-9]{3,4}(?![0-9A-Za-z号栋幢座单层楼室户房])")

ROUTES = {"Street", "St", "Avenue", "Ave", "Road", "Rd", "Boulevard", "Blvd", "Lane"}
OTHERS = {
    "Drive",
    "Dr",
    "Court",
    "Ct",
    "Place",
    "Pl",
    "Way",
    "Terrace",
    "Square",
    "Parkway",
    "Pkwy",
    "Close",
    "Crescent",
    "Ln",
}
SIDES = {"N", "S", "E", "W", "NE", "NW", "SE", "SW"}
ADDRESS = "address|live|living|located|residence|resides|ship to|mail to|visit"
WORD = re.compile("(?:[A-Z][A-Za-z0-9]*|[0-9]{1,3}(?:st|nd|rd|th))(?![A-Za-z0-9])")
APARTMENT = re.compile(r", (?:Apt|Suite|Ste|Unit|Floor)\.? (?P<number>[A-Za-z0-9]+)")
CITY = re.compile("[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}")
CODE = re.compile("[A-Z]{2} [0-9]{5}(?![0-9])(?:-[0-9]{4}(?![0-9]))?")


def chinese(text: str, start: int) -> Span | None:
    """An address whose number of a house begins at `start`."""
    house = HOUSE.match(text, start)
    before = text[:start].removesuffix(" ")
    run = RUN.search(before)
    if house is None or run is None or not ROAD.search(before) or before.endswith(" "):
        return None
    begin = _begin(run[0], text[: run.start()])
    return None if begin is None else (run.start() + begin, _behind_parts(text, house.end()))


def _begin(run: str, before: str) -> int | None:
    region = re.search("[省市区县州旗镇乡]", run[1:])
    if region is None:
        return len(run) - len(run.lstrip()) if re.search("址[：:]\\Z", before) else None
    at = 1 + region.start()
    head = re.split(f"[{BETWEEN} ]", run[:at].split("位于")[-1].split("落于")[-1])[-1]
    name = at - (len(head) if 1 <= len(head) <= 4 else min(2, at))
    # What stands before such a word is somebody's name, and may name a province too.
    cut = at - len(head)
    found = (run.find(province, cut) for province in PROVINCES)
    return min([name, *(place for place in found if place >= 0)])


def _behind_parts(text: str, at: int) -> int:
    if beside := BESIDE.match(text, at):
        at = beside.end()
    for _ in range(6):
        part = PART.match(text, at)
        if part is None:
            break
        at = part.end()
        if room := ROOM.match(text, at):
            return room.end()
    return at


def english(text: str, start: int) -> Span | None:
    """A number, a name and a word for a street."""
    number = re.compile("[1-9][0-9]{0,4}(?![0-9])[A-Z]? ").match(text, start)
    if number is None:
        return None
    at, words = number.end(), 0
    while True:
        word = WORD.match(text, at)
        if word is None:
            return None
        if words and (word[0] in ROUTES or word[0] in OTHERS):
            break
        behind = word.end()
        if words == 0 and word[0] in SIDES:
            behind += text.startswith(".", behind)
        else:
            words += 1
        if words > 3 or not text.startswith(" ", behind):
            return None
        at = behind + 1
    end = word.end()
    if re.match(r"[\xc0-\u07ff]", text[end:]):
        return None
    if len(word[0]) <= 4 and re.match(r"\.[, ]", text[end:]):
        end += 1
    room, city, code = _tail(text, end)
    year = re.match("(?:1[5-9]|20)[0-9]{2}(?![0-9])", text[start:])
    side = WORD.match(text, end + 1) if text.startswith(" ", end) else None
    goes_on = side is not None and side[0] not in SIDES
    title = re.search(r"(?<![A-Za-z])[A-Z][A-Za-z]* \Z", text[:start])
    titled = title and title[0] not in ("At ", "To ", "From ", "Of ", "Address ", "Visit ")
    plain = word[0] in ROUTES and not (year and city is None) and not goes_on and not titled
    if plain or code or room or says_any(text, start, 40, ADDRESS):
        return start, code or city or room or end
    return None


def _tail(text: str, at: int) -> tuple[int | None, int | None, int | None]:
    room = city = code = None
    apartment = APARTMENT.match(text, at)
    if apartment and len(apartment["number"]) <= 5:
        at = room = apartment.end()
    town = CITY.match(text, at + 2) if text.startswith(", ", at) else None
    if town:
        if re.match(r"[.,;)\n]|\Z", text[town.end() :]):
            city = town.end()
        state = CODE.match(text, town.end() + 2) if text.startswith(", ", town.end()) else None
        code = state.end() if state else None
    return room, city or code, code
