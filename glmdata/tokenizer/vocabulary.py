"""What the file of a vocabulary says, before anybody judges it.

`read` takes every form that `Tokenizer.load` takes. Loading refuses what makes ids ambiguous;
`verify` tells all of it and `repair` mends it, so both start from here.
"""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glmdata import _native
from glmdata.errors import ConfigError, CorruptDataError, MissingFileError
from glmdata.stage.hashing import refuse_changed
from glmdata.stage.manifest import stage_manifest
from glmdata.tokenizer.huggingface import read_json
from glmdata.tokenizer.known import KNOWN
from glmdata.tokenizer.patterns import CL100K_PATTERN, known_spelling
from glmdata.tokenizer.specials import Specials

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RANKS_FILE = "tokenizer.tiktoken"
JSON_FILE = "tokenizer.json"
DESCRIPTION_FILE = "tokenizer.toml"
FORMAT_VERSION = 1

_SHOWN = 60


@dataclass(frozen=True)
class Vocabulary:
    """Tokens as (rank, bytes), in the order of the file; ranks may repeat or have gaps."""

    place: str
    tokens: Sequence[tuple[int, bytes]]
    pattern: str
    specials: Specials
    sha256: str | None = None
    """What tokenizer.toml says the hash of ranks, pattern and special tokens is."""

    def ranks_text(self) -> bytes:
        """The text of a .tiktoken file."""
        lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in self.tokens)
        return b"".join(lines)


def read(source: str | os.PathLike[str], pattern: str | None = None) -> Vocabulary:
    """Read a name of `KNOWN`, a folder, a .tiktoken file or a byte-level tokenizer.json.

    Raises
    ------
    ConfigError
        A tokenizer.json that asks for something byte-level BPE is not.
    CorruptDataError, MissingFileError
        The file is damaged or missing.
    """
    name = os.fspath(source)
    if name in KNOWN:
        published = KNOWN[name]
        native = _native.Tokenizer.known(name, published.pattern)
        tokens = [(rank, native.decode([rank])) for rank in range(len(native))]
        return Vocabulary(name, tokens, published.pattern, published.specials)
    path = Path(source)
    if path.is_dir():
        _refuse_edited(path)
        if (path / DESCRIPTION_FILE).exists():
            return _read_folder(path)
        path = path / JSON_FILE
    data = _bytes_of(path)
    if path.suffix == ".json":
        tokens, pattern, specials = read_json(data, str(path))
        return Vocabulary(str(path), tokens, known_spelling(pattern), specials)
    found = known_spelling(pattern or CL100K_PATTERN)
    return Vocabulary(str(path), parse_ranks(data, str(path)), found, Specials())


def parse_ranks(data: bytes, place: str) -> list[tuple[int, bytes]]:
    """The lines of a .tiktoken file: base64, a space, the rank.

    Raises
    ------
    CorruptDataError
        A line is something else.
    """
    tokens = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        word, _, rank = line.rstrip().partition(b" ")
        try:
            tokens.append((_rank_of(rank), base64.b64decode(word, validate=True)))
        except (ValueError, binascii.Error):
            shown = line[:_SHOWN].decode("ascii", "backslashreplace")
            raise CorruptDataError(
                f"{place}: line {number}: expected base64, a space and a rank, found {shown!r}"
            ) from None
    return tokens


def _rank_of(digits: bytes) -> int:
    # int() takes signs, blanks and underscores too.
    if not digits.isdigit():
        raise ValueError(digits)
    return int(digits)


def _refuse_edited(folder: Path) -> None:
    """Compare the files of a stage with its manifest: pad and ends are in no other hash."""
    manifest = stage_manifest(folder)
    if manifest is not None:
        ours = (DESCRIPTION_FILE, RANKS_FILE)
        refuse_changed(folder, [entry for entry in manifest.files if entry["path"] in ours])


def _read_folder(folder: Path) -> Vocabulary:
    path = folder / DESCRIPTION_FILE
    try:
        described = tomllib.loads(_bytes_of(path).decode())
        if described["format_version"] != FORMAT_VERSION:
            found = described["format_version"]
            raise CorruptDataError(f"{path}: expected format {FORMAT_VERSION}, found {found!r}")
        specials = Specials(
            ids=described["special_tokens"],
            prefix=tuple(described["prefix"]),
            end=tuple(described["end"]),
            pad=described.get("pad"),
        )
        ranks = folder / RANKS_FILE
        tokens = parse_ranks(_bytes_of(ranks), str(ranks))
        pattern, sha256 = known_spelling(described["pattern"]), described["sha256"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, ConfigError | CorruptDataError):
            raise
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    return Vocabulary(str(folder), tokens, pattern, specials, sha256)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        names = ", ".join(KNOWN)
        raise MissingFileError(
            f"{path}: no such vocabulary",
            hint="name a folder of `glmdata train-tokenizer`, a .tiktoken file, a tokenizer.json, "
            f"or one of {names}",
        ) from None
