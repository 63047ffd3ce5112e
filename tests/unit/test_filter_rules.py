"""Rules of many conditions: refused with a sentence, or read in a moment."""

from __future__ import annotations

import time

import pytest

from glmdata.errors import ConfigError
from glmdata.filter.rules import MOST_PARTS, check_expression, compiled, signal_names


def test_too_many_conditions_are_refused_at_once() -> None:
    begun = time.monotonic()
    for joint in (" and ", " OR "):
        with pytest.raises(ConfigError, match=r"expected at most 200 conditions.*found 500"):
            check_expression("rules.toml:1", joint.join(["n_words > 1"] * 500))
    assert time.monotonic() - begun < 2


@pytest.mark.timeout(30)
def test_as_many_as_are_allowed_take_a_moment() -> None:
    """Repeated ones too, of which polars looks for what they have in common."""
    import polars as pl

    expression = " and ".join(["n_words > 1"] * MOST_PARTS)
    begun = time.monotonic()
    check_expression("rules.toml:1", expression)
    frame = pl.DataFrame({name: [2.0] for name in signal_names()})
    assert frame.select(compiled("rule", expression)).to_series().to_list() == [True]
    assert time.monotonic() - begun < 5
