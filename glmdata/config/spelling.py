"""A misspelt word, and the one that was meant."""

from __future__ import annotations

from collections.abc import Iterable

from glmdata.errors import ConfigError


def unknown(message: str, word: str, known: Iterable[str]) -> ConfigError:
    """A ConfigError for a misspelt word, with the likeliest meant one as its hint."""
    from difflib import get_close_matches  # only an error needs it

    known = sorted(known)
    near = get_close_matches(word, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
    return ConfigError(message, hint=hint)
