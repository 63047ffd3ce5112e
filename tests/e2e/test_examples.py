"""The calls at the end of every `--help` work as printed, one after the other, on the sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.cli.examples import EXAMPLES
from tests.e2e.conftest import run_script

WHOLE = ("run", "recipes")
"""Verbs that are tried by themselves: what they make is what the others make by hand."""

BY_HAND = (
    *(
        "dedup",
        "filter",
        "diff",
        "calibrate",
        "train-classifier",
        "benchmark-pack",
        "train-tokenizer",
    ),
    *("tokenizer", "tokenizer count", "tokenizer verify", "tokenizer repair", "tokenizer audit"),
    *("tokenizer export", "tokenizer encode", "shard", "mix", "materialize", "export", "verify"),
    *("report", "explain", "show", "browse", "config", "completion", "init"),
)
"""The others, each behind those that make what it reads."""

NOT_RUN = {
    "glmdata completion fish | source": "needs the shell fish",
    "glmdata browse": "serves until somebody ends it",
    "glmdata browse out --port 8765 --open": "serves until somebody ends it",
}
"""Call -> why it is not run."""

NAMED = """
cp -r crawl/web held-out
python - <<'END'
import json
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from glmdata import Tokenizer
from glmdata.sample import documents

texts = [record["text"] for table in documents().values() for record in table]
kept, removed = Path("kept.jsonl"), Path("removed.jsonl")
kept.write_text("".join(json.dumps({"text": text}) + "\\n" for text in texts[:400]))
removed.write_text('{"text": "暂无内容"}\\n' * 9)
for name, wanted in (("labelled.jsonl", "1"), ("a.jsonl", "good")):
    labels = (wanted if number % 3 else "other" for number in range(len(texts)))
    lines = (json.dumps({"text": t, "label": label}) for t, label in zip(texts, labels))
    Path(name).write_text("\\n".join(lines))
Path("evals").mkdir()
questions = [{"prompt": text} for text in texts[:20]]
Path("evals/asked.jsonl").write_text("\\n".join(map(json.dumps, questions)))
parquet.write_table(pa.Table.from_pylist(questions), "a.parquet")
END
"""
"""Makes the inputs that examples name and no example makes."""

FOREIGN = """
cp glmdata-out/tokenizer/tokenizer.json tokenizer.json
cp glmdata-out/tokenizer/tokenizer.tiktoken theirs.tiktoken
GLMDATA_WORKSPACE=by-hand glmdata dedup --input crawl/
"""
"""The same, for those that are made of what earlier examples left."""


def calls(verb: str) -> list[str]:
    return [call for call in EXAMPLES[verb] if call not in NOT_RUN]


def test_each_example_is_run_or_has_a_reason() -> None:
    known = [call for verb in EXAMPLES for call in EXAMPLES[verb]]
    assert set(NOT_RUN) <= set(known)
    assert len(set(NOT_RUN.values())) <= 2
    # The three of the program itself are calls of verbs, with a word beside each.
    assert {*WHOLE, *BY_HAND} == set(EXAMPLES) - {"glmdata"}


def test_recipes_as_printed(clean_place: Path) -> None:
    lines = [call for verb in WHOLE for call in calls(verb)]
    _runs(clean_place, "python -m glmdata.sample crawl/", *lines)
    assert Path("glmdata-out/mix/manifest.json").exists()
    assert Path("out/mix/manifest.json").exists()


def test_stages_by_hand_as_printed(clean_place: Path) -> None:
    lines = ["python -m glmdata.sample crawl/", NAMED]
    for verb in BY_HAND:
        lines += [*([FOREIGN] if verb == "tokenizer" else []), *calls(verb)]
    _runs(clean_place, *lines)


def _runs(place: Path, *lines: str) -> None:
    told = (f"echo '{line.strip().splitlines()[0]}' >&2\n{line}" for line in lines)
    done = run_script("\n".join(["set -euo pipefail", *told]), place)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("verb", ["dedup", "explain"])
def test_the_program_shows_what_its_verbs_show(verb: str) -> None:
    (shown,) = (call for call in EXAMPLES["glmdata"] if f" {verb} " in call)
    wanted = {"dedup": "glmdata dedup --input crawl/", "explain": "glmdata explain ID"}[verb]
    assert shown.split("  ")[0] == wanted
