"""Ids against tiktoken, built from our ranks, `disallowed_special=()`."""

from __future__ import annotations

import random

import pytest
import tiktoken

from glmdata import Tokenizer
from glmdata.tokenizer import glm4_specials
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

SMALL_RANKS = trained_ranks(SAMPLE, 300)
VOCABULARIES = {
    "cl100k": Tokenizer.load("cl100k_base"),
    "small": Tokenizer(ranks_text(SMALL_RANKS), CL100K_PATTERN, glm4_specials(len(SMALL_RANKS))),
    "digits": Tokenizer(ranks_text(SMALL_RANKS), SINGLE_DIGIT_PATTERN),
}
Pair = tuple[Tokenizer, tiktoken.Encoding]


@pytest.fixture(params=VOCABULARIES, scope="module")
def pair(request: pytest.FixtureRequest) -> Pair:
    tokenizer = VOCABULARIES[request.param]
    return tokenizer, tokenizer.to_tiktoken()


def assert_equal(pair: Pair, texts: list[str]) -> None:
    ours, theirs = pair
    batch = ours.encode_batch(texts)
    bounds = batch.offsets.tolist()
    expected = theirs.encode_batch(texts, disallowed_special=())
    for at, text in enumerate(texts):
        assert batch.ids[bounds[at] : bounds[at + 1]].tolist() == expected[at], ascii(text)


def test_random_texts(pair: Pair) -> None:
    assert_equal(pair, [*AWKWARD, SAMPLE, *random_texts(100_000)])


def test_every_category_at_every_boundary(pair: Pair) -> None:
    assert_equal(pair, list(category_texts()))


def test_every_token_alone_and_pairs_of_a_sample(pair: Pair) -> None:
    ours, theirs = pair
    tokens = ours.token_bytes()
    texts = []
    for token in tokens:
        try:
            texts.append(token.decode())
        except UnicodeDecodeError:
            # Bytes that are no UTF-8 are a piece of their own here; tiktoken's path for bytes takes
            # the piece before them too, so only what has no text in it is the same question.
            if not token.decode(errors="ignore"):
                assert ours.encode_bytes(token) == theirs._encode_single_piece(token)
    assert_equal(pair, texts)
    generator = random.Random(7)
    assert_equal(pair, ["".join(generator.sample(texts, 2)) for _ in range(50_000)])


def test_random_bytes(pair: Pair) -> None:
    """Broken bytes in all places: tiktoken's own path, which glues what follows them."""
    ours, theirs = pair
    draw = random.Random(8)
    texts = [text.encode() for text in [*AWKWARD, *random_texts(20_000)]]
    blanks = [b"\n \xff", b"a  \n\xe4", b" \n\t \xffb", b"\xff\xfe", b"x\n\n \xf0\x9f", b"1 \x80 1"]
    different = 0
    for data in [*blanks, *texts]:
        at = draw.randrange(len(data) + 1)
        broken = data[:at] + draw.randbytes(draw.randint(1, 4)) + data[at:]
        for case in (data, broken):
            ids = ours.encode_bytes(case, as_tiktoken=True)
            assert ids == theirs._encode_bytes(case), case
            assert ours.decode_bytes(ids) == case
            different += ids != ours.encode_bytes(case)
    assert different > 100, "the two ways have to differ, or nothing is tested"


def test_special_tokens_where_they_are_allowed(pair: Pair) -> None:
    ours, theirs = pair
    text = "a<|endoftext|>b[gMASK]<sop>你好<|user|>\n"
    assert ours.encode(text) == theirs.encode(text, disallowed_special=())
    allowed = theirs.encode(text, allowed_special="all", disallowed_special=())
    assert ours.encode(text, allowed_special="all") == allowed
    assert ours.decode_bytes(allowed) == theirs.decode_bytes(allowed)


def test_cl100k_is_the_published_one() -> None:
    ours = VOCABULARIES["cl100k"]
    # tiktoken's own test vectors for this vocabulary.
    assert ours.encode("hello world") == [15339, 1917]
    assert ours.encode("hello <|endoftext|>", allowed_special="all") == [15339, 220, 100257]
    assert ours.encode("rer") == [38149]
    assert ours.encode("today\n ") == [31213, 198, 220]
