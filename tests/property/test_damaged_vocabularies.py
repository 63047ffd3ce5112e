"""Whatever stands in the files of a vocabulary: it is read, or an error of ours says why not."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from glmdata import Tokenizer
from glmdata.errors import GlmdataError, InternalError
from glmdata.tokenizer import export, glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN
from tests.property.tokenizers import SAMPLE, ranks_text, trained_ranks

RANKS = trained_ranks(SAMPLE, 60)
WHOLE = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS)))
KEYS = (
    *("eos_token", "pad_token", "bos_token", "eos_token_id", "pad_token_id", "bos_token_id"),
    *("chat_template", "added_tokens_decoder", "tokenizer_class"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 5, -1, 10**30, 1.5, "x", "<sop>", len(RANKS)),
    *([], {}, ["x"], [["x"]], [{"a": 1}], {"content": [1]}, {"content": "<sop>"}, {"7": {}}),
    *([len(RANKS), [1]], [{"name": ["a"]}], [{"name": "default", "template": 3}]),
)


def told(source: str) -> bool:
    """Whether it was read; an error of another kind is a failure."""
    said: list[GlmdataError] = []
    try:
        Tokenizer.load(source)
    except GlmdataError as error:
        said.append(error)
    assert all(source in str(error) for error in said)
    assert not any(isinstance(error, InternalError) for error in said)
    return not said


@pytest.mark.parametrize("kind", ["tokenizer.json", "tokenizer.model"])
def test_any_value_beside_a_vocabulary(kind: str) -> None:
    export.export(WHOLE, "out", ["huggingface"])
    folder = Path("out")
    if kind == "tokenizer.model":
        folder.joinpath("tokenizer.json").unlink()
        folder.joinpath(kind).write_bytes(ranks_text(RANKS))
    names = ("tokenizer_config.json", "special_tokens_map.json", "generation_config.json")
    verdicts = set()
    for name in (*names, "config.json"):
        path = folder / name
        before = path.read_bytes() if path.exists() else b"{}"
        for key in KEYS:
            for value in VALUES:
                path.write_text(json.dumps({**json.loads(before), key: value}))
                verdicts.add(told("out"))
        path.write_bytes(before)
    assert verdicts == {True, False}
    assert told("out")


def test_any_change_of_a_gguf() -> None:
    export.export(WHOLE, "out", ["gguf"])
    data = Path("out/tokenizer.gguf").read_bytes()
    generator = random.Random(5)
    verdicts = []
    for at in range(120):
        changed = bytearray(data)
        if at % 2:
            del changed[generator.randrange(len(data)) :]
        for _ in range(generator.randint(1, 6) * (at % 2 == 0)):
            changed[generator.randrange(len(data))] = generator.randrange(256)
        Path("some.gguf").write_bytes(changed)
        verdicts.append(told("some.gguf"))
    assert verdicts.count(False) > 0
