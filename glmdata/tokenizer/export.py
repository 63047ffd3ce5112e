"""The files of a vocabulary, each read again and compared before it is kept.

tokenizer.tiktoken   the ranks
tokenizer.toml       pattern, special tokens, prefix, end, padding: what `Tokenizer.load` reads
tokenizer.json       Hugging Face `tokenizers`; what it cannot say stands in two files beside it:
                     tokenizer_config.json and generation_config.json
transformers/        what AutoTokenizer reads: the same three, and a chat form
tokenizer.gguf       llama.cpp, where the package gguf is installed; only if asked for
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from glmdata.errors import InternalError
from glmdata.stage.atomic import storage_errors, write_bytes
from glmdata.stage.lock import writing
from glmdata.tokenizer.beside import (
    CONFIG_FILE,
    GENERATION_FILE,
    TEMPLATE_FILE,
    told_beside,
    without_fillers,
)
from glmdata.tokenizer.gguf_file import GGUF_FILE, gguf_bytes, read_gguf
from glmdata.tokenizer.json_file import tokenizer_json
from glmdata.tokenizer.load import from_json, tokenizer_of
from glmdata.tokenizer.parity import parity_texts
from glmdata.tokenizer.specials import Specials
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.transformers_files import (
    generation_config,
    template_of,
    transformers_config,
)
from glmdata.tokenizer.vocabulary import (
    DESCRIPTION_FILE,
    FORMAT_VERSION,
    JSON_FILE,
    RANKS_FILE,
    read_description,
)

TRANSFORMERS_FOLDER = "transformers"


FORMATS = ("tiktoken", "huggingface", "transformers")
"""What `save` writes. Not gguf: the files of a stage must not depend on what is installed."""


def save(tokenizer: Tokenizer, folder: str | os.PathLike[str]) -> list[str]:
    """Write the files of all `FORMATS`; returns their names, relative to the folder.

    Raises
    ------
    InternalError
        A file gave other ids, or special tokens other parts, when it was read again; it is not
        kept.
    """
    names = _written(_checked(tokenizer, FORMATS), Path(folder))
    if Tokenizer.load(folder) != tokenizer:
        raise InternalError(f"{folder}: another vocabulary when read again")
    return names


def export(
    tokenizer: Tokenizer, folder: str | os.PathLike[str], formats: Iterable[str]
) -> list[str]:
    """Write the files of some formats, `gguf` among those to choose from.

    Raises
    ------
    ConfigError
        A GGUF of a vocabulary that breaks rule C1, names no end or has a pattern of its own.
    InternalError
        As `save`.
    """
    files = _checked(tokenizer, formats)
    with writing(Path(folder)):
        return _written(files, Path(folder))


def _checked(tokenizer: Tokenizer, formats: Iterable[str]) -> Mapping[str, bytes]:
    """Files by name, each read again and compared."""
    texts = parity_texts(tokenizer)
    expected = [tokenizer.encode(text) for text in texts]
    files = contents(tokenizer, formats)
    reread: dict[str, Specials] = {}
    if RANKS_FILE in files:
        _, reread[DESCRIPTION_FILE], _ = read_description(files[DESCRIPTION_FILE], DESCRIPTION_FILE)
        found = Tokenizer(files[RANKS_FILE], tokenizer.pattern, reread[DESCRIPTION_FILE])
        compare(RANKS_FILE, [found.encode(text) for text in texts], expected)
    for folder in ("", f"{TRANSFORMERS_FOLDER}/"):
        name = f"{folder}{JSON_FILE}"
        if name not in files:
            continue
        found = from_json(files[name], JSON_FILE)
        if name == JSON_FILE or JSON_FILE not in files:
            compare(JSON_FILE, [found.encode(text) for text in texts], expected)
            _compare_with_rival(files[name], tokenizer, texts, expected)
        reread[name] = _beside(files, folder, found.specials)
    if GGUF_FILE in files:
        found = tokenizer_of(read_gguf(files[GGUF_FILE], GGUF_FILE))
        compare(GGUF_FILE, [found.encode(text) for text in texts], expected)
        reread[GGUF_FILE] = found.specials
    for name, specials in reread.items():
        if _comparable(specials) != _comparable(tokenizer.specials):
            raise InternalError(f"{name}: read again, its special tokens have other ids or parts")
    return files


def _beside(files: Mapping[str, bytes], folder: str, specials: Specials) -> Specials:
    """Special tokens as the small files beside a tokenizer.json tell them."""
    with TemporaryDirectory() as place:
        for name in (CONFIG_FILE, GENERATION_FILE, TEMPLATE_FILE):
            if folder + name in files:
                write_bytes(Path(place, name), files[folder + name])
        return told_beside(Path(place), specials)


def _comparable(specials: Specials) -> Specials:
    return replace(
        specials,
        ids=without_fillers(specials.ids),
        prefix=tuple(specials.prefix),
        end=tuple(specials.end),
        shown=tuple(sorted(specials.shown)),
    )


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
        A GGUF of a vocabulary that breaks rule C1, names no end or has a pattern of its own.
    """
    wanted = set(formats)
    files: dict[str, bytes] = {}
    if "tiktoken" in wanted:
        files[RANKS_FILE] = tokenizer.ranks_text()
    if wanted & {"huggingface", "transformers"}:
        spelled = {JSON_FILE: _json(tokenizer_json(tokenizer), compact=True)}
        spelled[CONFIG_FILE] = _json(transformers_config(tokenizer))
        if generation := generation_config(tokenizer):
            spelled[GENERATION_FILE] = _json(generation)
    if "huggingface" in wanted:
        files.update(spelled)
    if "transformers" in wanted:
        template = template_of(tokenizer)
        if template is not None:
            spelled[TEMPLATE_FILE] = template.encode()
        files.update({f"{TRANSFORMERS_FOLDER}/{name}": data for name, data in spelled.items()})
    if "gguf" in wanted:
        files[GGUF_FILE] = gguf_bytes(tokenizer)
    if "tiktoken" in wanted:
        # Last: a folder without it is no vocabulary to `Tokenizer.load`.
        files[DESCRIPTION_FILE] = description(tokenizer).encode()
    return files


def description(tokenizer: Tokenizer) -> str:
    """The content of `tokenizer.toml`. JSON spells strings and lists of them as TOML does."""
    specials = tokenizer.specials
    parts = {
        "pad": specials.pad,
        "bos": specials.bos,
        "begin": specials.begin,
        "chat_template": specials.chat_template,
    }
    lines = [
        "# A byte-level BPE vocabulary: the ranks are in tokenizer.tiktoken, this is the rest.",
        f"format_version = {FORMAT_VERSION}",
        f"sha256 = {json.dumps(tokenizer.sha256)}  # of ranks, pattern and special tokens",
        f"pattern = {json.dumps(tokenizer.pattern)}",
        f"prefix = {json.dumps([*specials.prefix])}  # expected before every text",
        f"end = {json.dumps([*specials.end])}  # generation stops at these",
        *(f"{key} = {_toml(value)}" for key, value in parts.items() if value is not None),
        *([f"shown = {json.dumps([*specials.shown])}"] if specials.shown else []),
        f"rows = {tokenizer.rows}  # of the embedding",
        "",
        "[special_tokens]",
        *(
            f"{json.dumps(name, ensure_ascii=False)} = {number}"
            for name, number in specials.ids.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    # TOML refuses one character that JSON writes as it is.
    return json.dumps(text).replace("\x7f", "\\u007f")


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
    found = [encoding.ids for encoding in rival.encode_batch(texts, add_special_tokens=False)]
    # It takes tokens that are shown for what they are wherever a text has them.
    shown = [any(name in text for name in tokenizer.specials.shown) for text in texts]
    right = [a if skip else b for a, b, skip in zip(found, expected, shown, strict=True)]
    name = f"{JSON_FILE} in tokenizers"
    compare(name, found, right)
    for token, number in tokenizer.special_tokens.items():
        if rival.token_to_id(token) != number:
            raise InternalError(f"{name}: read again, it gives another id for {token}")
