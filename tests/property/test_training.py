"""What training promises about spam, beside what tests/e2e/test_train_tokenizer.py looks at."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from glmdata import Tokenizer, tokenizer

DOCUMENTS = 100_000
SPAM_DOCUMENTS = 30
SPAM = "彩票平台开户送彩金"
COMMON = ["龙王", "东海", "渔民", "河口", "种子", "山谷", "老师", "清点", "修补", "渔网"]
FILLER = [chr(0x5000 + n) for n in range(0, 3_000, 3)]


def crawl(path: Path) -> None:
    """Texts of common words and rare characters; 30 of 100,000 repeat a phrase fifty times."""
    draw = random.Random(9)
    spam = set(draw.sample(range(DOCUMENTS), SPAM_DOCUMENTS))
    with path.open("w", encoding="utf-8") as out:
        for n in range(DOCUMENTS):
            words = [draw.choice(COMMON) + draw.choice(FILLER) for _ in range(6)]
            text = "，".join(words) + ("，" + SPAM) * (50 if n in spam else 0)
            record = {"text": text, "source": f"s{n % 7}", "lang": "zh"}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def test_spam_of_thirty_documents_is_no_token_and_common_words_are(tmp_path: Path) -> None:
    crawl(tmp_path / "crawl.jsonl")
    options: dict[str, Any] = {"base": "none", "numbers": False, "vocab_size": 3_000}
    tokenizer.train(tmp_path / "crawl.jsonl", tmp_path / "out", **options)
    tokens = set(Tokenizer.load(tmp_path / "out").token_bytes())
    assert [word for word in COMMON if word.encode() not in tokens] == []
    pieces = [SPAM[at : at + n] for n in (2, 3, 4) for at in range(len(SPAM) - n + 1)]
    assert [piece for piece in pieces if piece.encode() in tokens] == []
    vetoes = pq.read_table(tmp_path / "out/vetoes.parquet").to_pylist()
    refused = {row["text"] for row in vetoes if row["guard"] == "min_documents"}
    assert refused & {"彩", "彩票", "平台", "票", "金"}
    # Without the guard the phrase is worth a token: the test would see it.
    tokenizer.train(tmp_path / "crawl.jsonl", tmp_path / "free", min_documents=0, **options)
    free = set(Tokenizer.load(tmp_path / "free").token_bytes())
    assert [piece for piece in pieces if piece.encode() in free]
