"""Normal form, units and shingles are those of the slow twins, whatever the script."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings

from glmdata import _native
from glmdata.reference import normalise as twin_normalise
from glmdata.reference import shingles as twin_shingles
from glmdata.reference import units as twin_units
from glmdata.reference.normalise import normalise
from glmdata.reference.shingles import shingle_hash, shingles
from glmdata.reference.units import units
from tests.property.texts import ALPHABETS, ANY_TEXT, KNOWN

MODES = ("mixed", "word:1", "word:5", "char:3", "code")
TABLE = settings(derandomize=True, deadline=None, max_examples=400)

ONE_OF_EACH = "".join(ALPHABETS[name] for name in sorted(ALPHABETS))


def joined(text: str, mode: str) -> list[str]:
    return [" ".join(shingle) for shingle in shingles(text, mode)]


def check_normal_form(text: str) -> None:
    assert _native.normalise(text) == normalise(text)


def check_shingles(text: str, mode: str) -> None:
    assert _native.shingles(text, mode) == joined(text, mode), mode


def check_everything(text: str) -> None:
    check_normal_form(text)
    for mode in MODES:
        check_shingles(text, mode)


@TABLE
@given(ANY_TEXT)
def test_normal_forms_are_the_twins(text: str) -> None:
    check_normal_form(text)


@TABLE
@given(ANY_TEXT)
def test_shingles_are_the_twins(text: str) -> None:
    for mode in MODES:
        check_shingles(text, mode)


@pytest.mark.parametrize("name", sorted(ALPHABETS))
def test_every_script_in_a_long_text(name: str) -> None:
    """Longer than the blocks of 64 bytes and the windows that the compiled loops work in."""
    check_everything(ALPHABETS[name] * 2)


def test_every_code_point_normalises_as_the_twin() -> None:
    """Alone, behind Latin, between Han, and in front of a mark; in blocks, for speed."""
    forms = ("{0}", "a{0}b", "中{0}文", "{0}\u0301x", "x {0}")
    for start in range(0, len(KNOWN), 512):
        block = [chr(code) for code in KNOWN[start : start + 512]]
        lines = [form.format(character) for character in block for form in forms]
        if _native.normalise("\0".join(lines)) != normalise("\0".join(lines)):
            for line in lines:
                check_normal_form(line)


def test_every_code_point_has_the_kind_of_the_twin() -> None:
    """Seen by what it does between two letters and behind a Han character."""
    for start in range(0, len(KNOWN), 512):
        block = [chr(code) for code in KNOWN[start : start + 512]]
        text = "!".join(f"a{character}b!中{character}" for character in block)
        if _native.shingles(text, "word:1") != joined(text, "word:1"):
            for character in block:
                for text in (f"a{character}b", f"中{character}"):
                    assert _native.shingles(text, "word:1") == joined(text, "word:1"), (
                        f"U+{ord(character):04X} {unicodedata.category(character)}"
                    )


def test_every_code_point_is_the_twins_token_of_code() -> None:
    """Part of a word, a token of its own, or nothing."""
    for start in range(0, len(KNOWN), 512):
        block = [chr(code) for code in KNOWN[start : start + 512]]
        text = " ; ".join(f"a{character}b" for character in block)
        if _native.shingles(text, "code") != joined(text, "code"):
            for character in block:
                text = f"a{character}b"
                assert _native.shingles(text, "code") == joined(text, "code"), (
                    f"U+{ord(character):04X} {unicodedata.category(character)}"
                )


@TABLE
@given(ANY_TEXT)
def test_hashes_of_shingles_are_the_twins(text: str) -> None:
    """The same integers; units of 16 bytes and more are hashed by xxh3 and left out here."""
    for mode in MODES:
        found = shingles(text, mode)
        hashes = _native.shingle_hashes(text, mode)
        assert len(hashes) == len(found)
        for shingle, value in zip(found, hashes, strict=True):
            if max(len(unit.encode()) for unit in shingle) <= 15:
                assert value == shingle_hash(shingle)


def test_hashes_stand_for_shingles_of_long_units() -> None:
    words = [f"{'counter' * n}{i:04}" for i in range(300) for n in (2, 3, 9)]
    text = " ".join(words + words[::-1])
    found, hashes = shingles(text, "word:3"), _native.shingle_hashes(text, "word:3")
    assert len(set(zip(found, hashes, strict=True))) == len(set(found)) == len(set(hashes))


def test_the_tables_of_this_python_are_known() -> None:
    """The generators draw what this Python calls assigned: no fewer than Unicode 13."""
    assert tuple(map(int, unicodedata.unidata_version.split("."))) >= (13, 0, 0)
    assert len(KNOWN) > 280_000
    assert max(KNOWN) == sys.maxunicode - 2


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (twin_normalise, "WHITE_SPACE", frozenset(" \t\n\r\x1c\x1d\x1e\x1f\xa0\u3000")),
        (twin_units, "HAN", twin_units.HAN[:-6]),
        (twin_units, "LETTER", twin_units.LETTER[1:]),
    ],
    ids=["white space", "Han", "letters"],
)
def test_a_planted_mutation_of_the_tables_is_seen(
    module: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    twin_units.kind_of.cache_clear()
    with pytest.raises(AssertionError):
        check_everything(ONE_OF_EACH)
    twin_units.kind_of.cache_clear()


def test_a_planted_mutation_of_the_hash_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shingle_hash(("用", "gpt4")) == _native.shingle_hashes("用gpt4", "word:2")[0]
    monkeypatch.setattr(twin_shingles, "BASE", twin_shingles.BASE + 2)
    assert shingle_hash(("用", "gpt4")) != _native.shingle_hashes("用gpt4", "word:2")[0]


def test_units_keep_their_marks() -> None:
    assert [unit.text for unit in units("e\u0301t ที่ 中\ufe00文 \u0301a")] == [
        "e\u0301t",
        "ที่",
        "中\ufe00",
        "文",
        "a",
    ]
