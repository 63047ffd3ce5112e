"""Vocabularies of others: by name against tiktoken, by file against tokenizers."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tiktoken import Encoding
from tiktoken_ext import openai_public

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.tokenizer import export
from glmdata.tokenizer.byte_level import characters_of
from glmdata.tokenizer.known import KNOWN
from tests.property.tokenizers import (
    AWKWARD,
    SAMPLE,
    category_texts,
    random_texts,
    ranks_text,
    trained_ranks,
)

pytestmark = pytest.mark.differential

TEXTS = [*AWKWARD, SAMPLE, *random_texts(10_000, seed=7), *category_texts()]


def words_of(tokenizer: Tokenizer) -> list[str]:
    """Every token that is text alone, and many beside each other."""
    words = [token.decode("utf-8", "ignore") for token in tokenizer.token_bytes()]
    generator = random.Random(11)
    return [*words, *("".join(generator.sample(words, 2)) for _ in range(10_000))]


def published(name: str, monkeypatch: pytest.MonkeyPatch) -> Encoding:
    """The encoding that tiktoken builds by name, with our ranks in place of its download."""
    ours = Tokenizer.load(name)

    def ranks(_: str, expected_hash: str) -> dict[bytes, int]:
        assert hashlib.sha256(ours.ranks_text()).hexdigest() == expected_hash
        return {token: rank for rank, token in enumerate(ours.token_bytes())}

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", ranks)
    return Encoding(**getattr(openai_public, name)())


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base"])
def test_openais_vocabularies_with_tiktokens_own_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Tokenizer.load(name), published(name, monkeypatch)
    assert dict(ours.special_tokens) == theirs._special_tokens
    texts = [*TEXTS, *words_of(ours)]
    for text, expected in zip(
        texts, theirs.encode_batch(texts, disallowed_special=()), strict=True
    ):
        assert ours.encode(text) == expected, ascii(text)
        assert ours.decode(expected) == text


@pytest.mark.parametrize("name", [name for name in KNOWN if "k_base" not in name])
def test_other_vocabularies_merge_as_tiktoken_does(name: str) -> None:
    ours = Tokenizer.load(name)
    theirs = ours.to_tiktoken()
    texts = [*TEXTS, *words_of(ours)]
    for text, expected in zip(
        texts, theirs.encode_batch(texts, disallowed_special=()), strict=True
    ):
        assert ours.encode(text) == expected, ascii(text)


def test_a_megabyte_of_one_character_ends_nothing() -> None:
    ours = Tokenizer.load("o200k_base")
    for character in " \n\ta字\u0301":
        text = character * 1_000_000
        assert ours.decode(ours.encode(text)) == text


GLM4_VECTORS = {
    "在": [98319],
    "天": [98411],
    "工作": [98538],
    "15": [99082],
    "33": [100702],
    "我想": [101446],
    " 王": [102322],
    "你好": [109377],
    "131": [118901],
    "333": [121577],
    "\u200d": [124564],
    "415": [19, 99082],
}
"""From the tests of li-plus/chatglm.cpp and reports on llama.cpp's conversion of GLM-4."""


def test_glm4s_published_vectors() -> None:
    glm4 = Tokenizer.load("glm4")
    for text, expected in GLM4_VECTORS.items():
        assert glm4.encode(text) == expected, text
    asked = glm4.apply_chat_template(
        [{"role": "user", "content": "你好"}], add_generation_prompt=True
    )
    assert asked == [151331, 151333, 151336, 198, 109377, 151337]
    assert (glm4.end_ids, glm4.pad_id, glm4.rows) == ([151329, 151336, 151338], 151329, 151552)


def all_splits(tokenizer: Tokenizer) -> dict[str, Any]:
    """The tokenizer.json that transformers makes of ranks: every pair that spells a token."""
    content = export.tokenizer_json(Tokenizer.load("cl100k_base"))
    rank = {token: at for at, token in enumerate(tokenizer.token_bytes())}
    merges = [
        (at, rank[token[:cut]], rank[token[cut:]])
        for token, at in rank.items()
        for cut in range(1, len(token))
        if token[:cut] in rank and token[cut:] in rank
    ]
    spelled = [characters_of(token) for token in rank]
    model = content["model"]
    model["vocab"] = {token: at for at, token in enumerate(spelled)}
    model["merges"] = [f"{spelled[left]} {spelled[right]}" for _, left, right in sorted(merges)]
    model["ignore_merges"] = True
    content["added_tokens"] = [
        {**content["added_tokens"][0], "id": number, "content": name}
        for name, number in list(tokenizer.special_tokens.items())[:8]
    ]
    content["post_processor"] = {
        "type": "Sequence",
        "processors": [
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False},
            {
                "type": "TemplateProcessing",
                "single": [
                    {"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}},
                ],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}],
                "special_tokens": {
                    "<|begin_of_text|>": {
                        "id": "<|begin_of_text|>",
                        "ids": [128000],
                        "tokens": ["<|begin_of_text|>"],
                    }
                },
            },
        ],
    }
    return content


@pytest.fixture(scope="module")
def llama3() -> dict[str, Any]:
    return all_splits(Tokenizer.load("llama3"))


def test_a_file_without_c1_that_ignores_merges(llama3: dict[str, Any]) -> None:
    Path("tokenizer.json").write_text(json.dumps(llama3))
    ours, theirs = (
        Tokenizer.load("tokenizer.json"),
        tokenizers.Tokenizer.from_file("tokenizer.json"),
    )
    theirs.encode_special_tokens = True
    assert not ours.is_valid
    assert ours.prefix_ids == [128000]
    texts = [*TEXTS[:5_000], *words_of(ours)]
    found = theirs.encode_batch(texts, add_special_tokens=False)
    for text, encoding in zip(texts, found, strict=True):
        assert ours.encode(text) == encoding.ids, ascii(text)


def changed(content: dict[str, Any], **model: Any) -> dict[str, Any]:
    return {**content, "model": {**content["model"], **model}}


def test_what_ranks_cannot_say_is_refused(llama3: dict[str, Any]) -> None:
    merges = llama3["model"]["merges"]
    cases = [
        (changed(llama3, ignore_merges=False), "obey rule C1, found 678 that do not"),
        (changed(llama3, merges=merges[:-1]), "a merge for every token"),
        (changed(llama3, byte_fallback=True), "no `byte_fallback`, found True"),
        (changed(llama3, dropout=0.1), "no `dropout`, found 0.1"),
        (changed(llama3, end_of_word_suffix="</w>"), "no `end_of_word_suffix`"),
        (changed(llama3, type="Unigram"), "model BPE, found Unigram"),
        (changed(llama3, vocab={**llama3["model"]["vocab"], "字": 128000}), "byte-level tokens"),
        ({**llama3, "pre_tokenizer": None}, "no byte-level tokenizer.json"),
    ]
    for content, message in cases:
        Path("tokenizer.json").write_text(json.dumps(content))
        kind = CorruptDataError if "no byte-level" in message else ConfigError
        with pytest.raises(kind, match=message):
            Tokenizer.load("tokenizer.json")


def test_a_merge_of_a_valid_vocabulary_must_be_there() -> None:
    ranks = trained_ranks(SAMPLE, 30)
    tokenizer = Tokenizer(ranks_text(ranks), KNOWN["cl100k_base"].pattern)
    content = export.tokenizer_json(tokenizer)
    merges = content["model"]["merges"]
    left, right = merges.pop(merges.index("h e")).split()
    Path("tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=f"none for b'{left}' and b'{right}' and 0 others"):
        Tokenizer.load("tokenizer.json")
