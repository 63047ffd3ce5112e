"""What vocabularies did with the text: compression, and tokens that a model may never learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glmdata.tokenizer.audit.tokens import EXAMPLES, entry

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

STEPS = (1_000, 10_000, 100_000)
"""Expected occurrences below which tokens are counted."""
RULE_OF_THREE = 3
"""Never seen in n draws: with 95 % confidence its share is below 3 / n."""


def compression(shares: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for all text, one a language, the largest first, one a language and source.

    Of each vocabulary: tokens, bytes a token (more is better), tokens a character (less is).
    """
    rows = [_row("all", None, shares)] if shares else []
    size: Counter[str] = Counter()
    for share in shares:
        size[share["lang"]] += share["text_bytes"]
    for lang in sorted(size, key=lambda lang: (-size[lang], lang)):
        of_lang = [share for share in shares if share["lang"] == lang]
        rows.append(_row(lang, None, of_lang))
        if len(of_lang) > 1:
            rows += [_row(lang, share["source"], [share]) for share in of_lang]
    return rows


def _row(lang: str, source: str | None, shares: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def total(key: str) -> int:
        return sum(share[key] for share in shares)

    tokens = [sum(column) for column in zip(*(share["tokens"] for share in shares), strict=True)]
    text_bytes, characters = total("text_bytes"), total("characters")
    return {
        "lang": lang,
        "source": source,
        "documents": total("documents"),
        "text_bytes": text_bytes,
        "characters": characters,
        "vocabularies": [
            {
                "tokens": count,
                "bytes_per_token": round(text_bytes / count, 4) if count else None,
                "tokens_per_character": round(count / characters, 4) if characters else None,
            }
            for count in tokens
        ],
    }


def usage_facts(
    counts: npt.NDArray[np.uint64], tokens: Sequence[bytes], budget: int
) -> dict[str, Any]:
    """How much of a vocabulary the text used, and what that says of a training run.

    An estimate: a token seen k times in n is expected k * budget / n times, as if the training mix
    were this text. Tokens of which a model sees little are what arXiv:2405.05417 finds in finished
    models by their embeddings; here no model is looked at.

    Parameters
    ----------
    counts
        Occurrences of each rank, shape (ranks,).
    tokens
        Their bytes.
    budget
        Tokens of the planned training run.
    """
    total = int(counts.sum())
    # Bytes that no UTF-8 has are in every vocabulary and never come.
    unseen = [rank for rank, count in enumerate(counts.tolist()) if count == 0]
    learnable = [rank for rank in unseen if len(tokens[rank]) > 1]
    scale = budget / total if total else 0.0
    return {
        "tokens": total,
        "used": len(tokens) - len(unseen),
        "unseen": len(learnable),
        "unseen_bytes": len(unseen) - len(learnable),
        "one_occurrence_means": round(scale),
        "unseen_at_most": round(RULE_OF_THREE * scale),
        "expected_below": [
            {"occurrences": step, "tokens": int(((counts > 0) & (counts * scale < step)).sum())}
            for step in STEPS
        ],
        "examples": [entry(rank, tokens[rank]) for rank in _spread(learnable)],
    }


def _spread(ranks: Sequence[int]) -> list[int]:
    """Some of them from everywhere: the first ones would all be of one kind."""
    if len(ranks) <= EXAMPLES:
        return list(ranks)
    return [ranks[at * len(ranks) // EXAMPLES] for at in range(EXAMPLES)]
