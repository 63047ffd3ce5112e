from __future__ import annotations

import pytest

from glmdata.config.sizes import parse_size, show_size


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("0", 0),
        ("4096", 4096),
        ("64MiB", 64 * 2**20),
        ("64 mib", 64 * 2**20),
        ("8GB", 8 * 10**9),
        ("1.5GiB", 3 * 2**29),
        ("2tib", 2**41),
    ],
)
def test_sizes_as_people_write_them(text: str, n_bytes: int) -> None:
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1.MiB", "12 parsecs", "1e3", "0x10", "1 2"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


def test_numbers_pass_through() -> None:
    assert parse_size(7) == 7


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (2**20, "1 MiB"), (2**41, "2 TiB")]
)
def test_sizes_for_people(n_bytes: int, text: str) -> None:
    assert show_size(n_bytes) == text
