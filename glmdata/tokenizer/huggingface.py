"""Byte-level `tokenizer.json` files of Hugging Face, which may mean what ranks cannot say.

Such a file merges pairs in the order of a list; ours merges byte strings in the order of ids. Both
give the same ids if the list follows the ids and has what is needed: under rule C1 the one pair
each token comes from, without it every pair that spells a token, and whole pieces looked up first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from glmdata import _native
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.tokenizer.byte_level import bytes_of
from glmdata.tokenizer.patterns import GPT2_PATTERN
from glmdata.tokenizer.specials import Specials

_MUST_BE_UNSET = (
    "dropout",
    "unk_token",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "fuse_unk",
    "byte_fallback",
)
"""Options of the model that change ids in ways ranks do not have."""

_NO_IDS = "pair merging and whole-piece look-up differ for it: its ids cannot be promised"


def read_json(data: bytes, place: str) -> tuple[list[tuple[int, bytes]], str, Specials]:
    """(tokens as (rank, bytes), pattern, special tokens).

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
        _refuse_other_models(content, place)
        added = {token["content"]: token["id"] for token in content.get("added_tokens") or []}
        tokens = read_tokens(model, added, place)
        pattern = _pattern(content["pre_tokenizer"], place)
        specials = _described(content, added)
        listed = content.get("added_tokens") or []
        shown = tuple(token["content"] for token in listed if token.get("special") is False)
        specials = replace(specials, shown=shown)
    except (
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        if isinstance(error, ConfigError):
            raise
        raise CorruptDataError(f"{place}: no byte-level tokenizer.json: {error!r}") from None
    return tokens, pattern, specials


def read_tokens(
    model: Mapping[str, Any], added: Mapping[str, int], place: str
) -> list[tuple[int, bytes]]:
    """Tokens as (id, bytes) of a model with `vocab` and `merges`, by id.

    What is in `added` is no such token, unless it is a byte or a merge makes it: then its name
    means two things, which is for the reader to judge.

    Raises
    ------
    ConfigError
        They are not byte-level, or the merges do not follow them.
    """
    merges = [_parts(merge) for merge in model["merges"]]
    made = {left + right for left, right in merges}
    tokens = []
    for number, name in sorted((number, name) for name, number in model["vocab"].items()):
        if name in added and name not in made and len(name) > 1:
            continue
        token = bytes_of(name)
        if token is None:
            raise ConfigError(
                f"{place}: expected byte-level tokens, found {name!r} with {number}",
                hint="a special token belongs into `added_tokens` as well",
            )
        tokens.append((number, token))
    _check_merges(merges, [token for _, token in tokens], model, place)
    return tokens


def _parts(merge: str | Sequence[str]) -> tuple[str, str]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def _refuse_other_models(content: Mapping[str, Any], place: str) -> None:
    model = content["model"]
    if model.get("type", "BPE") != "BPE":
        raise ConfigError(f"{place}: expected model BPE, found {model['type']}")
    normaliser = content.get("normalizer")
    if normaliser is not None:
        raise ConfigError(
            f"{place}: expected no normaliser, found {normaliser['type']}",
            hint="if your text is in that form already, set `normalizer` to null in a copy of it; "
            "the name `qwen2` is Qwen2's vocabulary without one",
        )
    for key in _MUST_BE_UNSET:
        # Some writers spell "none" as an empty string.
        if model.get(key) not in (None, False, "", 0):
            raise ConfigError(f"{place}: expected no `{key}`, found {model[key]!r}")


def _check_merges(
    merges: Sequence[tuple[str, str]],
    tokens: Sequence[bytes],
    model: Mapping[str, Any],
    place: str,
) -> None:
    rank = {token: at for at, token in enumerate(tokens)}
    listed = set()
    last = 0
    for left, right in merges:
        pair = rank[bytes_of(left) or b""], rank[bytes_of(right) or b""]
        made = rank[tokens[pair[0]] + tokens[pair[1]]]
        if made < last:
            raise ConfigError(
                f"{place}: expected merges in the order of ids, found {[left, right]!r}"
            )
        last = made
        listed.add(pair)
    lines = (b"%s %d\n" % (base64.b64encode(token), at) for at, token in enumerate(tokens))
    native = _native.Tokenizer(b"".join(lines), GPT2_PATTERN)
    splits = native.splits()
    if splits is not None:
        needed = {pair for at, pair in enumerate(splits) if pair[0] != at}
    elif model.get("ignore_merges"):
        needed = set(chain.from_iterable(_all_splits(token, rank) for token in tokens))
    else:
        broken = len(native.faults())
        raise ConfigError(
            f"{place}: expected tokens that obey rule C1, found {broken:,} that do not",
            hint=_NO_IDS,
        )
    if missing := needed - listed:
        first, second = (tokens[part] for part in min(missing))
        raise ConfigError(
            f"{place}: expected a merge for every token, found none for {first!r} and {second!r} "
            f"and {len(missing) - 1} others"
        )


def _all_splits(token: bytes, rank: Mapping[bytes, int]) -> list[tuple[int, int]]:
    cuts = ((token[:at], token[at:]) for at in range(1, len(token)))
    return [(rank[left], rank[right]) for left, right in cuts if left in rank and right in rank]


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
    steps = processor.get("processors", [processor])
    prefix = []
    for step in chain.from_iterable(step.get("single", ()) for step in steps):
        if "SpecialToken" not in step:
            break
        prefix.append(step["SpecialToken"]["id"])
    return Specials(ids=dict(ids), prefix=tuple(prefix))
