"""Texts whose form is their content: verse, dialogues, lists of amounts; known by their lines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

from glmdata.reference.scripts import LETTERS, script_of

MOST_LINES = 128
LONGEST_LINE = 4096
LONGEST_TASTE = 60
LEAST_LINES = 4
SHORT_MEAN = 60
WORDS = {
    "a",
    "about",
    "all",
    "am",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "been",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "for",
    "from",
    "had",
    "has",
    "have",
    "he",
    "her",
    "him",
    "his",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "like",
    "me",
    "my",
    "no",
    "not",
    "of",
    "on",
    "or",
    "our",
    "out",
    "she",
    "so",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "they",
    "this",
    "to",
    "up",
    "upon",
    "us",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "who",
    "will",
    "with",
    "would",
    "you",
    "your",
    "never",
    "nobody",
}
CHARACTERS = (
    "的了着是在我你他她它们这那有没不也就都又还却只和与"
    "把被给让吗呢吧啊谁什么怎到从向里上下去来过说像再很一"
)
UNITS = {
    "c",
    "can",
    "cans",
    "clove",
    "cloves",
    "cm",
    "cup",
    "cups",
    "dl",
    "egg",
    "eggs",
    "g",
    "gram",
    "grams",
    "hours",
    "hour",
    "kg",
    "l",
    "large",
    "lb",
    "lbs",
    "min",
    "minutes",
    "ml",
    "onion",
    "onions",
    "ounce",
    "ounces",
    "oz",
    "pinch",
    "pound",
    "pounds",
    "slice",
    "slices",
    "small",
    "stick",
    "tablespoon",
    "tablespoons",
    "tbsp",
    "teaspoon",
    "teaspoons",
    "tsp",
}
UNIT_CHARACTERS = "克斤升勺匙杯个只根片瓣颗块把滴粒毫公千分小汤茶大℃度"
CURRENCIES = "$¥￥€£元"

Shape = tuple[int, int, bool, bool]
"""Of a line: width, block, whether it ends a sentence, whether a sign of a list precedes it."""


def form_of(texts: Sequence[str], shapes: Sequence[Shape], repeated: int) -> tuple[int, int, int]:
    """Lines of verse, of speakers and of amounts."""
    n = len(texts)
    couplets = 2 <= n < LEAST_LINES and any(closed for _, _, closed, _ in shapes)
    if (n < LEAST_LINES and not couplets) or sum(shape[0] for shape in shapes) > SHORT_MEAN * n:
        return 0, 0, 0
    verse = max(even_lines(texts, shapes), free_lines(texts, shapes, repeated))
    return verse, speaker_lines(texts, shapes), sum(map(is_amount, texts))


def is_punctuation(character: str) -> bool:
    """A mark that is neither an end of a sentence, nor a closing one, nor one of program text."""
    special = script_of(character) == "special" and character != ":"
    return special and unicodedata.category(character)[0] == "P"


def clauses(text: str) -> tuple[int, int] | None:
    """Han characters of each clause, and how many clauses; None if there is anything else."""
    marks = ("terminal", "closing", "space")
    cut = "".join("|" if script_of(c) in marks or is_punctuation(c) else c for c in text)
    found = [part for part in cut.split("|") if part]
    if "|" in text or not all(script_of(c) == "han" for part in found for c in part):
        return None
    lengths = set(map(len, found))
    return (lengths.pop(), len(found)) if len(lengths) == 1 else None


def even_lines(texts: Sequence[str], shapes: Sequence[Shape]) -> int:
    """Lines of a poem of five, seven or four characters a clause, title and poet among them."""
    most = 0
    for length in (5, 7, 4):
        found = [clauses(text) for text in texts]
        poem = [
            place
            for place, clause in enumerate(found)
            if clause and clause[0] == length and (length != 4 or shapes[place][2])
        ]
        count = sum(clause[1] for place in poem if (clause := found[place]))
        if not poem or count < 4 or count % 2 or poem[0] > 3:
            continue
        if poem[0] == 0 and not any(shapes[place][2] for place in poem):
            continue
        pairs = [
            pair
            for place in poem
            for pair in pairwise(texts[place])
            if all(script_of(c) == "han" for c in pair)
        ]
        if 20 * len(set(pairs)) >= 17 * len(pairs):
            most = max(most, poem[0] + len(poem))
    return most


def free_lines(texts: Sequence[str], shapes: Sequence[Shape], repeated: int) -> int:
    """Lines of free verse or a song; 0 if the text is none."""
    n = len(texts)
    if n < LEAST_LINES or 5 * repeated > 3 * n:
        return 0
    verse = sum(
        wide <= 70
        and not marked
        and "..." not in text
        and "…" not in text
        and not any(script_of(c) in ("mark of code", "digit") or is_symbol(c) for c in text)
        for text, (wide, _, _, marked) in zip(texts, shapes, strict=True)
    )
    blocks = [len(list(block)) for _, block in groupby(shape[1] for shape in shapes)]
    stanzas = [size for size in blocks if 2 <= size <= 14]
    marked = sum(map(ends_with_mark, texts))
    shaped = (len(stanzas) > 1 and 10 * sum(stanzas) >= 7 * n) or 10 * marked >= 3 * n
    return verse if 5 * verse >= 4 * n and shaped and holds_together(texts) else 0


def is_symbol(character: str) -> bool:
    """A symbol of Unicode that is no mark of program text."""
    return script_of(character) == "special" and unicodedata.category(character)[0] == "S"


def ends_with_mark(text: str) -> bool:
    """Whether a line ends with a mark, ellipses aside."""
    last = text[-1]
    marks = ("terminal", "closing", "mark of code")
    return (script_of(last) in marks or is_punctuation(last) or last == ":") and not text.endswith(
        ("...", "…")
    )


def beginnings(texts: Sequence[str]) -> list[str]:
    """Of long lines their first bytes, whole characters of them."""
    return [text.encode()[:LONGEST_LINE].decode(errors="ignore") for text in texts]


def small_share(texts: Sequence[str], shapes: Sequence[Shape]) -> float:
    """Of Han characters or words, those that hold sentences together; 1 where sentences end."""
    if 5 * sum(shape[2] for shape in shapes) >= len(texts):
        return 1
    words = [word for text in beginnings(texts) for word in re.findall("[A-Za-z]+", text)]
    han = [c for text in beginnings(texts) for c in text if script_of(c) == "han"]
    found = (
        [c in CHARACTERS for c in han]
        if 4 * len(han) >= len(words)
        else [word.lower() in WORDS for word in words]
    )
    return sum(found) / len(found) if found else 0


def holds_together(texts: Sequence[str]) -> bool:
    """Whether words that hold sentences together are frequent, and capitals within lines not."""
    lines = [re.findall("[A-Za-z]+", text) for text in beginnings(texts)]
    words = [word for line in lines for word in line]
    inner = [word for line in lines for word in line[1:] if word != "I"]
    small = sum(word.lower() in WORDS for word in words)
    capitals = sum(word[0].isupper() for word in inner)
    han = [c for text in beginnings(texts) for c in text if script_of(c) == "han"]
    if len(han) >= len(words):
        return bool(han) and 100 * sum(c in CHARACTERS for c in han) >= 8 * len(han)
    return 4 * small >= len(words) and 10 * capitals <= 3 * len(inner)


def speaker_lines(texts: Sequence[str], shapes: Sequence[Shape]) -> int:
    """Lines that end a sentence behind a name that comes again, or behind a quotation mark."""
    names = [speaker(text) for text in texts]
    times = Counter(name for name in names if name)
    return sum(
        shape[2] and (text.startswith(tuple('"“「『—–')) or times[name or ""] > 1)
        for text, name, shape in zip(texts, names, shapes, strict=True)
    )


def speaker(text: str) -> str | None:
    """What stands before the first colon of a line, if it may be a name and something follows."""
    found = re.match("([^:：]{1,20})[:：](?=.)", text, re.DOTALL)
    if found is None:
        return None
    letters = (script_of(c) in LETTERS or c in " .'()（）" for c in found[1])
    return found[1] if all(letters) else None


def is_amount(text: str) -> bool:
    """Whether a number with a unit stands in a line, and no price."""
    if any(c in CURRENCIES for c in text):
        return False
    if len(text.encode()) <= LONGEST_TASTE and ("适量" in text or "少许" in text):
        return True
    for unit in re.findall("[0-9][0-9.,/]* ?°*(?=([A-Za-z]+|.?))", text, re.DOTALL):
        if unit.lower() in UNITS or (unit and unit in UNIT_CHARACTERS):
            return True
    return False
