"""Who comes first: of two duplicates the one of lower rank stays.

Source priority, then what the policy values (longest normal form and then shortest text, newest
date, best number), then `id`, then the key of the text, then the place in the input. With the
policy `first` the place comes right after source priority.
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

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:.(\d{2}).(\d{2}).(\d{2}))?", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def keep_value(
    policy: str,
    document: Document,
    *,
    code: bool = False,
    normal: Callable[[str], str] = normalise,
) -> float:
    """What the policy looks at, larger is better; minus infinity for what it cannot read.

    Of a text as code only ASCII white space says nothing. A date is ISO 8601, a time of day behind
    it is taken as UTC; a number may be a string.
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
    if name == "newest" and (date := _DATE.match(written)):
        parts = [int(part or 0) for part in date.groups()]
        year, month, day, hour, minute, second = parts
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
        return (moment - _EPOCH).total_seconds()
    return float(written) if _NUMBER.fullmatch(written) else -math.inf


def ranks(
    documents: Sequence[Document],
    policy: str,
    source_priority: Sequence[str] = (),
    is_code: Callable[[Document], bool] = lambda _: False,
    normal: Callable[[str], str] = normalise,
) -> list[int]:
    """The rank of every document in keep order; `documents` are in canonical input order."""
    priority = {source: place for place, source in reversed(list(enumerate(source_priority)))}

    def key(position: int) -> tuple[Any, ...]:
        document = documents[position]
        place = priority.get(document.get("source", ""), len(priority))
        value = -keep_value(policy, document, code=is_code(document), normal=normal)
        if policy == "first":
            return place, value, position
        # UTF-8 sorts like code points, so strings compare here as bytes do in the compiled half.
        return place, value, document.get("id", ""), document.get("text_key", b""), position

    order = sorted(range(len(documents)), key=key)
    found = [0] * len(documents)
    for rank, position in enumerate(order):
        found[position] = rank
    return found
