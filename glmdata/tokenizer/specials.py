"""Which ids lie behind the ranks: special tokens, reserved rows, prefix, end and padding."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from glmdata.errors import ConfigError

GLM4_RANKS = 151_329
"""The number of ranks of GLM-4: its first special token has this id."""

GLM4_SPECIAL_TOKENS = (
    "<|endoftext|>",
    "[MASK]",
    "[gMASK]",
    "[sMASK]",
    "<sop>",
    "<eop>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|observation|>",
    "<|begin_of_image|>",
    "<|end_of_image|>",
    "<|begin_of_video|>",
    "<|end_of_video|>",
)
"""In the order of their ids, 151329 to 151342 (tokenizer_config.json of glm-4-9b-chat)."""

RESERVED = "<|reserved_"
"""How the name of a free row begins."""

FILLER = "<|unused_"
"""How the name begins that an export gives to an id between special tokens."""

OWN_NAMES = (
    "different names without blanks around, none of them GLM-4's, <|reserved_N|> or <|unused_N|>"
)
"""What `are_own` asks for."""

ROWS_MULTIPLE = 1024
"""Embedding rows are a multiple of it; with GLM-4's ids that gives its 151,552."""


@dataclass(frozen=True)
class Specials:
    """The special tokens of a vocabulary, by name; ids need not be dense."""

    ids: Mapping[str, int] = field(default_factory=dict)
    prefix: Sequence[str] = ()
    """What a model expects before every text."""
    end: Sequence[str] = ()
    """Tokens at which generation stops."""
    pad: str | None = None
    bos: str | None = None
    """What `bos_token` of tokenizer_config.json says. Only the prefix is put before a text."""
    begin: str | None = None
    """What `bos_token_id` of generation_config.json says; Qwen2 names one there alone."""
    shown: Sequence[str] = ()
    """Tokens that stay in a text that is decoded without special tokens, such as `<think>`."""
    chat_template: str | None = None
    """A chat form in Jinja that is not GLM-4's; it is kept and not looked into."""

    @property
    def named(self) -> Sequence[str]:
        """The tokens that have a part to play; each must be among `ids`."""
        single = (self.pad, self.bos, self.begin)
        return [
            *self.prefix,
            *self.end,
            *self.shown,
            *(name for name in single if name is not None),
        ]

    def rows(self, n_ranks: int) -> int:
        """Embedding rows that a model needs."""
        return max([n_ranks, *(number + 1 for number in self.ids.values())])


def glm4_specials(n_ranks: int, first: int | None = None, own: Sequence[str] = ()) -> Specials:
    """GLM-4's special tokens, others behind them, and a reserved name for every row that is left.

    Parameters
    ----------
    n_ranks
        The number of ranks below.
    first
        The id of the first special token; None: directly behind the ranks. The ids between are
        reserved too.
    own
        Names of further special tokens, in the order of their ids.

    Raises
    ------
    ConfigError
        One of `own` is empty, there twice, or a name that is taken already.

    Examples
    --------
    >>> specials = glm4_specials(151_329)
    >>> specials.ids["<|endoftext|>"], specials.ids["<|user|>"], specials.rows(151_329)
    (151329, 151336, 151552)
    """
    start = n_ranks if first is None else first
    if not are_own(own):
        raise ConfigError(f"special: expected {OWN_NAMES}, found {list(own)!r}")
    named = {name: start + at for at, name in enumerate([*GLM4_SPECIAL_TOKENS, *own])}
    behind = start + len(named)
    rows = -(-behind // ROWS_MULTIPLE) * ROWS_MULTIPLE
    free = [*range(n_ranks, start), *range(behind, rows)]
    reserved = {f"{RESERVED}{at}|>": number for at, number in enumerate(free)}
    # By id: files list them in this order, and readers number them by it.
    ids = dict(sorted({**named, **reserved}.items(), key=lambda item: item[1]))
    return Specials(
        ids=ids,
        prefix=("[gMASK]", "<sop>"),
        end=("<|endoftext|>", "<|user|>", "<|observation|>"),
        pad="<|endoftext|>",
    )


def are_own(names: Sequence[str]) -> bool:
    """Whether special tokens can have these names, beside GLM-4's and those of free rows.

    >>> are_own(["<|think|>"]), are_own(["<|user|>"]), are_own(["a", "a"]), are_own([" "])
    (True, False, False, False)
    """
    taken = set(GLM4_SPECIAL_TOKENS)
    return len(set(names)) == len(names) and all(
        name.strip() == name != "" and name not in taken and not name.startswith((RESERVED, FILLER))
        for name in names
    )


CL100K_SPECIALS = Specials(
    ids={
        "<|endoftext|>": 100257,
        "<|fim_prefix|>": 100258,
        "<|fim_middle|>": 100259,
        "<|fim_suffix|>": 100260,
        "<|endofprompt|>": 100276,
    },
    end=("<|endoftext|>",),
)
"""Those of cl100k_base, as tiktoken numbers them."""


def splitter(ids: Mapping[str, int], names: Collection[str]) -> re.Pattern[str]:
    """Splits a text at special tokens; every other part is a name.

    Raises
    ------
    ConfigError
        One of the names is no special token.
    """
    for name in names:
        if name not in ids:
            raise ConfigError(f"allowed_special: expected special tokens, found {name!r}")
    # The longest first: a name may begin with another one.
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})")
