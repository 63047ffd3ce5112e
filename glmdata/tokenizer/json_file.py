"""`tokenizer.json` of Hugging Face: the same vocabulary as a list of merges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glmdata.tokenizer.byte_level import characters_of
from glmdata.tokenizer.rows import without_gaps
from glmdata.tokenizer.tokenizer import Tokenizer


def tokenizer_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of `tokenizer.json`.

    Under rule C1 a token is merged from one pair only, so there is one merge a token, in rank
    order, and looking up whole pieces (`ignore_merges`) would change nothing. Without it pieces are
    looked up and every pair that spells a token is a merge, as Llama 3 has it.
    """
    tokens = [characters_of(token) for token in tokenizer.token_bytes()]
    splits = tokenizer.splits()
    merges = _every_merge(tokens) if splits is None else merges_of(tokens, splits)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": name,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": name not in tokenizer.specials.shown,
            }
            for name, number in without_gaps(tokenizer).items()
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": tokenizer.pattern},
                    "behavior": "Isolated",
                    "invert": False,
                },
                _byte_level(),
            ],
        },
        "post_processor": _post_processor(tokenizer),
        "decoder": _byte_level(),
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": splits is None,
            "vocab": {token: rank for rank, token in enumerate(tokens)},
            "merges": merges,
        },
    }


def merges_of(tokens: Sequence[str], splits: Sequence[tuple[int, int]]) -> list[str]:
    """One merge a token, in rank order.

    As "a b": tokenizers before 0.20 reads no pairs, and no byte is spelled as a blank.
    """
    pairs = enumerate(splits)
    return [f"{tokens[left]} {tokens[right]}" for rank, (left, right) in pairs if left != rank]


def _every_merge(tokens: Sequence[str]) -> list[str]:
    """All pairs of tokens that spell a token, in the order of what they make, then of their own."""
    rank = {token: at for at, token in enumerate(tokens)}
    merges = []
    for token in tokens:
        cuts = ((token[:at], token[at:]) for at in range(1, len(token)))
        pairs = [pair for pair in cuts if pair[0] in rank and pair[1] in rank]
        merges += sorted(pairs, key=lambda pair: (rank[pair[0]], rank[pair[1]]))
    return [f"{left} {right}" for left, right in merges]


def _byte_level() -> dict[str, Any]:
    return {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": False,
    }


def _post_processor(tokenizer: Tokenizer) -> dict[str, Any] | None:
    specials = tokenizer.specials
    if not specials.prefix:
        return None
    prefix = [{"SpecialToken": {"id": name, "type_id": 0}} for name in specials.prefix]
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "type": "TemplateProcessing",
        "single": [*prefix, first],
        "pair": [*prefix, first, second],
        "special_tokens": {
            name: {"id": name, "ids": [specials.ids[name]], "tokens": [name]}
            for name in specials.prefix
        },
    }
