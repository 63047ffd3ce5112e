"""tokenizer.gguf as the package gguf reads it, encoded from its merges by pairs."""

from __future__ import annotations

import builtins
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import gguf
import pytest

from glmdata import Tokenizer
from glmdata.errors import ConfigError, InternalError
from glmdata.reference.pair_bpe import PairMerger
from glmdata.tokenizer import export, gguf_file, glm4_specials
from glmdata.tokenizer.chat import CHAT_TEMPLATE
from glmdata.tokenizer.parity import parity_texts
from glmdata.tokenizer.patterns import CL100K_PATTERN, SINGLE_DIGIT_PATTERN
from tests.e2e.conftest import environment
from tests.property.tokenizers import AWKWARD, SAMPLE, random_texts, ranks_text, trained_ranks

pytestmark = pytest.mark.differential

RANKS = trained_ranks(SAMPLE, 300)
VOCABULARIES = {
    "small": (Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS))), 3),
    "gaps": (Tokenizer(ranks_text(RANKS), SINGLE_DIGIT_PATTERN, glm4_specials(len(RANKS), 700)), 1),
    "cl100k": (Tokenizer.load("cl100k_base"), 3),
}
SMALL = VOCABULARIES["small"][0]


def fields(path: str) -> dict[str, Any]:
    return {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_merging_by_pairs_gives_our_ids(name: str) -> None:
    tokenizer, digits = VOCABULARIES[name]
    assert export.export(tokenizer, "out", ["gguf"]) == ["tokenizer.gguf"]
    found = fields("out/tokenizer.gguf")
    tokens, merges = found["tokenizer.ggml.tokens"], found["tokenizer.ggml.merges"]
    assert len(tokens) == len(found["tokenizer.ggml.token_type"]) == tokenizer.rows
    assert len(merges) == tokenizer.n_ranks - 256
    merger = PairMerger(tokens, merges, digits)
    # A megabyte of one letter is quadratic for the slow way, so long texts are left out.
    texts = [text for text in AWKWARD if len(text) < 1000] + [*random_texts(1_500), SAMPLE]
    texts += [text for text in parity_texts(tokenizer)[:1_500] if len(text) < 200]
    for text in texts:
        assert merger.encode(text) == tokenizer.encode(text), ascii(text)
    for token, number in tokenizer.special_tokens.items():
        assert tokens[number] == token


def test_what_llama_cpp_is_told() -> None:
    export.export(SMALL, "out", ["gguf"])
    found = fields("out/tokenizer.gguf")
    ids = SMALL.special_tokens
    assert found["general.architecture"] == "glm4"
    assert found["tokenizer.ggml.model"] == "gpt2"
    assert found["tokenizer.ggml.pre"] == "glm4"
    assert found["tokenizer.ggml.eos_token_id"] == ids["<|endoftext|>"]
    assert found["tokenizer.ggml.eot_token_id"] == ids["<|user|>"]
    assert found["tokenizer.ggml.eom_token_id"] == ids["<|observation|>"]
    assert found["tokenizer.ggml.padding_token_id"] == ids["<|endoftext|>"]
    assert found["tokenizer.ggml.add_bos_token"] is False
    assert found["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert found["glmdata.tokenizer_sha256"] == SMALL.sha256
    kinds = found["tokenizer.ggml.token_type"]
    assert set(kinds[: SMALL.n_ranks]) == {gguf.TokenType.NORMAL}
    assert kinds[ids["<|user|>"]] == gguf.TokenType.CONTROL
    assert kinds[ids["<|reserved_0|>"]] == gguf.TokenType.UNUSED


def test_equal_vocabularies_make_equal_files() -> None:
    # Made anew in another process, where hashes of strings have another seed.
    code = (
        "import hashlib\n"
        "from glmdata.tokenizer import gguf_file\n"
        "from tests.differential.test_gguf import SMALL\n"
        "print(hashlib.sha256(gguf_file.gguf_bytes(SMALL)).hexdigest())\n"
    )
    made = {hashlib.sha256(gguf_file.gguf_bytes(SMALL)).hexdigest()}
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment(), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        made.add(done.stdout.strip())
    assert len(made) == 1


def test_a_file_that_reads_otherwise_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # One name for two patterns: what is written as the one is read as the other.
    names = {SINGLE_DIGIT_PATTERN: "glm4", CL100K_PATTERN: "glm4"}
    monkeypatch.setattr(gguf_file, "_PRE", names)
    with pytest.raises(InternalError, match=r"tokenizer\.gguf: read again, it gives other ids"):
        export.export(SMALL, "out", ["gguf"])
    assert not Path("out").exists()


def test_what_llama_cpp_cannot_say_is_refused() -> None:
    orphan = {**{bytes([byte]): byte for byte in range(256)}, b"abc": 256}
    with pytest.raises(ConfigError, match="obeys rule C1"):
        gguf_file.gguf_bytes(Tokenizer(ranks_text(orphan), CL100K_PATTERN))
    with pytest.raises(ConfigError, match="no name for this pattern"):
        gguf_file.gguf_bytes(Tokenizer(ranks_text(RANKS), r"\w+|\W", SMALL.specials))
    with pytest.raises(ConfigError, match="names a token at which texts end") as raised:
        gguf_file.gguf_bytes(Tokenizer(ranks_text(RANKS), CL100K_PATTERN))
    assert "eos_token" in str(raised.value.hint)


def test_without_the_package_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "gguf":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match="not installed") as raised:
        gguf_file.gguf_bytes(SMALL)
    assert raised.value.hint == "pip install 'glmdata[gguf]'"
