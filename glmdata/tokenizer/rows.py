"""What every reader must be told of the ids behind the ranks."""

from __future__ import annotations

from glmdata.tokenizer.chat import PREFIX, ROLES
from glmdata.tokenizer.specials import FILLER
from glmdata.tokenizer.tokenizer import Tokenizer


def without_gaps(tokenizer: Tokenizer) -> dict[str, int]:
    """Special tokens by id, with names for ids that have none: these readers count them through."""
    names = {number: name for name, number in tokenizer.special_tokens.items()}
    ids = range(tokenizer.n_ranks, tokenizer.rows)
    return {names.get(number, f"{FILLER}{number}|>"): number for number in ids}


def has_chat(tokenizer: Tokenizer) -> bool:
    """Whether it has the roles that GLM-4's chat form speaks of."""
    needed = {f"<|{role}|>" for role in ROLES} | set(PREFIX)
    return needed <= tokenizer.special_tokens.keys()
