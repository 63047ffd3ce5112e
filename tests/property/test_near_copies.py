"""600 pairs of documents, labelled by a reader who did not know the rules: one document or two.

The rules were tuned on every other pair; the figures of both halves are held here. What is missed
is in docs/LOG.md: no rule over words knows that a court decided otherwise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.property.stages import run

DATA = Path(__file__).parents[1] / "data"


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


BODIES = {body["id"]: body["lines"] for body in read("near_copy_bodies.jsonl")}
PAIRS = read("near_copies.jsonl")

LEAST = {
    ("tuned on", "en"): {"copy": 0.97, "variant": 0.58},
    ("tuned on", "zh"): {"copy": 0.95, "variant": 0.60},
    ("not looked at", "en"): {"copy": 0.97, "variant": 0.64},
    ("not looked at", "zh"): {"copy": 0.97, "variant": 0.68},
}
"""Of the pairs of a verdict, the share that is decided so."""


def sides(pair: dict[str, Any]) -> list[str]:
    """Both documents. An edit is [line, in a, in b]; -1 is above, the count of lines below."""
    texts = []
    for side in (0, 1):
        lines = list(BODIES[pair["body"]])
        top, bottom = [], []
        for edit in pair["edits"]:
            if isinstance(edit, dict):
                continue
            at, text = edit[0], edit[1 + side]
            if at == -1:
                top = [text]
            elif at == len(BODIES[pair["body"]]):
                bottom = [text]
            else:
                lines[at] = text
        texts.append("\n".join(line for line in (*top, *lines, *bottom) if line is not None))
    for edit in pair["edits"]:
        if isinstance(edit, dict):
            texts[1] = texts[1].replace(*edit["rename"])
    return texts


def rounds(pairs: list[dict[str, Any]]) -> list[list[int]]:
    """Pairs by number, in rounds in which no body comes twice: strangers are no near copies."""
    found: list[list[int]] = []
    for number, pair in enumerate(pairs):
        used = (all(pairs[n]["body"] != pair["body"] for n in chosen) for chosen in found)
        place = next((i for i, free in enumerate(used) if free), len(found))
        if place == len(found):
            found.append([])
        found[place].append(number)
    return found


def both_stay(folder: Path, pairs: list[dict[str, Any]]) -> list[bool]:
    answers = [False] * len(pairs)
    for number, chosen in enumerate(rounds(pairs)):
        documents = [{"id": f"{n}", "text": text} for n in chosen for text in sides(pairs[n])]
        kept = run(folder / str(number), documents, write="decisions").kept
        for place, n in enumerate(chosen):
            answers[n] = {2 * place, 2 * place + 1} <= kept
    return answers


def test_there_are_as_many_of_each_verdict() -> None:
    for lang in ("zh", "en"):
        verdicts = [pair["verdict"] for pair in PAIRS if pair["lang"] == lang]
        assert (verdicts.count("copy"), verdicts.count("variant")) == (150, 150)


@pytest.mark.parametrize(("half", "lang"), sorted(LEAST))
def test_one_document_or_two(tmp_path: Path, half: str, lang: str) -> None:
    pairs = [pair for pair in PAIRS[half != "tuned on" :: 2] if pair["lang"] == lang]
    stay = both_stay(tmp_path, pairs)
    for verdict, least in LEAST[half, lang].items():
        right = [
            both == (verdict == "variant")
            for both, pair in zip(stay, pairs, strict=True)
            if pair["verdict"] == verdict
        ]
        assert sum(right) >= least * len(right), (verdict, sum(right), len(right))
