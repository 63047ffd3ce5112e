"""Units replaced here and there: the same share makes a near copy in Chinese and in English.

Han characters in Chinese, words in English, since a shingle has five of either.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.property.stages import run

COPIES = 100
UNITS = 1500
LEAST = {0.003: 100, 0.008: 99, 0.012: 97, 0.02: 90}
"""Of a hundred copies with this share of their units replaced, how many must be found."""


def vocabulary(rng: random.Random, lang: str) -> list[str]:
    if lang == "zh":
        return [chr(code) for code in rng.sample(range(0x4E00, 0x9FA0), 1500)]
    return ["".join(rng.choices("bdfgklmnprstvaeiou", k=rng.randint(3, 9))) for _ in range(4000)]


def written(units: list[str], lang: str) -> str:
    """As sentences and lines of a page."""
    joint, stop = ("", "。") if lang == "zh" else (" ", ".")
    sentences = (joint.join(units[at : at + 23]) + stop for at in range(0, len(units), 23))
    return "\n".join(sentences)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("share", LEAST)
def test_copies_with_scattered_edits_are_found(tmp_path: Path, share: float, lang: str) -> None:
    rng = random.Random(f"{share} {lang}")
    words = vocabulary(rng, lang)
    documents = []
    for _ in range(COPIES):
        units = rng.choices(words, k=UNITS)
        edited = units[:]
        for place in rng.sample(range(UNITS), round(UNITS * share)):
            edited[place] = rng.choice(words)
        documents += [{"text": written(units, lang)}, {"text": written(edited, lang)}]
    stage = run(tmp_path, documents, write="decisions")
    found = [i for i in range(COPIES) if len({2 * i, 2 * i + 1} & stage.kept) == 1]
    assert len(stage.removed) == len(found) >= LEAST[share]
