"""How much is wanted of each source: sums, caps, floors, and the formulas of the papers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from glmdata.config.given import validated
from glmdata.errors import ConfigError
from glmdata.mix import MixConfig, Row, weigh

rows = st.lists(
    st.builds(
        Row,
        source=st.sampled_from(["web", "book", "wiki"]),
        lang=st.sampled_from(["", "zh", "en", "ja"]),
        factor=st.sampled_from([1, 2, 8]),
        documents=st.just(1),
        tokens=st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row.source, row.lang, row.factor),
).map(lambda some: sorted(some, key=lambda row: (row.source, row.lang, row.factor)))


def wanted(rows: list[Row], **options: Any) -> list[int]:
    return [want.tokens for want in weigh(rows, validated(MixConfig, options))]


def row(source: str, lang: str, tokens: int, factor: int = 1) -> Row:
    return Row(source, lang, factor, 1, tokens)


SMALL = [row("book", "en", 100), row("web", "en", 800), row("web", "zh", 100)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [100, 800, 100]),
        ({"weight": ["book=2"]}, [200, 800, 100]),
        # Half a pass; a source/lang goes before its source.
        ({"weight": ["web=0.5", "web/zh=3"]}, [100, 400, 300]),
        # No more than four passes without another cap.
        ({"weight": ["book=9"]}, [400, 800, 100]),
        ({"weight": ["book=9"], "max_epochs": 9}, [900, 800, 100]),
        ({"target_tokens": 500}, [50, 400, 50]),
        # What a cap cuts off goes to the others.
        ({"weight": ["book=9"], "target_tokens": 3000}, [400, 2311, 289]),
        ({"recipe": "glm4"}, [200, 800, 100]),
        ({"recipe": "glm4", "weight": ["book=3"]}, [300, 800, 100]),
        ({"weight": ["book=1", "web=3"], "weight_unit": "shares"}, [250, 667, 83]),
        # English 900, Chinese 100: to the power of 1/2, 3 to 1.
        ({"temperature": 2}, [83, 667, 250]),
        ({"temperature": 2, "balance": "source"}, [250, 667, 83]),
        ({"unimax": True}, [67, 533, 400]),
        ({"unimax": True, "max_epochs": 1, "target_tokens": 500}, [44, 356, 100]),
        ({"floor": ["zh=0.25"]}, [83, 667, 250]),
        # Chinese has no more than four times its tokens.
        ({"floor": ["zh=0.9"]}, [67, 533, 400]),
    ],
)
def test_cases(options: dict[str, Any], expected: list[int]) -> None:
    assert wanted(SMALL, **options) == expected


def test_a_factor_is_a_weight_under_the_same_cap() -> None:
    both = [row("web", "", 100), row("web", "", 100, factor=8)]
    assert wanted(both) == [100, 400]
    assert wanted(both, max_epochs=10) == [100, 800]
    assert wanted(both, weight=["web=2"]) == [200, 400]


@given(rows, st.data())
def test_sums_and_caps_hold(rows: list[Row], data: st.DataObject) -> None:
    total = sum(row.tokens for row in rows)
    epochs = data.draw(st.integers(1, 9))
    options: dict[str, Any] = {
        "max_epochs": epochs,
        "temperature": data.draw(st.sampled_from([1, 1.5, 5])),
        "unimax": data.draw(st.booleans()),
        "balance": data.draw(st.sampled_from(["lang", "source"])),
    }
    if data.draw(st.booleans()):
        options["target_tokens"] = data.draw(st.integers(1, total * epochs))
    langs = sorted({row.lang for row in rows if row.lang})
    if langs and data.draw(st.booleans()):
        options["floor"] = [f"{langs[0]}={data.draw(st.sampled_from([0.0, 0.1, 1.0]))}"]
    found = wanted(rows, **options)
    bent = options["unimax"] or options["temperature"] != 1
    natural = sum(min(row.tokens * row.factor, row.tokens * epochs) for row in rows)
    assert sum(found) == options.get("target_tokens", total if bent else natural)
    assert all(0 <= n <= row.tokens * epochs for n, row in zip(found, rows, strict=True))
    for pair in options.get("floor", []):
        lang, _, share = pair.partition("=")
        own = [(n, row) for n, row in zip(found, rows, strict=True) if row.lang == lang]
        least = min(float(share) * sum(found), sum(row.tokens * epochs for _, row in own))
        # Rounding to whole tokens may take one from each row.
        assert sum(n for n, _ in own) >= least - len(rows)


@given(rows, st.integers(1, 4))
def test_unimax_is_its_definition(rows: list[Row], epochs: int) -> None:
    rows = [Row(r.source, r.lang, 1, 1, r.tokens) for r in rows if r.factor == 1]
    assume(rows)
    total = sum(row.tokens for row in rows)
    found = wanted(rows, unimax=True, max_epochs=epochs)
    by_lang: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for n, row in zip(found, rows, strict=True):
        by_lang[row.lang] = by_lang.get(row.lang, 0) + n
        sizes[row.lang] = sizes.get(row.lang, 0) + row.tokens
    # Every language has its cap or as much as the largest share.
    largest = max(by_lang.values())
    for lang, n in by_lang.items():
        assert n >= min(sizes[lang] * epochs, largest) - len(rows) * 2
    assert sum(found) == total


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"weight": ["bok=2"]}, "no source `bok` in the store", "did you mean `book`?"),
        ({"weight": ["web/zj=2"]}, "no source `web/zj`", "did you mean `web/zh`?"),
        ({"weight": ["book=two"]}, "weight: expected a list of source=number", None),
        ({"weight": ["book=-1"]}, "weight: expected a list of source=number", None),
        ({"weight": ["book=nan"]}, "weight: expected a list of source=number", None),
        ({"weight": ["book=0", "web=0"]}, "expected a source that weighs something", None),
        ({"weight": ["book=1"], "weight_unit": "shares"}, "none for `web`", "add --weight web=0"),
        ({"target_tokens": 5000}, "expected at most 4,000", "raise --max-epochs"),
        ({"target_tokens": "many"}, "expected a number of tokens such as 300B", None),
        ({"floor": ["jp=0.1"]}, "no language `jp`", "known are en, zh"),
        ({"floor": ["zh=0.6", "en=0.6"]}, "shares from 0 that sum to at most 1", None),
        ({"temperature": 0.5}, "temperature: expected a number from 1", None),
        ({"max_epochs": 0}, "expected a whole number from 1 to 1000", None),
        ({"packing": "bestfit"}, "expected best-fit, concat or buckets", None),
    ],
)
def test_what_cannot_be_is_said(options: dict[str, Any], message: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as raised:
        wanted(SMALL, **options)
    assert message in str(raised.value)
    assert (hint or "") in (raised.value.hint or "")
