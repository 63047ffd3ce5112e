"""`Tokenizer`: text to ids and back, with the special tokens around it."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from glmdata import _native
from glmdata.errors import ConfigError
from glmdata.tokenizer.byte_level import character_starts
from glmdata.tokenizer.chat import Message, chat_ids
from glmdata.tokenizer.patterns import known_spelling
from glmdata.tokenizer.specials import Specials, splitter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import tiktoken


class Batch(NamedTuple):
    """Ids of several texts: those of text `i` are `ids[offsets[i]:offsets[i + 1]]`."""

    ids: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.uint64]


class Tokenizer:
    """A byte-level BPE vocabulary, its pattern and its special tokens.

    Ids equal those of tiktoken built from the same ranks and pattern. Safe for threads, for forks
    and for pickling; two tokenizers are equal if ranks, pattern and special tokens are.

    Examples
    --------
    >>> tokenizer = Tokenizer.load("cl100k_base")
    >>> tokenizer.encode("你好, world")
    [57668, 53901, 11, 1917]
    >>> tokenizer.decode([57668, 53901])
    '你好'
    """

    def __init__(
        self, ranks: bytes | _native.Tokenizer, pattern: str, specials: Specials | None = None
    ) -> None:
        """Build from the text of a .tiktoken file; `load` reads files.

        Raises
        ------
        ConfigError
            Damaged ranks, no regular expression, or a special token with the id of a rank.
        """
        self.pattern = known_spelling(pattern)
        if isinstance(ranks, bytes):
            ranks = _native.Tokenizer(ranks, self.pattern)
        self._native = ranks
        self.specials = specials or Specials()
        self._names = {number: name for name, number in self.specials.ids.items()}
        self._splitters: dict[frozenset[str], re.Pattern[str]] = {}
        taken = [name for name, number in self.specials.ids.items() if number < self.n_ranks]
        if taken or len(self._names) < len(self.specials.ids):
            raise ConfigError(
                f"special tokens: expected ids of their own from {self.n_ranks}, "
                f"found {dict(self.specials.ids)!r}"
            )
        for name in self.specials.named:
            if name not in self.specials.ids:
                raise ConfigError(f"special tokens: expected {name!r} among them, found none")

    @classmethod
    def load(cls, source: str | os.PathLike[str], *, pattern: str | None = None) -> Tokenizer:
        """Read a vocabulary.

        Parameters
        ----------
        source
            `cl100k_base`, `o200k_base`, `glm4`, `qwen2` or `llama3`; a folder that `glmdata
            train-tokenizer` or `save` wrote; a folder of Hugging Face, or the name of a model that
            the hub's cache has; a `.tiktoken`, `.gguf` or byte-level `tokenizer.json` file.
        pattern
            For ranks in tiktoken's form, which do not tell; None: that of cl100k_base.

        Raises
        ------
        ConfigError
            The file asks for something that byte-level BPE with this pattern is not.
        CorruptDataError, MissingFileError
            It is damaged or missing.
        """
        from glmdata.tokenizer.load import load

        return load(source, pattern)

    @property
    def n_ranks(self) -> int:
        """The number of tokens that merging makes; special tokens have ids behind them."""
        return len(self._native)

    @property
    def rows(self) -> int:
        """Embedding rows that a model needs: one more than the highest id."""
        return self.specials.rows(self.n_ranks)

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """Ids of all special tokens, reserved ones included, by name."""
        return self.specials.ids

    @property
    def prefix_ids(self) -> list[int]:
        """What a model expects before every text; for GLM-4 `[gMASK] <sop>`."""
        return [self.specials.ids[name] for name in self.specials.prefix]

    @property
    def end_ids(self) -> list[int]:
        """Ids at which generation stops."""
        return [self.specials.ids[name] for name in self.specials.end]

    @property
    def pad_id(self) -> int | None:
        """The id that fills short rows."""
        return None if self.specials.pad is None else self.specials.ids[self.specials.pad]

    @property
    def is_valid(self) -> bool:
        """Whether every token obeys rule C1, so that every encoder agrees on the ids."""
        return self._native.is_valid()

    def faults(self, limit: int | None = 100) -> list[tuple[int, list[int], bool]]:
        """(rank, parts, reachable) of the first tokens that break rule C1; None: of all.

        `parts` are the ranks into which lower ranks merge its bytes: two would be valid.
        """
        return self._native.faults()[:limit]

    def encode(
        self,
        text: str,
        *,
        allowed_special: Literal["all"] | Collection[str] = (),
        add_prefix: bool = False,
    ) -> list[int]:
        """The ids of a text.

        Parameters
        ----------
        text
            Any string; half of a surrogate pair counts as U+FFFD, as in tiktoken.
        allowed_special
            Names that stand for special tokens where the text has them; all others are plain
            text, as with tiktoken's `disallowed_special=()`. Never allow them for text that users
            or crawls wrote.
        add_prefix
            Put `prefix_ids` in front.

        Raises
        ------
        ConfigError
            A name in `allowed_special` is no special token.
        TypeError
            `text` is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, found {type(text).__name__}")
        ids = self.prefix_ids if add_prefix else []
        for special, part in self._split(text, allowed_special):
            if special is not None:
                ids.append(special)
            elif part:
                ids += self._encode_plain(part)
        return ids

    def encode_bytes(self, data: bytes, *, as_tiktoken: bool = False) -> list[int]:
        """The ids of bytes; each stretch that is no UTF-8 is a piece of its own.

        Parameters
        ----------
        as_tiktoken
            Give the ids of tiktoken's `_encode_bytes` instead, which takes all from the first
            broken byte on as one piece, so that text behind it gets other ids than elsewhere.
        """
        return self._native.encode_bytes(data, as_tiktoken)

    def encode_batch(self, texts: Sequence[str], *, threads: int | None = None) -> Batch:
        """The ids of many texts in two arrays, on several threads, special tokens as plain text.

        Parameters
        ----------
        texts
            Any strings; one string instead of several is a TypeError.
        threads
            None: all cores this process may use.
        """
        if isinstance(texts, str):
            raise TypeError("texts: expected a list of str, found one str")
        given = texts if isinstance(texts, list) else list(texts)
        try:
            ids, offsets = self._native.encode_batch(given, threads)
        except UnicodeEncodeError:
            ids, offsets = self._native.encode_batch([*map(_whole, given)], threads)
        return Batch(ids, offsets)

    def count(self, text: str) -> int:
        """The number of ids of a text, in little memory."""
        try:
            return self._native.count(text)
        except UnicodeEncodeError:
            return self._native.count(_whole(text))

    def truncate(self, text: str, limit: int) -> list[int]:
        """The first `limit` ids of a text; what lies behind them is not encoded."""
        try:
            return self._native.truncate(text, limit)[0]
        except UnicodeEncodeError:
            return self._native.truncate(_whole(text), limit)[0]

    def offsets(self, text: str) -> tuple[list[int], list[int]]:
        """The ids of a text, and the character at which each begins.

        A token that begins inside a character counts from that character.
        """
        try:
            ids, starts = self._native.offsets(text)
        except UnicodeEncodeError:
            text = _whole(text)
            ids, starts = self._native.offsets(text)
        return ids, starts if text.isascii() else character_starts(text, starts)

    def decode(
        self, ids: Iterable[int], *, errors: str = "replace", skip_special: bool = False
    ) -> str:
        """The text of ids; special tokens appear by name.

        Parameters
        ----------
        ids
            A list, or an array of integers.
        errors
            What to do with bytes that are no UTF-8, as in `bytes.decode`.
        skip_special
            Leave special tokens out.

        Raises
        ------
        ConfigError
            An id is neither a rank nor a special token.
        """
        return self.decode_bytes(ids, skip_special=skip_special).decode("utf-8", errors)

    def decode_bytes(self, ids: Iterable[int], *, skip_special: bool = False) -> bytes:
        """The bytes of ids."""
        listed: list[int] = ids.tolist() if hasattr(ids, "tolist") else list(ids)
        if not listed or max(listed) < self.n_ranks:
            with contextlib.suppress(OverflowError):
                return self._native.decode(listed)
        return b"".join(self._token(number, skip_special) for number in listed)

    def decode_stream(
        self, ids: Iterable[int], *, errors: str = "replace", skip_special: bool = False
    ) -> Iterator[str]:
        """The text of ids as they come: a character appears once its last byte is there."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors)
        for number in ids:
            if text := decoder.decode(self._token(number, skip_special)):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    def apply_chat_template(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        add_generation_prompt: bool = False,
    ) -> list[int]:
        """The ids of a conversation in GLM-4's form, prefix included.

        Names of special tokens in a content stay plain text: a user cannot open another role.

        Parameters
        ----------
        messages
            Dicts with `role` (system, user, assistant, observation) and `content`; `metadata` of an
            assistant's message is the name of the tool that it calls. `tool_calls` and role `tool`
            of OpenAI's form mean the same.
        tools
            Functions the model may call, in OpenAI's form; `{"type": "python"}`, `simple_browser`
            or `cogview` for the tools that GLM-4 has by itself.
        add_generation_prompt
            End with `<|assistant|>`.

        Raises
        ------
        ConfigError
            An unknown role or tool, a message without content or call, or a vocabulary without
            these tokens or with a chat template of its own; TypeError if it is no list of dicts.
        """
        return chat_ids(
            self.specials, self._encode_plain, messages, tools, generate=add_generation_prompt
        )

    def splits(self) -> list[tuple[int, int]] | None:
        """The two ranks that each rank is merged from, a byte twice; None without rule C1."""
        return self._native.splits()

    def ranks_text(self) -> bytes:
        """The text of a `.tiktoken` file."""
        return self._native.to_tiktoken()

    def token_bytes(self) -> list[bytes]:
        """The bytes of every rank, in order."""
        return [self._native.decode([rank]) for rank in range(self.n_ranks)]

    def to_tiktoken(self) -> tiktoken.Encoding:
        """The same vocabulary as an object of the package tiktoken, which must be installed."""
        import tiktoken

        return tiktoken.Encoding(
            name=f"glmdata-{self.sha256[:12]}",
            pat_str=self.pattern,
            mergeable_ranks={token: rank for rank, token in enumerate(self.token_bytes())},
            special_tokens=dict(self.specials.ids),
        )

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write all files that `load`, tiktoken, tokenizers and transformers read.

        Each is read again and compared before it is kept; `folder` is made if it is missing.

        Raises
        ------
        ConfigError
            The vocabulary breaks rule C1, so that no `tokenizer.json` can give its ids.
        StorageError
            The file system refused.
        """
        from glmdata.tokenizer.export import save

        save(self, folder)

    @cached_property
    def sha256(self) -> str:
        """Hash of ranks, pattern and special tokens: what ids depend on."""
        ranks = hashlib.sha256(self.ranks_text()).hexdigest()
        content = [ranks, self.pattern, sorted(self.specials.ids.items(), key=lambda item: item[1])]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokenizer) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[Any, ...]:
        return Tokenizer, (self.ranks_text(), self.pattern, self.specials)

    def __repr__(self) -> str:
        return f"<Tokenizer {self.n_ranks:,} ranks, {self.rows:,} rows, {self.sha256[:12]}>"

    def _encode_plain(self, text: str) -> list[int]:
        try:
            return self._native.encode(text)
        except UnicodeEncodeError:
            return self._native.encode(_whole(text))

    def _split(
        self, text: str, allowed: Literal["all"] | Collection[str]
    ) -> Iterator[tuple[int | None, str]]:
        """(id, name) of the allowed special tokens and (None, text) between them."""
        names = frozenset(self.specials.ids if allowed == "all" else allowed)
        if not names:
            yield None, text
            return
        if names not in self._splitters:
            self._splitters[names] = splitter(self.specials.ids, names)
        for at, part in enumerate(self._splitters[names].split(text)):
            yield (self.specials.ids[part] if at % 2 else None), part

    def _token(self, number: int, skip_special: bool) -> bytes:
        name = self._names.get(number)
        if name is None:
            if not 0 <= number < self.n_ranks:
                expected = f"a rank below {self.n_ranks} or a special token"
                raise ConfigError(f"ids: expected {expected}, found {number}")
            return self._native.decode([number])
        hidden = skip_special and name not in self.specials.shown
        return b"" if hidden else name.encode()


def _whole(text: str) -> str:
    """The text with U+FFFD for every half of a surrogate pair that is alone, as in tiktoken."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
