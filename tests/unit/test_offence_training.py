"""The model of offensive passages: taught anew from a tiny corpus, and the file that is shipped."""

from __future__ import annotations

import hashlib
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

from glmdata.filter import offence_training as training
from glmdata.filter.offence_regression import Table, minimum, ratios
from glmdata.filter.presets import lexicons

ROOT = Path(__file__).parents[2]
GOOD = ("渔民 老师 种子 渔网 河口 山谷 集市 灯油", "river teacher seeds market lamps harbour bread")
BAD = ("笨蛋 滚开 讨厌 废物 骗子 无耻 闭嘴 蠢货", "idiot liar shut fool nasty stupid rubbish")
TOPICS = ("town", "sea", "school")


def sentence(draw: random.Random, lang: int, bad: bool) -> str:
    words = draw.choices(GOOD[lang].split(), k=6)
    words += draw.choices((BAD if bad else GOOD)[lang].split(), k=6)
    draw.shuffle(words)
    return ("" if lang == 0 else " ").join(words)


@pytest.fixture
def corpus(tmp_path: Path) -> list[str]:
    """Arguments that name two labelled sets and a clean one."""
    draw = random.Random(5)
    arguments = []
    for number, lang in enumerate(("zh", "en")):
        records = [
            {
                "text": sentence(draw, number, n % 2 == 0),
                "label": int(n % 2 == 0),
                "fine": TOPICS[n % 3] if lang == "zh" else "all",
            }
            for n in range(300)
        ]
        path = tmp_path / f"{lang}.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        arguments += ["--labelled", f"{lang}={path}"]
    clean = [
        {"id": f"owner/{name}@1/{n}", "text": sentence(draw, n % 2, False)}
        for name in ("news", "law", "verse", "left-out")
        for n in range(60)
    ]
    path = tmp_path / "clean.jsonl"
    path.write_text("\n".join(map(json.dumps, clean)), encoding="utf-8")
    return [*arguments, "--clean", str(path), "--without", "owner/left-out"]


def test_a_tiny_corpus_teaches_it(corpus: list[str], tmp_path: Path) -> None:
    training.main([*corpus, "--output", str(tmp_path)])
    data = (tmp_path / "offence.weights").read_bytes()
    card = json.loads((tmp_path / "offence.json").read_text())
    assert data[:8] == training.MAGIC
    assert len(data) == 20 + (1 << training.BITS) * 9 // 8
    assert card["sha256"] == hashlib.sha256(data).hexdigest()
    assert {found["auc"] for found in card["labelled"].values()} <= {1.0}
    assert set(card["clean"]) == {"owner/news", "owner/law", "owner/verse"}
    assert {found["recall"]["0.01"] for found in card["labelled"].values()} == {1.0}
    assert sum(found["windows"] for found in card["clean"].values()) == 180
    assert all(0 < limit <= 1 for found in card["thresholds"].values() for limit in found.values())
    training.main([*corpus, "--output", str(tmp_path)])
    assert (tmp_path / "offence.weights").read_bytes() == data


def test_probabilities_are_those_of_the_labels() -> None:
    draw = np.random.default_rng(3)
    truth = draw.uniform(-3, 3, 20_000)
    label = (draw.uniform(size=20_000) < 1 / (1 + np.exp(-truth))).astype(int)
    slope, offset = training.platt(truth / 4 + 2, label, np.ones(20_000))
    assert slope == pytest.approx(4, abs=0.3)
    assert offset == pytest.approx(-8, abs=0.6)
    assert float(training.probability(np.array([1e9]), slope, offset)[0]) < 1


def test_no_larger_share_reaches_a_threshold() -> None:
    values = np.array([0.1, 0.2, 0.2, 0.9] * 25)
    for rate, share in ((0.01, 0.0), (0.25, 0.25), (0.5, 0.25), (0.75, 0.75)):
        assert (values >= training.quantile(values, rate)).mean() == share


def test_sums_and_ratios_are_those_of_plain_counting() -> None:
    texts = [np.array(text) for text in ([3, 3, 5], [5], [], [7, 3])]
    table = Table.of(texts, 8)
    weights = np.arange(8.0)
    assert table.sums(weights).tolist() == [8, 5, 0, 10]
    assert table.rows(np.array([3, 0])).sums(weights).tolist() == [10, 8]
    label = np.array([1, 1, 0, 0])
    found = ratios(table, label, np.ones(4), 1.0)
    assert found[5] > 0 > found[7]
    assert found[0] == 0


def test_the_least_of_a_bowl_is_found() -> None:
    scales, middle = np.array([1.0, 10.0, 100.0]), np.array([3.0, -2.0, 0.5])
    found = minimum(
        lambda x: (float(scales @ (x - middle) ** 2), 2 * scales * (x - middle)), np.zeros(3), 200
    )
    assert found == pytest.approx(middle, abs=1e-3)


def test_the_card_names_the_weights_that_are_shipped() -> None:
    path = ROOT / "glmdata/filter/lexicons/offence.weights"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    card = (ROOT / "docs/OFFENCE.md").read_text(encoding="utf-8")
    named = re.search(r"sha256 `([0-9a-f]{64})`", card)
    assert named is not None
    assert named[1] == digest
    assert lexicons(True)["offence"] == digest[:16]
    assert "offence" not in lexicons(False)
