"""`tokenizer.gguf`: the vocabulary as llama.cpp reads it, without any weights.

llama.cpp merges pairs in the order of a list and does not look up whole pieces, so rule C1 is what
makes its ids ours. It knows patterns by name only: a vocabulary with another pattern has no such
file. Its `glm4` reads one thing otherwise: an apostrophe before U+017F begins no contraction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.tokenizer.byte_level import characters_of
from glmdata.tokenizer.chat import CHAT_TEMPLATE
from glmdata.tokenizer.huggingface import read_tokens
from glmdata.tokenizer.load import tokenizer_of
from glmdata.tokenizer.patterns import (
    CL100K_PATTERN,
    GPT2_PATTERN,
    O200K_PATTERN,
    SINGLE_DIGIT_PATTERN,
)
from glmdata.tokenizer.rows import has_chat, without_gaps
from glmdata.tokenizer.specials import Specials
from glmdata.tokenizer.tokenizer import Tokenizer
from glmdata.tokenizer.vocabulary import Vocabulary

if TYPE_CHECKING:
    from types import ModuleType

GGUF_FILE = "tokenizer.gguf"
ARCHITECTURE = "glm4"
"""A reader of vocabularies alone asks for a known one, and for nothing else of it."""

_PRE = {
    CL100K_PATTERN: "glm4",
    SINGLE_DIGIT_PATTERN: "qwen2",
    O200K_PATTERN: "gpt-4o",
    GPT2_PATTERN: "gpt-2",
}
"""Patterns by the names llama.cpp has for them (llama-vocab.cpp, tokenizer_pre)."""


def gguf_bytes(tokenizer: Tokenizer) -> bytes:
    """The content of `tokenizer.gguf`, equal for equal vocabularies.

    Raises
    ------
    ConfigError
        The package gguf is not installed, the vocabulary breaks rule C1, or llama.cpp has no name
        for its pattern.
    """
    gguf = _package()
    splits = tokenizer.splits()
    if splits is None:
        raise ConfigError(
            "export: expected a vocabulary that obeys rule C1, found one that breaks it",
            hint="`glmdata tokenizer verify` names the tokens, `repair` leaves them out",
        )
    if tokenizer.pattern not in _PRE:
        raise ConfigError(
            f"export: llama.cpp has no name for this pattern: {tokenizer.pattern}",
            hint="it knows those of cl100k_base, Qwen2, o200k_base and GPT-2",
        )
    tokens = [characters_of(token) for token in tokenizer.token_bytes()]
    named = without_gaps(tokenizer)
    kinds = gguf.TokenType
    # A reserved row may get a meaning one day; until then no text may call it by its name.
    types = [
        kinds.UNUSED if "reserved" in name or "unused" in name else kinds.CONTROL for name in named
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder, GGUF_FILE)
        writer = gguf.GGUFWriter(path, ARCHITECTURE)
        writer.add_name(f"vocabulary {tokenizer.sha256[:12]}")
        writer.add_string("glmdata.tokenizer_sha256", tokenizer.sha256)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_PRE[tokenizer.pattern])
        writer.add_token_list([*tokens, *named])
        writer.add_token_types([*([kinds.NORMAL] * len(tokens)), *types])
        writer.add_token_merges(
            [
                f"{tokens[left]} {tokens[right]}"
                for rank, (left, right) in enumerate(splits)
                if left != rank
            ]
        )
        _add_roles(writer, tokenizer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        return path.read_bytes()


def from_gguf(data: bytes, place: str) -> Tokenizer:
    """The tokenizer that a file of ours describes, from its tokens, types and merges.

    Raises
    ------
    ConfigError
        Its merges are no ranks, or the package gguf is not installed.
    CorruptDataError
        It has no such vocabulary.
    """
    gguf = _package()
    with TemporaryDirectory() as folder:
        path = Path(folder, GGUF_FILE)
        path.write_bytes(data)
        fields = gguf.GGUFReader(path).fields
        try:
            pre, tokens, types, merges = (
                fields[f"tokenizer.ggml.{key}"].contents()
                for key in ("pre", "tokens", "token_type", "merges")
            )
            pattern = next(pattern for pattern, name in _PRE.items() if name == pre)
        except (KeyError, StopIteration) as error:
            raise CorruptDataError(f"{place}: no byte-level vocabulary: {error!r}") from None
    normal = [kind == gguf.TokenType.NORMAL for kind in types]
    ranks = {name: at for at, name in enumerate(tokens) if normal[at]}
    read = read_tokens({"vocab": ranks, "merges": merges}, {}, place)
    specials = {name: at for at, name in enumerate(tokens) if not normal[at]}
    return tokenizer_of(Vocabulary(place, read, pattern, Specials(ids=specials)))


def _add_roles(writer: Any, tokenizer: Tokenizer) -> None:
    """Which ids end a text or a turn; nothing is put before a text unless the chat form does."""
    specials = tokenizer.specials
    writer.add_add_bos_token(False)
    roles: Mapping[str, Callable[[int], None]] = {
        "<|user|>": writer.add_eot_token_id,
        "<|observation|>": writer.add_eom_token_id,
    }
    if specials.end:
        writer.add_eos_token_id(specials.ids[specials.end[0]])
    for name, add in roles.items():
        if name in specials.end:
            add(specials.ids[name])
    if tokenizer.pad_id is not None:
        writer.add_pad_token_id(tokenizer.pad_id)
    if has_chat(tokenizer):
        writer.add_chat_template(CHAT_TEMPLATE)


def _package() -> ModuleType:
    try:
        import gguf
    except ModuleNotFoundError:
        raise ConfigError(
            "export: gguf files need the package gguf, which is not installed",
            hint="pip install 'glmdata[gguf]'",
        ) from None
    return gguf
