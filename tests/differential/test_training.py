"""Merges learned from bytes against those of HuggingFace tokenizers and of the slow twin.

Ours orders pairs by falling count, then by the bytes of the left token, then of the right one;
tokenizers by falling count, then by ids, which follow its alphabet and the order of merges. So the
merges agree until the first tie, and the twin says where that is.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizers import Regex, pre_tokenizers
from tokenizers import Tokenizer as HuggingFace
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from glmdata import tokenizer
from glmdata.reference import bpe
from glmdata.tokenizer import Tokenizer
from glmdata.tokenizer.byte_level import bytes_of
from glmdata.tokenizer.patterns import CL100K_PATTERN

OPTIONS: dict[str, Any] = {
    "base": "none",
    "numbers": False,
    "policy": "weighted",
    "min_documents": 0,
    "min_sources": 0,
    "min_count": 1,
    "document_cap": 0,
    "whole_characters": False,
    "max_han": 0,
    "max_token_bytes": 0,
}
"""All guards off, all languages together: plain BPE."""

MERGES = 250

Merge = tuple[bytes, bytes]


def texts() -> list[str]:
    """Words of random letters of one or two bytes, so that few counts are equal.

    The two pairs in a letter of three bytes mostly are: Chinese ties at once.
    """
    draw = random.Random(4)
    letters = [*"etaoinshrdlu", *"оеаинтсрвлкм"]
    weights = [1 / (n % 12 + 1.37) for n in range(len(letters))]
    words = {"".join(draw.choices(letters, weights, k=draw.randint(3, 6))) for _ in range(4_000)}
    drawn = [word for word in sorted(words) for _ in range(draw.randint(1, 99))]
    draw.shuffle(drawn)
    return [" ".join(drawn[at : at + 40]) for at in range(0, len(drawn), 40)]


def until_the_first_tie(words: Mapping[bytes, int], merges: list[Merge]) -> int:
    """How many of the merges had a count of their own."""
    parts = {word: [word[at : at + 1] for at in range(len(word))] for word in words}
    for number, merge in enumerate(merges):
        counts: Counter[Merge] = Counter()
        for word, split in parts.items():
            for pair in pairwise(split):
                counts[pair] += words[word]
        (_, first), (_, second) = counts.most_common(2)
        if first == second:
            return number
        for split in parts.values():
            at = 0
            while at < len(split) - 1:
                if (split[at], split[at + 1]) == merge:
                    split[at : at + 2] = [split[at] + split[at + 1]]
                at += 1
    return len(merges)


def ours(given: list[str], folder: Path) -> list[Merge]:
    tokenizer.train_from_iterator(given, folder, vocab_size=256 + MERGES, **OPTIONS)
    learned = Tokenizer.load(folder)
    tokens = learned.token_bytes()
    splits = learned.splits() or []
    return [(tokens[left], tokens[right]) for left, right in splits[256:]]


def theirs(given: list[str]) -> list[Merge]:
    trained = HuggingFace(BPE())
    split = pre_tokenizers.Split(Regex(CL100K_PATTERN), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trained.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(
        vocab_size=256 + MERGES, initial_alphabet=alphabet, show_progress=False, special_tokens=[]
    )
    trained.train_from_iterator(given, trainer)
    spelled = sorted(trained.get_vocab().items(), key=lambda item: item[1])
    tokens = [bytes_of(token) or b"" for token, _ in spelled]
    ranks: dict[bytes, int] = {token: rank for rank, token in enumerate(tokens)}
    merges = []
    for rank, token in enumerate(tokens[256:], 256):
        left, right = bpe.merge(token, ranks, below=rank)
        merges.append((left, right))
    return merges


def test_merges_equal_those_of_tokenizers_and_of_the_twin(tmp_path: Path) -> None:
    given = texts()
    words = Counter(piece.encode() for text in given for piece in bpe.pieces(text))
    found = ours(given, tmp_path / "out")
    assert len(found) == MERGES
    agreed = until_the_first_tie(words, found)
    assert agreed > 100, "a text in which ties come later is needed"
    assert found[:agreed] == theirs(given)[:agreed]
    assert found == bpe.train(words, MERGES)
