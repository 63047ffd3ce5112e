"""Damaged settings and vocabularies for the readers that are written in Python.

A reader may give a value or refuse in the words of `GlmdataError`; anything else is a finding.
`python -m tests.fuzz.settings SECONDS` looks for one and keeps it in `fuzz/cases/`, from where
`test_settings.py` reads it on every run.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from glmdata.engine.recipe import read_recipe
from glmdata.errors import GlmdataError, InternalError
from glmdata.filter.rules import read_rules
from glmdata.tokenizer import vocabulary
from glmdata.tokenizer.export import tokenizer_json
from glmdata.tokenizer.patterns import CL100K_PATTERN
from glmdata.tokenizer.specials import glm4_specials
from glmdata.tokenizer.tokenizer import Tokenizer
from tests.property.tokenizers import ranks_text

ROOT = Path(__file__).parents[2]
CASES = ROOT / "fuzz" / "cases"

WORDS = [
    *('"', "'", '"""', "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\n", "\\", "\x00"),
    *("true", "nan", "inf", "-inf", "-1", "0", "1e400", "1979-05-27", "07:32:00", "0x10", "null"),
    *("9" * 20, "9" * 5000, "[" * 2000, '{"a":' * 2000, "\\ud800", "\ufeff", "é", "河口"),
]
"""What mutations put in: marks of both languages, values of every kind, and too much of them."""

VALUES: list[Any] = [
    *(None, True, -1, 0, 1.5, 10**30, "", "a", "\ud800", "Ġ", [], ["a"], {}, {"type": 1})
]
"""What takes the place of a node of a JSON tree."""


def _recipe(data: bytes, folder: Path) -> None:
    (folder / "recipe.toml").write_bytes(data)
    read_recipe(folder / "recipe.toml")


def _rules(data: bytes, folder: Path) -> None:
    (folder / "rules.toml").write_bytes(data)
    read_rules(folder / "rules.toml")


def _json(data: bytes, folder: Path) -> None:
    (folder / "tokenizer.json").write_bytes(data)
    vocabulary.read(folder / "tokenizer.json")


def _description(data: bytes, folder: Path) -> None:
    """Ranks and description of a folder, with a line between them."""
    described, _, ranks = data.partition(_BETWEEN)
    own = folder / "vocabulary"
    own.mkdir(exist_ok=True)
    (own / vocabulary.DESCRIPTION_FILE).write_bytes(described)
    (own / vocabulary.RANKS_FILE).write_bytes(ranks)
    vocabulary.read(own)


_BETWEEN = b"\n--\n"

READERS: dict[str, Callable[[bytes, Path], None]] = {
    "recipe": _recipe,
    "rules": _rules,
    "tokenizer-json": _json,
    "tokenizer-folder": _description,
}


def seeds() -> dict[str, list[bytes]]:
    """Sound inputs of every reader."""

    def texts(folder: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((ROOT / "glmdata" / folder).glob("*.toml"))]

    tokens = [*(bytes([byte]) for byte in range(256)), b"th", b"the"]
    ranks = ranks_text({token: rank for rank, token in enumerate(tokens)})
    small = Tokenizer(ranks, CL100K_PATTERN, glm4_specials(len(tokens)))
    with tempfile.TemporaryDirectory() as folder:
        small.save(folder)
        names = (vocabulary.DESCRIPTION_FILE, vocabulary.RANKS_FILE)
        described = _BETWEEN.join(Path(folder, name).read_bytes() for name in names)
    return {
        "recipe": texts("engine/pipelines"),
        # A preset that is made of others is no file of rules.
        "rules": [text for text in texts("filter/presets") if b"[[use]]" not in text],
        "tokenizer-json": [json.dumps(tokenizer_json(small)).encode()],
        "tokenizer-folder": [described],
    }


def damaged(reader: str, seed: bytes, draw: random.Random) -> bytes:
    """The seed with one to three changes."""
    if reader == "tokenizer-json" and draw.random() < 0.6:
        tree = json.loads(seed)
        for _ in range(draw.randint(1, 2)):
            _replace_node(tree, draw)
        return json.dumps(tree).encode()
    data = seed
    for _ in range(draw.randint(1, 3)):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice([0, 0, 1, 2, 5, 40, 400]))
        word = draw.choice(
            [
                b"",
                bytes([draw.randrange(256)]),
                draw.choice(WORDS).encode(),
                data[start:end] * 2,
            ]
        )
        data = data[:start] + word + data[end:]
    if b"=" in data and draw.random() < 0.5:
        lines = data.split(b"\n")
        at = draw.randrange(len(lines))
        key = lines[at].partition(b"=")[0]
        lines[at] = key + b"= " + draw.choice(WORDS).encode()
        data = b"\n".join(lines)
    return data


def _replace_node(tree: Any, draw: random.Random) -> None:
    """Put a value in the place of some node, or take it out."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        if not keys:
            return
        key = draw.choice(keys)
        node = tree[key]
        if isinstance(node, dict | list) and draw.random() < 0.85:
            tree = node
            continue
        if draw.random() < 0.3:
            del tree[key]
        else:
            tree[key] = draw.choice(VALUES)
        return


def finding(reader: str, data: bytes, folder: Path) -> str | None:
    """What a reader did that it may not do."""
    try:
        READERS[reader](data, folder)
    except InternalError:
        return traceback.format_exc()
    except GlmdataError:
        return None
    except Exception:
        return traceback.format_exc()
    return None


def inputs(seed: int) -> Iterator[tuple[str, bytes]]:
    """Damaged inputs of all readers in turn, without end; the same for the same seed."""
    draw = random.Random(seed)
    sound = seeds()
    while True:
        for reader, found in sound.items():
            yield reader, damaged(reader, draw.choice(found), draw)


def main(seconds: float) -> int:
    """Look for a finding; 1 if there is one."""
    until = time.monotonic() + seconds
    tried, found = 0, set()
    with tempfile.TemporaryDirectory() as folder:
        for reader, data in inputs(time.time_ns()):
            if time.monotonic() > until:
                break
            tried += 1
            told = finding(reader, data, Path(folder))
            if told is None:
                continue
            place = (reader, told.splitlines()[-1][:60])
            if place not in found:
                found.add(place)
                case = CASES / reader / hashlib.sha256(data).hexdigest()[:16]
                case.parent.mkdir(parents=True, exist_ok=True)
                case.write_bytes(data)
                sys.stderr.write(f"{case.relative_to(ROOT)}\n{told}\n")
    sys.stderr.write(f"{tried} inputs, {len(found)} findings\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
