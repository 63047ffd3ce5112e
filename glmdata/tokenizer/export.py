"""The files of a vocabulary, each read again and compared before it is kept.

tokenizer.tiktoken   the ranks
tokenizer.toml       pattern, special tokens, prefix, end, padding: what `Tokenizer.load` reads
tokenizer.json       Hugging Face `tokenizers`; one merge a token, which rule C1 makes enough
transformers/        what AutoTokenizer reads: the same tokenizer.json, its config, a chat form
tokenizer.gguf       llama.cpp, where the package gguf is installed; only if asked for
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError, InternalError
from glmdata.stage.atomic import storage_errors, write_bytes
from glmdata.stage.lock import writing
from glmdata.tokenizer.byte_level import characters_of
from glmdata.tokenizer.chat import CHAT_TEMPLATE
from glmdata.tokenizer.gguf_file import GGUF_FILE, from_gguf, gguf_bytes
from glmdata.tokenizer.load import from_json
from glmdata.tokenizer.parity import parity_texts
from glmdata.tokenizer.rows import has_chat, without_gaps
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import DESCRIPTION_FILE, FORMAT_VERSION, JSON_FILE, RANKS_FILE

TRANSFORMERS_FOLDER = "transformers"


FORMATS = ("tiktoken", "huggingface", "transformers")
"""What `save` writes. Not gguf: the files of a stage must not depend on what is installed."""


def save(tokenizer: Tokenizer, folder: str | os.PathLike[str]) -> list[str]:
    """Write the files of all `FORMATS`; returns their names, relative to the folder.

    Raises
    ------
    ConfigError
        The vocabulary breaks rule C1.
    InternalError
        A file gave other ids when it was read again; it is not kept.
    """
    names = _written(_checked(tokenizer, FORMATS), Path(folder))
    if Tokenizer.load(folder) != tokenizer:
        raise InternalError(f"{folder}: another vocabulary when read again")
    return names


def export(
    tokenizer: Tokenizer, folder: str | os.PathLike[str], formats: Iterable[str]
) -> list[str]:
    """Write the files of some formats, `gguf` among those to choose from; raises as `save`."""
    files = _checked(tokenizer, formats)
    with writing(Path(folder)):
        return _written(files, Path(folder))


def _checked(tokenizer: Tokenizer, formats: Iterable[str]) -> Mapping[str, bytes]:
    """Files by name, each read again and compared."""
    texts = parity_texts(tokenizer)
    expected = [tokenizer.encode(text) for text in texts]
    files = contents(tokenizer, formats)
    if RANKS_FILE in files:
        reread = Tokenizer(files[RANKS_FILE], tokenizer.pattern, tokenizer.specials)
        compare(RANKS_FILE, [reread.encode(text) for text in texts], expected)
    if spelled := files.get(JSON_FILE) or files.get(f"{TRANSFORMERS_FOLDER}/{JSON_FILE}"):
        reread = from_json(spelled, JSON_FILE)
        compare(JSON_FILE, [reread.encode(text) for text in texts], expected)
        _compare_with_rival(spelled, tokenizer, texts, expected)
    if GGUF_FILE in files:
        reread = from_gguf(files[GGUF_FILE], GGUF_FILE)
        compare(GGUF_FILE, [reread.encode(text) for text in texts], expected)
    return files


def _written(files: Mapping[str, bytes], target: Path) -> list[str]:
    for name, data in files.items():
        path = target / name
        with storage_errors("create folder", path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
    return list(files)


def contents(tokenizer: Tokenizer, formats: Iterable[str] = FORMATS) -> dict[str, bytes]:
    """The files of some formats by name.

    Raises
    ------
    ConfigError
        The vocabulary breaks rule C1, on which all formats but `tiktoken` rest.
    """
    wanted = set(formats)
    files: dict[str, bytes] = {}
    if "tiktoken" in wanted:
        files[RANKS_FILE] = tokenizer.ranks_text()
    if wanted & {"huggingface", "transformers"}:
        spelled = _json(tokenizer_json(tokenizer), compact=True)
    if "huggingface" in wanted:
        files[JSON_FILE] = spelled
    if "transformers" in wanted:
        inside = f"{TRANSFORMERS_FOLDER}/"
        files[f"{inside}{JSON_FILE}"] = spelled
        files[f"{inside}tokenizer_config.json"] = _json(transformers_config(tokenizer))
        if has_chat(tokenizer):
            files[f"{inside}chat_template.jinja"] = CHAT_TEMPLATE.encode()
    if "gguf" in wanted:
        files[GGUF_FILE] = gguf_bytes(tokenizer)
    if "tiktoken" in wanted:
        # Last: a folder without it is no vocabulary to `Tokenizer.load`.
        files[DESCRIPTION_FILE] = description(tokenizer).encode()
    return files


def tokenizer_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of `tokenizer.json`.

    Under rule C1 a token is merged from one pair only, so there is one merge a token, in rank
    order, and looking up whole pieces (`ignore_merges`) would change nothing.
    """
    splits = tokenizer.splits()
    if splits is None:
        raise ConfigError(
            "export: expected a vocabulary that obeys rule C1, found one that breaks it",
            hint="`Tokenizer.faults` names the tokens",
        )
    tokens = [characters_of(token) for token in tokenizer.token_bytes()]
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
                "special": True,
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
            "ignore_merges": False,
            "vocab": {token: rank for rank, token in enumerate(tokens)},
            "merges": [
                [tokens[left], tokens[right]]
                for rank, (left, right) in enumerate(splits)
                if left != rank
            ],
        },
    }


def transformers_config(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of `tokenizer_config.json`."""
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
        "model_input_names": ["input_ids", "attention_mask", "position_ids"],
        "added_tokens_decoder": {
            str(number): {
                "content": name,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": True,
            }
            for name, number in without_gaps(tokenizer).items()
        },
    }
    if tokenizer.specials.end:
        config["eos_token"] = tokenizer.specials.end[0]
    if tokenizer.specials.pad is not None:
        config["pad_token"] = tokenizer.specials.pad
    if has_chat(tokenizer):
        # In the config too: older versions do not read chat_template.jinja.
        config["chat_template"] = CHAT_TEMPLATE
    return config


def description(tokenizer: Tokenizer) -> str:
    """The content of `tokenizer.toml`. JSON spells strings and lists of them as TOML does."""
    specials = tokenizer.specials
    lines = [
        "# A byte-level BPE vocabulary: the ranks are in tokenizer.tiktoken, this is the rest.",
        f"format_version = {FORMAT_VERSION}",
        f"sha256 = {json.dumps(tokenizer.sha256)}  # of ranks, pattern and special tokens",
        f"pattern = {json.dumps(tokenizer.pattern)}",
        f"prefix = {json.dumps([*specials.prefix])}  # expected before every text",
        f"end = {json.dumps([*specials.end])}  # generation stops at these",
        *([f"pad = {json.dumps(specials.pad)}"] if specials.pad is not None else []),
        f"rows = {tokenizer.rows}  # of the embedding",
        "",
        "[special_tokens]",
        *(
            f"{json.dumps(name, ensure_ascii=False)} = {number}"
            for name, number in specials.ids.items()
        ),
    ]
    return "\n".join(lines) + "\n"


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


def _json(content: Mapping[str, Any], *, compact: bool = False) -> bytes:
    separators = (",", ":") if compact else None
    indent = None if compact else 2
    text = json.dumps(content, ensure_ascii=False, indent=indent, separators=separators)
    return (text + "\n").encode()


def compare(name: str, found: list[list[int]], expected: list[list[int]]) -> None:
    """Refuse a file whose ids differ."""
    different = sum(a != b for a, b in zip(found, expected, strict=True))
    if different:
        raise InternalError(
            f"{name}: read again, it gives other ids for {different} of {len(expected)} texts"
        )


def _compare_with_rival(
    data: bytes, tokenizer: Tokenizer, texts: list[str], expected: list[list[int]]
) -> None:
    """Where `tokenizers` itself is installed it is asked too; nothing else here needs it."""
    try:
        import tokenizers
    except ModuleNotFoundError:
        return
    rival = tokenizers.Tokenizer.from_str(data.decode())
    rival.encode_special_tokens = True
    found = rival.encode_batch(texts, add_special_tokens=False)
    name = f"{JSON_FILE} in tokenizers"
    compare(name, [encoding.ids for encoding in found], expected)
    for token, number in tokenizer.special_tokens.items():
        if rival.token_to_id(token) != number:
            raise InternalError(f"{name}: read again, it gives another id for {token}")
