"""Who comes first: of two duplicates the one of lower rank stays.

Source priority, then what the policy values (longest normal form and then shortest text, newest
date, best number), then `id`, then the key of the text, then the place in the input. With the
policy `first` the place comes right after source priority; with `longest`, of two that are as long
the one of a later date comes first.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from glmdata.reference.normalise import normalise

Document = Mapping[str, Any]
"""A record: `text`, and if it has them `id`, `source`, `lang`, other columns, and `text_key`.

`text_key` (bytes) breaks ties between documents of equal or missing id; a run takes the xxh3-128 of
the text, which the standard library lacks.
"""

_DAY = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})(?!\d)", re.ASCII)
_CLOCK = re.compile(r"[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?", re.ASCII)
_ZONE = re.compile(r" ?([+-])(\d{2}):?(\d{2})?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
FIRST_YEAR = 1000
"""Of a date: `0001-01-01` stands for none in many databases."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def keep_value(
    policy: str,
    document: Document,
    *,
    code: bool = False,
    normal: Callable[[str], str] = normalise,
) -> float:
    """What the policy looks at, larger is better; minus infinity for what it cannot read.

    Of a text as code only ASCII white space says nothing. A date is what `seconds_of` reads; a
    number may be a string.
    """
    name, _, column = policy.partition(":")
    if name == "first":
        return 0
    if name == "longest":
        text = str(document["text"])
        says = re.sub(r"[ \t-\r]", "", text) if code else normal(text)
        # Less than one byte: of two that say as much the one with less around it.
        return len(says.encode()) - len(text.encode()) / 2**32
    if column not in document:
        return -math.inf
    value = document[column]
    written = value if isinstance(value, str) else json.dumps(value)
    if name == "newest" and (moment := seconds_of(written)) is not None:
        return moment
    return float(written) if _NUMBER.fullmatch(written) else -math.inf


def seconds_of(text: str) -> int | None:
    """Seconds since 1970 of a text that begins with a day of the calendar.

    `2024-05-01` or `2024/05/01`, with a time of day and a zone if there are any; no zone is UTC.
    """
    day = _DAY.match(text)
    if day is None or (moment := _midnight(day[1], day[3], day[4])) is None:
        return None
    clock = _CLOCK.match(text, day.end())
    if clock is None:
        return moment
    hour, minute, second = (int(part or 0) for part in clock.groups())
    if hour > 23 or minute > 59 or second > 60:
        return moment
    moment += hour * 3600 + minute * 60 + second
    if zone := _ZONE.match(text, clock.end()):
        ahead = int(zone[2]) * 3600 + int(zone[3] or 0) * 60
        moment += -ahead if zone[1] == "+" else ahead
    return moment


def date_of(document: Document, names: str = "date,timestamp,published") -> int | None:
    """Seconds since 1970 of the first field of a document that is there; None if it is no date.

    Besides what `seconds_of` reads: `20240501`, `2024-05` and `2024`, and seconds or milliseconds
    since 1970, as a number or a text.
    """
    for name in names.split(","):
        value = _field(document, name.strip())
        if value is None or value == "":
            continue
        written = (value if isinstance(value, str) else json.dumps(value)).strip()
        if (moment := seconds_of(written)) is not None:
            return moment
        if (compact := _COMPACT.fullmatch(written)) and 1900 <= int(compact[1]) <= 2100:
            return _midnight(*compact.groups())
        if (year := _YEAR.fullmatch(written)) and 1900 <= int(year[1]) <= 2100:
            return _midnight(year[1], year[2] or "01", "01")
        number = float(written) if _NUMBER.fullmatch(written) else 0.0
        if 1e8 <= number < 1e11:
            return math.floor(number)
        return math.floor(number / 1000) if 1e11 <= number < 1e14 else None
    return None


def _field(document: Document, name: str) -> Any:
    if document.get(name) not in (None, ""):
        return document[name]
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _midnight(year: str, month: str, day: str) -> int | None:
    if int(year) < FIRST_YEAR:
        return None
    try:
        moment = datetime(int(year), int(month), int(day), tzinfo=timezone.utc)
    except ValueError:
        return None
    return int((moment - _EPOCH).total_seconds())


def ranks(
    documents: Sequence[Document],
    policy: str,
    source_priority: Sequence[str] = (),
    is_code: Callable[[Document], bool] = lambda _: False,
    normal: Callable[[str], str] = normalise,
    date_field: str = "date,timestamp,published",
) -> list[int]:
    """The rank of every document in keep order; `documents` are in canonical input order."""
    priority = {source: place for place, source in reversed(list(enumerate(source_priority)))}

    def key(position: int) -> tuple[Any, ...]:
        document = documents[position]
        place = priority.get(document.get("source", ""), len(priority))
        value = -keep_value(policy, document, code=is_code(document), normal=normal)
        if policy == "first":
            return place, value, position
        date = date_of(document, date_field) if policy == "longest" else None
        later = math.inf if date is None else -date
        # UTF-8 sorts like code points, so strings compare here as bytes do in the compiled half.
        return place, value, later, document.get("id", ""), document.get("text_key", b""), position

    order = sorted(range(len(documents)), key=key)
    found = [0] * len(documents)
    for rank, position in enumerate(order):
        found[position] = rank
    return found
