"""Whether a vocabulary gives the same ids everywhere: rules C1, C2, C3, and special tokens above.

C1   lower ranks merge the bytes of a token into exactly two parts
C2   all ranks together merge them into the token itself
C3   ranks are 0, 1, 2, ...; no token is empty or there twice; every byte is a token
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glmdata.tokenizer.load import tokenizer_of
from glmdata.tokenizer.specials import Specials
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import Vocabulary, read

_SHOWN_PARTS = 8


@dataclass(frozen=True)
class Finding:
    """One token or special token that breaks a rule."""

    rule: str
    """C1, C2, C3 or specials."""
    rank: int | None
    """None where no token is meant: a byte without a token."""
    token: str
    """Its bytes, printable ASCII as it is and the rest as `\\xe4`; a special token by name."""
    text: str | None
    """Its text; None for what is no UTF-8."""
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found."""

    place: str
    ranks: int
    special_tokens: int
    pattern: str
    sha256: str | None
    """Hash of ranks, pattern and special tokens; None where the ranks are ambiguous."""
    broken: Mapping[str, int]
    """How many tokens break each rule; a token that breaks C2 breaks C1 as well."""
    findings: Sequence[Finding]
    """The first of them."""

    @property
    def valid(self) -> bool:
        """Whether no rule is broken."""
        return not any(self.broken.values())


def spelled(token: bytes) -> str:
    r"""Bytes for people: printable ASCII as it is, the rest as escapes.

    >>> spelled(" 王".encode())
    ' \\xe7\\x8e\\x8b'
    """
    return "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x5C else f"\\x{b:02x}" for b in token)


def verify(
    source: str | os.PathLike[str], *, pattern: str | None = None, limit: int = 20
) -> Verdict:
    """Judge a vocabulary; nothing but an unreadable file is an error.

    Parameters
    ----------
    source
        As for `Tokenizer.load`.
    pattern
        For a `.tiktoken` file; rules do not depend on it.
    limit
        The number of findings that are kept; all are counted.

    Raises
    ------
    ConfigError
        A tokenizer.json that asks for something that byte-level BPE is not.
    CorruptDataError, MissingFileError
        The file is damaged or missing.
    """
    vocabulary = read(source, pattern)
    findings = [*_ambiguous(vocabulary), *_taken(vocabulary)]
    sha256 = vocabulary.sha256
    if not any(finding.rule == "C3" for finding in findings):
        # Special tokens with ids of ranks are told already, and do not matter for merging.
        plain = tokenizer_of(replace(vocabulary, specials=Specials()))
        findings += _unmergeable(plain)
        if not findings:
            sha256 = tokenizer_of(vocabulary).sha256
            if vocabulary.sha256 not in (None, sha256):
                found = f"expected the hash {vocabulary.sha256}, found {sha256}"
                findings.append(Finding("C3", None, "", None, found))
    broken = Counter(finding.rule for finding in findings)
    return Verdict(
        place=vocabulary.place,
        ranks=len(vocabulary.tokens),
        special_tokens=len(vocabulary.specials.ids),
        pattern=vocabulary.pattern,
        sha256=sha256,
        broken={rule: broken[rule] for rule in ("C1", "C2", "C3", "specials")},
        findings=findings[:limit],
    )


def _ambiguous(vocabulary: Vocabulary) -> Iterator[Finding]:
    """What breaks rule C3, in rank order."""
    first: dict[bytes, int] = {}
    expected = 0
    for rank, token in sorted(vocabulary.tokens):
        if rank > expected:
            missing = f"{expected} to {rank - 1}" if rank > expected + 1 else str(expected)
            yield _finding("C3", rank, token, f"no rank {missing} below it")
        elif rank < expected:
            yield _finding("C3", rank, token, "another token has this rank")
        expected = max(expected, rank + 1)
        if not token:
            yield _finding("C3", rank, token, "no bytes")
        elif token in first:
            yield _finding("C3", rank, token, f"the same bytes as rank {first[token]}")
        first.setdefault(token, rank)
    for byte in range(256):
        token = bytes([byte])
        if token not in first:
            yield _finding("C3", None, token, "no token for this byte")


def _taken(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Special tokens with the id of a rank or of each other."""
    ranks = {rank for rank, _ in vocabulary.tokens}
    names: dict[int, str] = {}
    for name, number in vocabulary.specials.ids.items():
        if number in ranks:
            yield Finding("specials", number, name, name, "its id is a rank")
        elif number in names:
            yield Finding("specials", number, name, name, f"its id is that of {names[number]}")
        names.setdefault(number, name)


def _unmergeable(tokenizer: Tokenizer) -> Iterator[Finding]:
    tokens = tokenizer.token_bytes()
    for rank, parts, reachable in tokenizer.faults(limit=None):
        shown = " + ".join(spelled(tokens[part]) for part in parts[:_SHOWN_PARTS])
        more = " + ..." if len(parts) > _SHOWN_PARTS else ""
        detail = f"lower ranks merge it into {len(parts)} parts: {shown}{more}"
        yield _finding("C1", rank, tokens[rank], detail)
        if not reachable:
            yield _finding("C2", rank, tokens[rank], "no merging ends in it")


def _finding(rule: str, rank: int | None, token: bytes, detail: str) -> Finding:
    try:
        text = token.decode()
    except UnicodeDecodeError:
        text = None
    return Finding(rule, rank, spelled(token), text, detail)
