"""Judging and mending vocabularies, beside a proof that imports nothing compiled."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.reference import bpe
from glmdata.reference.validity import objections, tokens_of
from glmdata.tokenizer.patterns import CL100K_PATTERN
from glmdata.tokenizer.repair import repair
from glmdata.tokenizer.verify import verify
from tests.property.tokenizers import AWKWARD, SAMPLE, random_texts, ranks_text, trained_ranks

ROOT = Path(__file__).parents[2]
BYTES = [bytes([byte]) for byte in range(256)]
RANKS = trained_ranks(SAMPLE, 300)

SLOW_PROOF = """
import sys
from glmdata.reference.validity import objections, tokens_of
found = list(objections(tokens_of(open(sys.argv[1], "rb").read())))
assert not any("_native" in name for name in sys.modules), "the proof must stand alone"
print(len(found), *found[:3], sep="\\n")
"""


def slow_proof(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SLOW_PROOF, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    return done.stdout.splitlines()


def write(tokens: list[tuple[int, bytes]], name: str = "some.tiktoken") -> Path:
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in tokens)
    Path(name).write_bytes(b"".join(lines))
    return Path(name)


def test_written_vocabularies_are_proved_without_compiled_code() -> None:
    Tokenizer(ranks_text(RANKS), CL100K_PATTERN).save("trained")
    repair("glm4").tokenizer.save("repaired")
    for folder, size in (("trained", len(RANKS)), ("repaired", 150_216)):
        path = Path(folder, "tokenizer.tiktoken")
        assert len(tokens_of(path.read_bytes())) == size
        assert slow_proof(path) == ["0"]


def test_the_proof_finds_what_is_planted() -> None:
    tokens = [*enumerate([*BYTES, b"ab", b"abc", b"xyz"])]
    found = slow_proof(write(tokens))
    assert found == ["2", "C1: rank 258: 3 parts", "C2: rank 258"]
    assert [finding.rule for finding in verify("some.tiktoken").findings] == ["C1", "C2"]


@st.composite
def vocabularies(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """Bytes, tokens over two letters that may lack their parts, ranks that may have faults."""
    words = draw(st.lists(st.text("ab", max_size=6), max_size=14))
    tokens = [*BYTES, *(word.encode() for word in words)]
    for at in draw(st.lists(st.integers(0, 255), max_size=1)):
        del tokens[at]
    ranks = list(range(len(tokens)))
    for at in draw(st.lists(st.integers(256, max(256, len(ranks) - 1)), max_size=1)):
        if at < len(ranks):
            ranks[at] += draw(st.integers(-2, 2))
    return list(zip(ranks, tokens, strict=True))


@given(vocabularies())
def test_both_judge_alike(tokens: list[tuple[int, bytes]]) -> None:
    expected = list(objections(tokens))
    found = verify(write(tokens), limit=1000)
    assert found.valid == (not expected)
    ambiguous = any(line.startswith("C3") for line in expected)
    assert (found.broken["C3"] > 0) == ambiguous
    if not ambiguous:
        for rule in ("C1", "C2"):
            ranks = [int(line.split()[2].strip(":")) for line in expected if line[:2] == rule]
            assert [finding.rank for finding in found.findings if finding.rule == rule] == ranks


@example([*enumerate(BYTES), (256, b"aa"), (257, b""), (256, b"aa")])
@given(vocabularies())
def test_a_repaired_vocabulary_is_valid_and_drops_only_what_it_must(
    tokens: list[tuple[int, bytes]],
) -> None:
    present = {token for _, token in tokens}
    if not present.issuperset(BYTES):
        with pytest.raises(ConfigError, match="a token for every byte"):
            repair(write(tokens))
        return
    repaired = repair(write(tokens))
    left = repaired.tokenizer.token_bytes()
    assert list(objections([*enumerate(left)])) == []
    # By hand: a token stays if those that stayed before its first place leave two parts of it.
    stayed: dict[bytes, int] = {}
    seen = {b""}
    for _, token in sorted(tokens):
        if token not in seen:
            seen.add(token)
            full = {byte: at - 256 for at, byte in enumerate(BYTES)} | stayed
            if len(token) == 1 or len(bpe.merge(token, full)) == 2:
                stayed[token] = len(stayed)
    assert left == list(stayed)
    assert len(repaired.kept) + len(repaired.dropped) == len(tokens)
    of_rank = sorted(tokens)
    assert all((old, token) in of_rank for old, token in zip(repaired.kept, left, strict=True))


def test_a_repaired_vocabulary_keeps_pattern_and_special_tokens() -> None:
    before, after = Tokenizer.load("glm4"), repair("glm4")
    assert after.tokenizer.special_tokens == before.special_tokens
    assert after.tokenizer.pattern == before.pattern
    assert len(after.dropped) == 1_113
    assert " 王".encode() in {token for _, token in after.dropped}
    old = {token: rank for rank, token in enumerate(before.token_bytes())}
    assert [old[token] for token in after.tokenizer.token_bytes()] == list(after.kept)
    for text in [*AWKWARD, SAMPLE, *random_texts(200)]:
        assert after.tokenizer.decode(after.tokenizer.encode(text)) == text


def test_special_tokens_with_ids_of_others_are_told() -> None:
    Tokenizer(ranks_text(RANKS), CL100K_PATTERN).save("one")
    path = Path("one/tokenizer.toml")
    path.write_text(path.read_text() + '"<a>" = 300\n"<b>" = 9000\n"<c>" = 9000\n')
    found = verify("one")
    assert found.broken == {"C1": 0, "C2": 0, "C3": 0, "specials": 2}
    assert [finding.token for finding in found.findings] == ["<a>", "<c>"]


def test_ranks_of_another_vocabulary_are_told() -> None:
    Tokenizer(ranks_text(RANKS), CL100K_PATTERN).save("one")
    other = trained_ranks("another text of other words " * 3, 20)
    Path("one/tokenizer.tiktoken").write_bytes(ranks_text(other))
    found = verify("one")
    assert not found.valid
    assert "expected the hash" in found.findings[-1].detail


@pytest.mark.parametrize("line", ["IQ== x", "?? 1", "IQ==", "IQ== -1", "IQ== 1_0"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    Path("some.tiktoken").write_text(f"IQ== 0\n{line}\n")
    with pytest.raises(CorruptDataError, match=r"some\.tiktoken: line 2: expected base64"):
        verify("some.tiktoken")
