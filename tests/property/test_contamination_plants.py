"""Benchmark items planted in prose: as they are, and changed in one way each."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from glmdata import _native
from glmdata.filter.presets import OVERLAP

Item = tuple[str, str, list[str]]

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/benchmark_items.jsonl").read_text().splitlines()
]
AROUND = {
    "zh": (
        "昨天夜里有人在论坛上贴出一段话，下面的人争了一个晚上。",
        "楼主后来说他也记不清是从哪里抄来的，大家便散了。",
    ),
    "en": (
        "Somebody posted this on our board last night and a long quarrel followed. ",
        " Nobody could say where it had come from, and by morning we had all moved on.",
    ),
}
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
HAN = "零一二三四五六七八九"


def item_of(row: dict[str, object]) -> Item:
    """What the loader reads of a row."""
    options = row.get("choices") or [row[letter] for letter in "ABCD" if letter in row]
    return str(row["id"]), str(row.get("question") or row["prompt"]), list(options)  # type: ignore[call-overload]


ITEMS = [item_of(row) for row in ROWS]


def lang_of(item: Item) -> str:
    return item[0][:2]


def listed(options: list[str]) -> str:
    return "".join(
        f"\n{letter}. {text}" for letter, text in zip("ABCD", options, strict=bool(options))
    )


def verbatim(item: Item, rng: random.Random) -> str:
    return item[1] + (listed(item[2]) if item[2] else "")


def one_changed(item: Item, rng: random.Random) -> str:
    """Another word, or Han character, in one place of the question."""
    words = re.findall(r"[一-鿿]|[A-Za-z]+|.", item[1], re.DOTALL)
    places = [at for at, word in enumerate(words) if re.match(r"[一-鿿A-Za-z]", word)]
    words[rng.choice(places)] = "鲸" if lang_of(item) == "zh" else "walrus"
    return "".join(words) + (listed(item[2]) if item[2] else "")


def shuffled(item: Item, rng: random.Random) -> str:
    options = item[2][1:] + item[2][:1]
    rng.shuffle(options)
    return item[1] + listed(options)


def bare(item: Item, rng: random.Random) -> str:
    return item[1]


def other_numbers(item: Item, rng: random.Random) -> str:
    return re.sub("[0-9]+", lambda number: str(int(number[0]) + rng.randint(1, 40)), item[1])


def spelled(item: Item, rng: random.Random) -> str:
    say = _in_chinese if lang_of(item) == "zh" else _in_english
    return re.sub("[0-9]+", lambda number: say(int(number[0])), item[1])


def _in_chinese(number: int) -> str:
    digits = [int(digit) for digit in str(number)]
    units = ["", "十", "百", "千"][: len(digits)][::-1]
    said = "".join(HAN[d] + u for d, u in zip(digits, units, strict=True) if d)
    return said.removeprefix("一") if 10 <= number < 20 else said


def _in_english(number: int) -> str:
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    rest = f" {_in_english(number % 100)}" if number % 100 else ""
    return f"{SMALL[number // 100]} hundred{rest}"


def found(change: Callable[[Item, random.Random], str], items: list[Item]) -> float:
    rng = random.Random(7)
    texts = []
    for item in items:
        before, behind = AROUND[lang_of(item)]
        texts.append(f"{before * 3}{change(item, rng)}{behind * 3}")
    hits = _native.contamination(ITEMS, texts)
    right = [
        share >= OVERLAP and name == item[0] and _holds(text, place, item)
        for item, text, (share, name, place) in zip(items, texts, hits, strict=True)
    ]
    return sum(right) / len(right)


def _holds(text: str, place: tuple[int, int] | None, item: Item) -> bool:
    """The place lies in what was planted, within the prose around it."""
    before, behind = (len(part.encode()) * 3 for part in AROUND[lang_of(item)])
    size = len(text.encode())
    return place is not None and before - 40 <= place[0] < place[1] <= size - behind + 40


CHOICES = [item for item in ITEMS if item[2]]
SUMS = [item for item in ITEMS if "-sum-" in item[0]]


@pytest.mark.parametrize(
    ("change", "items", "least"),
    [
        (verbatim, ITEMS, 1.0),
        (one_changed, ITEMS, 0.95),
        (shuffled, CHOICES, 0.9),
        (bare, CHOICES, 0.95),
        (other_numbers, SUMS, 0.95),
        (spelled, SUMS, 0.95),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_changed_items_are_found(
    change: Callable[[Item, random.Random], str], items: list[Item], least: float
) -> None:
    assert len(items) >= 25
    assert found(change, items) >= least


def test_no_item_is_in_another_or_in_the_prose_around() -> None:
    for number, item in enumerate(ITEMS):
        others = ITEMS[:number] + ITEMS[number + 1 :]
        text = "".join(AROUND[lang_of(item)]) + verbatim(item, random.Random(1))
        ((share, _, _),) = _native.contamination(others, [text])
        assert share < OVERLAP / 2, item[0]
