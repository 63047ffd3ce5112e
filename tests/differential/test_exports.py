"""Our files as tokenizers and transformers read them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import transformers
from tokenizers import pre_tokenizers

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError, InternalError
from glmdata.tokenizer import export, glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN, SINGLE_DIGIT_PATTERN
from tests.property.tokenizers import (
    AWKWARD,
    SAMPLE,
    category_texts,
    random_texts,
    ranks_text,
    trained_ranks,
)

pytestmark = pytest.mark.differential

RANKS = trained_ranks(SAMPLE, 300)
VOCABULARIES = {
    "cl100k": Tokenizer.load("cl100k_base"),
    "small": Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS))),
    "padded": Tokenizer(ranks_text(RANKS), SINGLE_DIGIT_PATTERN, glm4_specials(len(RANKS), 700)),
}
SMALL = VOCABULARIES["small"]


@pytest.fixture(params=VOCABULARIES)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return VOCABULARIES[request.param]


def rival_of(tokenizer: Tokenizer) -> Any:
    rival = tokenizers.Tokenizer.from_str(json.dumps(export.tokenizer_json(tokenizer)))
    rival.encode_special_tokens = True
    return rival


def test_tokenizers_gives_the_same_ids(tokenizer: Tokenizer) -> None:
    texts = [*AWKWARD, SAMPLE, *random_texts(20_000), *category_texts()]
    words = [token.decode("utf-8", "ignore") for token in tokenizer.token_bytes()]
    generator = random.Random(3)
    texts += words + ["".join(generator.sample(words, 2)) for _ in range(10_000)]
    found = rival_of(tokenizer).encode_batch(texts, add_special_tokens=False)
    for text, encoding in zip(texts, found, strict=True):
        assert encoding.ids == tokenizer.encode(text), ascii(text)


def test_one_merge_a_token(tokenizer: Tokenizer) -> None:
    model = export.tokenizer_json(tokenizer)["model"]
    assert len(model["merges"]) == tokenizer.n_ranks - 256
    assert [merge.replace(" ", "") for merge in model["merges"]] == list(model["vocab"])[256:]


def test_what_was_saved_is_loaded(tokenizer: Tokenizer) -> None:
    tokenizer.save("saved")
    for source in ("saved", Path("saved")):
        loaded = Tokenizer.load(source)
        assert loaded == tokenizer
        assert loaded.prefix_ids == tokenizer.prefix_ids
        assert (loaded.end_ids, loaded.pad_id) == (tokenizer.end_ids, tokenizer.pad_id)
    foreign = Tokenizer.load("saved/tokenizer.json")
    assert foreign.encode(SAMPLE) == tokenizer.encode(SAMPLE)
    assert foreign.special_tokens.items() >= tokenizer.special_tokens.items()
    bare = Tokenizer.load("saved/tokenizer.tiktoken", pattern=tokenizer.pattern)
    assert bare.encode(SAMPLE) == tokenizer.encode(SAMPLE)


@pytest.mark.parametrize("name", ["small", "padded"])
def test_transformers_loads_the_folder(name: str) -> None:
    ours = VOCABULARIES[name]
    ours.save("saved")
    theirs = transformers.AutoTokenizer.from_pretrained("saved/transformers")
    plain = {"add_special_tokens": False, "split_special_tokens": True}
    for text in [*AWKWARD, SAMPLE, *random_texts(300)]:
        assert theirs.encode(text, **plain) == ours.encode(text), ascii(text)
    assert theirs.encode("x") == ours.encode("x", add_prefix=True)
    assert len(theirs) == ours.rows
    assert theirs.eos_token_id == ours.special_tokens["<|endoftext|>"]
    assert theirs.pad_token_id == ours.pad_id
    padded = theirs(["a b c d", "e"], padding=True)["input_ids"]
    assert padded[1][0] == ours.pad_id
    assert theirs.decode(ours.encode(SAMPLE)) == SAMPLE


TOOL = {
    "type": "function",
    "function": {"name": "搜索", "description": "finds", "parameters": {"type": "object"}},
}
CONVERSATIONS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "question": ([{"role": "user", "content": "你好"}], []),
    "system": (
        [{"role": "system", "content": "Be brief.\n"}, {"role": "user", "content": "x"}],
        [],
    ),
    "tools": ([{"role": "user", "content": "  天气？\n\n"}], [TOOL, TOOL]),
    "tools in a message": ([{"role": "system", "content": "", "tools": [TOOL]}], []),
    "call": (
        [
            {"role": "user", "content": "天气"},
            {"role": "assistant", "metadata": "搜索", "content": '{"q": "天气"}'},
            {"role": "observation", "content": "晴"},
            {"role": "assistant", "content": "晴天。"},
        ],
        [TOOL],
    ),
}


@pytest.mark.parametrize("case", CONVERSATIONS)
@pytest.mark.parametrize("generate", [False, True])
def test_the_chat_form_is_the_same_in_transformers(case: str, generate: bool) -> None:
    messages, tools = CONVERSATIONS[case]
    SMALL.save("saved")
    theirs = transformers.AutoTokenizer.from_pretrained("saved/transformers")
    text = theirs.apply_chat_template(
        messages, tools=tools or None, add_generation_prompt=generate, tokenize=False
    )
    ours = SMALL.apply_chat_template(messages, tools=tools, add_generation_prompt=generate)
    assert SMALL.decode(ours) == text
    assert theirs.encode(text, add_special_tokens=False) == ours


def test_a_file_that_reads_otherwise_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    right = export.tokenizer_json

    def wrong(tokenizer: Tokenizer) -> dict[str, Any]:
        content = right(tokenizer)
        content["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = SINGLE_DIGIT_PATTERN
        return content

    monkeypatch.setattr(export, "tokenizer_json", wrong)
    with pytest.raises(InternalError, match=r"tokenizer\.json: read again, it gives other ids"):
        SMALL.save("saved")
    assert not list(Path("saved").rglob("*.json"))


def test_files_of_two_vocabularies_are_refused() -> None:
    SMALL.save("one")
    VOCABULARIES["padded"].save("two")
    Path("one/tokenizer.toml").write_bytes(Path("two/tokenizer.toml").read_bytes())
    text = Path("one/tokenizer.toml").read_text().replace("{1,3}", "{1,2}")
    Path("one/tokenizer.toml").write_text(text.replace('"<sop>" = 704', '"<sop>" = 99999'))
    with pytest.raises(CorruptDataError, match="do not belong together"):
        Tokenizer.load("one")


def test_foreign_files_are_read() -> None:
    rival = rival_of(SMALL)
    rival.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    rival.save("gpt2.json")
    ours = Tokenizer.load("gpt2.json")
    for text in [*AWKWARD, SAMPLE, *random_texts(2_000)]:
        found = rival.encode(text, add_special_tokens=False).ids
        assert ours.encode(text) == found, ascii(text)


REFUSED = {
    "normaliser": ("normalizer", {"type": "NFC"}, "expected no normaliser, found NFC"),
    "prefix space": (
        "pre_tokenizer",
        {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True},
        "found ByteLevel",
    ),
    "another splitter": ("pre_tokenizer", {"type": "Whitespace"}, "found Whitespace"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_ours_is_refused(case: str) -> None:
    key, value, message = REFUSED[case]
    content = {**export.tokenizer_json(SMALL), key: value}
    Path("tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        Tokenizer.load("tokenizer.json")


def test_merges_out_of_order_are_refused() -> None:
    content = export.tokenizer_json(SMALL)
    content["model"]["merges"].reverse()
    Path("tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(ConfigError, match="merges in the order of ids"):
        Tokenizer.load("tokenizer.json")
