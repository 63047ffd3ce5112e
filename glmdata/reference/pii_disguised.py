"""Mail addresses with a word or another sign in the place of `@`."""

from __future__ import annotations

import re
from collections.abc import Iterator

SIGN = re.compile(r"\[at\]|\(at\)|\{at\}|\[ at \]|\( at \)", re.IGNORECASE | re.ASCII)
HASH = re.compile(
    r"#(?:qq|163|126|gmail|sina|foxmail|outlook|hotmail)\.com", re.IGNORECASE | re.ASCII
)
SPOKEN = re.compile(r"dot (?:com|org|net|edu|cn|de)", re.IGNORECASE | re.ASCII)
NAME = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
LABEL = "[A-Za-z0-9][A-Za-z0-9-]*"
DOT = r"(?: \[dot\] |\[dot\]| \(dot\) |\(dot\)| dot |\.)"
HOST = re.compile(f" ?{LABEL}(?:{DOT}{LABEL})+", re.IGNORECASE | re.ASCII)
BEFORE = re.compile("(?P<rest>.*) (?P<label>[A-Za-z0-9-]{1,64}) \\Z", re.DOTALL)
WORDS = {"the", "a", "an", "this", "that", "look", "one", "every"}


def disguised(text: str) -> Iterator[tuple[int, int]]:
    """`name [at] host.org`, `name#qq.com`, `name at host dot com`."""
    for sign in SIGN.finditer(text):
        name = _name(text[: sign.start()].removesuffix(" "))
        host = HOST.match(text, sign.end())
        if name and host and re.search("[A-Za-z]{2}\\Z", host[0]) and _ends(text, host.end()):
            yield name[0], host.end()
    for sign in HASH.finditer(text):
        name = _name(text[: sign.start()])
        if name and _ends(text, sign.end()) and not text.startswith("#", sign.end()):
            yield name[0], sign.end()
    for sign in SPOKEN.finditer(text):
        name = _spoken(text[: sign.start()]) if _ends(text, sign.end()) else None
        if name:
            yield name[0], sign.end()


def _ends(text: str, end: int) -> bool:
    return not re.match("[A-Za-z0-9_]", text[end:])


def _name(before: str) -> tuple[int] | None:
    found = NAME.search(before)
    name = re.sub("\\A[._%+-]+", "", found[0]) if found else ""
    if not name or name.endswith(".") or name.lower() in WORDS:
        return None
    return (len(before) - len(name),)


def _spoken(before: str) -> tuple[int] | None:
    for _ in range(4):
        found = BEFORE.search(before)
        if found is None or found["label"].lower() in WORDS:
            return None
        rest = found["rest"]
        if rest[-3:].lower() == " at":
            return _name(rest[:-3])
        if rest[-4:].lower() != " dot":
            return None
        before = rest[:-4] + " "
    return None
