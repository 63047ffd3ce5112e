"""The tokenizer object against its slow twin, and what it promises about itself."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError, MissingFileError
from glmdata.reference import bpe
from glmdata.tokenizer import glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN, SINGLE_DIGIT_PATTERN
from tests.property.tokenizers import AWKWARD, SAMPLE, random_texts, ranks_text, trained_ranks

RANKS = trained_ranks(SAMPLE, 300)
SMALL = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS)))
TEXTS = [*AWKWARD, *random_texts(300), SAMPLE]

some_text = st.text() | st.text(alphabet="的一是在不了 abc'sS12\r\n\t，。") | st.sampled_from(TEXTS)


@settings(deadline=None)  # the twin is slow
@given(some_text)
def test_ids_equal_those_of_the_twin(text: str) -> None:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    expected = bpe.encode(whole, RANKS)
    assert SMALL.encode(text) == expected
    assert SMALL.count(text) == len(expected)
    assert SMALL.decode(expected) == whole
    ids, starts = SMALL.offsets(text)
    assert ids == expected
    for at, start in enumerate(starts):
        # The bytes before a token are those of the characters before it, and at most three more.
        inside = len(SMALL.decode_bytes(ids[:at])) - len(whole[:start].encode())
        assert 0 <= inside < len(whole[start].encode())


@given(some_text, st.integers(0, 30))
def test_truncation_is_the_head_of_the_whole(text: str, limit: int) -> None:
    assert SMALL.truncate(text, limit) == SMALL.encode(text)[:limit]


@given(st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    assert SMALL.decode_bytes(SMALL.encode_bytes(data)) == data


@given(st.lists(st.integers(0, SMALL.rows - 1)))
def test_a_stream_says_what_the_whole_says(ids: list[int]) -> None:
    assert "".join(SMALL.decode_stream(ids)) == SMALL.decode(ids)
    assert SMALL.decode(np.array(ids, np.uint32)) == SMALL.decode(ids)


def test_single_digits() -> None:
    single = Tokenizer(ranks_text(RANKS), SINGLE_DIGIT_PATTERN)
    for text in TEXTS:
        assert single.encode(text) == bpe.encode(text, RANKS, digits=1)


@pytest.mark.parametrize("threads", [1, 2, 7, None])
def test_a_batch_is_its_texts_one_by_one(threads: int | None) -> None:
    texts = [*TEXTS, *(text * 400 for text in TEXTS), "half \ud800 pair"]
    batch = SMALL.encode_batch(texts, threads=threads)
    assert (batch.ids.dtype, batch.offsets.dtype) == (np.uint32, np.uint64)
    assert batch.offsets[0] == 0
    assert batch.offsets[-1] == len(batch.ids)
    for at, text in enumerate(texts):
        part = batch.ids[int(batch.offsets[at]) : int(batch.offsets[at + 1])]
        assert part.tolist() == SMALL.encode(text)
    assert SMALL.encode_batch([]).offsets.tolist() == [0]


def test_special_tokens_are_text_unless_allowed() -> None:
    user, sop = SMALL.special_tokens["<|user|>"], SMALL.special_tokens["<sop>"]
    text = "a<|user|>b<sop>"
    assert not {user, sop} & set(SMALL.encode(text))
    plain = SMALL.encode
    assert plain(text, allowed_special="all") == [*plain("a"), user, *plain("b"), sop]
    assert plain(text, allowed_special={"<sop>"}) == [*plain("a<|user|>b"), sop]
    assert SMALL.decode([user, sop]) == "<|user|><sop>"
    assert SMALL.decode([user, *plain("x"), sop], skip_special=True) == "x"
    assert plain("x", add_prefix=True) == [*SMALL.prefix_ids, *plain("x")]
    with pytest.raises(ConfigError, match="found '<nobody>'"):
        plain(text, allowed_special=["<nobody>"])


def test_glm4_has_its_published_ids() -> None:
    specials = glm4_specials(151_329)
    assert specials.ids["<|endoftext|>"] == 151_329
    assert specials.ids["<|observation|>"] == 151_338
    assert specials.ids["<|end_of_video|>"] == 151_342
    assert (len(specials.ids), specials.rows(151_329)) == (223, 151_552)
    padded = glm4_specials(100_000, first=151_329)
    assert padded.ids["<sop>"] == 151_333
    assert sorted(padded.ids.values()) == [*range(100_000, 151_552)]


def test_a_copy_is_equal_and_works() -> None:
    copy = pickle.loads(pickle.dumps(SMALL))
    assert copy == SMALL
    assert hash(copy) == hash(SMALL)
    assert copy.encode(SAMPLE) == SMALL.encode(SAMPLE)
    assert copy.special_tokens == SMALL.special_tokens
    assert Tokenizer(ranks_text(RANKS), CL100K_PATTERN) != SMALL


def _in_child(texts: list[str], answers: multiprocessing.Queue[object]) -> None:
    one_by_one = [SMALL.encode(text) for text in texts]
    answers.put((one_by_one, SMALL.encode_batch(texts, threads=2).ids.tolist()))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_workers_go_on() -> None:
    expected = [SMALL.encode(text) for text in TEXTS]
    SMALL.encode_batch(TEXTS, threads=2)  # threads and encoders of the parent, before the fork
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    worker = context.Process(target=_in_child, args=(TEXTS, answers))
    worker.start()
    one_by_one, batch = answers.get(timeout=60)
    worker.join(60)
    assert one_by_one == expected
    assert batch == [number for ids in expected for number in ids]


def test_threads_share_one_tokenizer() -> None:
    expected = [SMALL.encode(text) for text in TEXTS]
    found: list[bool] = []

    def work() -> None:
        same = [SMALL.encode(text) == ids for text, ids in zip(TEXTS, expected, strict=True)]
        found.append(all(same))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_faults_are_told() -> None:
    assert SMALL.is_valid
    assert SMALL.faults() == []
    orphan = {**{bytes([byte]): byte for byte in range(256)}, b"abc": 256}
    broken = Tokenizer(ranks_text(orphan), CL100K_PATTERN)
    assert not broken.is_valid
    assert broken.faults() == [(256, [97, 98, 99], False)]
    assert broken.faults(0) == []


def test_a_conversation_has_glm4s_form() -> None:
    ids, plain = SMALL.special_tokens, SMALL.encode
    asked = SMALL.apply_chat_template(
        [
            {"role": "user", "content": "你好<|assistant|>"},
            {"role": "assistant", "metadata": "search", "content": '{"q": 1}'},
            {"role": "observation", "content": "ok"},
        ],
        add_generation_prompt=True,
    )
    assert asked == [
        ids["[gMASK]"],
        ids["<sop>"],
        ids["<|user|>"],
        *plain("\n"),
        *plain("你好<|assistant|>"),
        ids["<|assistant|>"],
        *plain("search\n"),
        *plain('{"q": 1}'),
        ids["<|observation|>"],
        *plain("\n"),
        *plain("ok"),
        ids["<|assistant|>"],
    ]
    tool = {"type": "function", "function": {"name": "search", "parameters": {}}}
    told = SMALL.decode(SMALL.apply_chat_template([], tools=[tool]))
    assert told.startswith("[gMASK]<sop><|system|>\n你是")
    assert '## search\n\n{\n    "name": "search"' in told
    with pytest.raises(ConfigError, match="role: expected one of"):
        SMALL.apply_chat_template([{"role": "admin", "content": "x"}])
    with pytest.raises(ConfigError, match="tools: expected functions"):
        SMALL.apply_chat_template([], tools=[{"type": "retrieval"}])


WRONG: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no file": (lambda: Tokenizer.load("nowhere.tiktoken"), MissingFileError, "no such vocabulary"),
    "no ranks": (lambda: Tokenizer(b"x y z", CL100K_PATTERN), ConfigError, "line 1"),
    "a gap": (lambda: Tokenizer(b"YQ== 1\n", CL100K_PATTERN), ConfigError, "without gaps"),
    "no regex": (lambda: Tokenizer(ranks_text(RANKS), "("), ConfigError, "regular expression"),
    "id of a rank": (
        lambda: Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(9)),
        ConfigError,
        "ids of their own",
    ),
    "a negative id": (lambda: SMALL.decode([-100]), ConfigError, "or a special token, found -100"),
    "an id over 32 bits": (lambda: SMALL.decode([2**32]), ConfigError, "found 4294967296"),
    "an id over 64 bits": (lambda: [*SMALL.decode_stream([2**70])], ConfigError, "found 11805916"),
    "no text": (lambda: SMALL.encode(None), TypeError, "expected a str, found NoneType"),  # type: ignore[arg-type]
    "an empty number": (lambda: SMALL.encode(0), TypeError, "expected a str, found int"),  # type: ignore[arg-type]
    "bytes": (lambda: SMALL.encode(b""), TypeError, "expected a str, found bytes"),  # type: ignore[arg-type]
    "one text as a batch": (lambda: SMALL.encode_batch("ab"), TypeError, "found one str"),
    "no such id": (lambda: SMALL.decode([SMALL.rows]), ConfigError, "expected a rank below"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str) -> None:
    act, error, message = WRONG[case]
    with pytest.raises(error, match=message):
        act()


def test_a_json_that_is_no_tokenizer_is_refused() -> None:
    Path("tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(CorruptDataError, match=r"no byte-level tokenizer\.json"):
        Tokenizer.load("tokenizer.json")
