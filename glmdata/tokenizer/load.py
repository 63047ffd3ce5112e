"""Reading vocabularies: our folders, `.tiktoken` files, byte-level `tokenizer.json` files."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.errors import ConfigError, CorruptDataError, MissingFileError
from glmdata.tokenizer.byte_level import bytes_of
from glmdata.tokenizer.patterns import CL100K_PATTERN, GPT2_PATTERN
from glmdata.tokenizer.specials import CL100K_SPECIALS, Specials
from glmdata.tokenizer.tokenizer import Tokenizer

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RANKS_FILE = "tokenizer.tiktoken"
JSON_FILE = "tokenizer.json"
DESCRIPTION_FILE = "tokenizer.toml"
FORMAT_VERSION = 1


def load(source: str | os.PathLike[str], pattern: str | None) -> Tokenizer:
    """What `Tokenizer.load` does."""
    if os.fspath(source) == "cl100k_base":
        return Tokenizer(_native.Tokenizer.cl100k(), CL100K_PATTERN, CL100K_SPECIALS)
    path = Path(source)
    if path.is_dir():
        if (path / DESCRIPTION_FILE).exists():
            return _load_folder(path)
        path = path / JSON_FILE
    data = _read(path)
    if path.suffix == ".json":
        return from_json(data, str(path))
    return Tokenizer(data, pattern or CL100K_PATTERN)


def _load_folder(folder: Path) -> Tokenizer:
    path = folder / DESCRIPTION_FILE
    try:
        described = tomllib.loads(_read(path).decode())
        if described["format_version"] != FORMAT_VERSION:
            found = described["format_version"]
            raise CorruptDataError(f"{path}: expected format {FORMAT_VERSION}, found {found!r}")
        specials = Specials(
            ids=described["special_tokens"],
            prefix=tuple(described["prefix"]),
            end=tuple(described["end"]),
            pad=described.get("pad"),
        )
        loaded = Tokenizer(_read(folder / RANKS_FILE), described["pattern"], specials)
        expected = described["sha256"]
    except (KeyError, ValueError) as error:
        if isinstance(error, ConfigError | CorruptDataError):
            raise
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    if loaded.sha256 != expected:
        raise CorruptDataError(
            f"{folder}: {RANKS_FILE} and {DESCRIPTION_FILE} do not belong together: "
            f"expected {expected}, found {loaded.sha256}"
        )
    return loaded


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(
            f"{path}: no such vocabulary",
            hint="name a folder of `glmdata train-tokenizer`, a .tiktoken file, a tokenizer.json, "
            "or cl100k_base",
        ) from None


def from_json(data: bytes, place: str) -> Tokenizer:
    """A byte-level `tokenizer.json` of Hugging Face.

    Raises
    ------
    ConfigError
        It normalises, adds a space, splits in another way, or its merges are no ranks.
    CorruptDataError
        It is no such file.
    """
    try:
        content = json.loads(data)
        model = content["model"]
        if model.get("type", "BPE") != "BPE" or content.get("normalizer") is not None:
            raise ConfigError(f"{place}: expected BPE without normaliser, found another model")
        added = {token["content"]: token["id"] for token in content.get("added_tokens") or []}
        tokens = _ranks(model["vocab"], added, place)
        _check_merges(model["merges"], tokens, place)
        pattern = _pattern(content["pre_tokenizer"], place)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise CorruptDataError(f"{place}: no byte-level tokenizer.json: {error!r}") from None
    lines = (b"%s %d\n" % (base64.b64encode(token), at) for at, token in enumerate(tokens))
    ids = {name: number for name, number in added.items() if number >= len(tokens)}
    loaded = Tokenizer(b"".join(lines), pattern, _described(content, ids))
    if not loaded.is_valid and not model.get("ignore_merges"):
        raise ConfigError(
            f"{place}: expected tokens that obey rule C1, found {len(loaded.faults())} that do not",
            hint="pair merging and whole-piece look-up differ for it: its ids cannot be promised",
        )
    return loaded


def _ranks(vocab: Mapping[str, int], added: Mapping[str, int], place: str) -> list[bytes]:
    ordered = sorted((number, name) for name, number in vocab.items() if name not in added)
    tokens = []
    for at, (number, name) in enumerate(ordered):
        token = bytes_of(name)
        if number != at or token is None:
            raise ConfigError(
                f"{place}: expected byte-level tokens with ids from 0 without gaps, "
                f"found {name!r} with {number} in place of {at}"
            )
        tokens.append(token)
    return tokens


def _check_merges(
    merges: Sequence[str | Sequence[str]], tokens: Sequence[bytes], place: str
) -> None:
    """Merges must be tried in the order of ids: then ids are ranks."""
    rank = {token: at for at, token in enumerate(tokens)}
    last = 0
    for merge in merges:
        pair = merge.split(" ") if isinstance(merge, str) else merge
        made = rank[b"".join(bytes_of(part) or b"" for part in pair)]
        if made < last:
            raise ConfigError(f"{place}: expected merges in the order of ids, found {pair!r}")
        last = made


def _pattern(step: Mapping[str, Any], place: str) -> str:
    steps = step["pretokenizers"] if step["type"] == "Sequence" else [step]
    *splits, byte_level = steps
    if byte_level["type"] == "ByteLevel" and not byte_level.get("add_prefix_space", True):
        if not splits and byte_level.get("use_regex", True):
            return GPT2_PATTERN
        if len(splits) == 1 and not byte_level.get("use_regex", True):
            split = splits[0]
            isolated = split["behavior"] == "Isolated" and not split.get("invert")
            if split["type"] == "Split" and isolated and "Regex" in split["pattern"]:
                return str(split["pattern"]["Regex"])
    kinds = " + ".join(str(step["type"]) for step in steps)
    raise ConfigError(
        f"{place}: expected one isolating Split and ByteLevel without prefix space, found {kinds}"
    )


def _described(content: Mapping[str, Any], ids: Mapping[str, int]) -> Specials:
    """Special tokens; the prefix is what the post-processor puts before a single text."""
    processor = content.get("post_processor") or {}
    prefix = []
    for step in processor.get("single", ()):
        if "SpecialToken" not in step:
            break
        prefix.append(step["SpecialToken"]["id"])
    return Specials(ids=dict(ids), prefix=tuple(prefix))
