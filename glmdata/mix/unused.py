"""Options of a mixture that did nothing, or less than they say, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from glmdata.mix.config import MixConfig, numbers_of
from glmdata.mix.weights import Row, Wanted


def unused_options(config: MixConfig, sources: Collection[str]) -> list[str]:
    """A sentence for each option that was given and had no effect.

    Parameters
    ----------
    config
        The options; one that has its default counts as not given.
    sources
        Those of the token store.
    """
    defaults = MixConfig().values()

    def given(name: str) -> bool:
        return bool(config.values()[name] != defaults[name])

    def told(names: tuple[str, ...], reason: str) -> list[str]:
        flags = ["--" + name.replace("_", "-") for name in names if given(name)]
        return [f"{flag} has no effect: {reason}" for flag in flags]

    notes = []
    if config.packing != "buckets":
        notes += told(("shortest_row",), "only --packing buckets has rows of several lengths")
    if config.infill_rate == 0:
        notes += told(("infill_mask", "infill_sentence"), "--infill-rate is 0")
    if config.fim_rate == 0:
        notes += told(("fim_spm", "fim_source", "fim_tokens"), "--fim-rate is 0")
    else:
        missing = sorted(set(config.fim_source).difference(sources))
        notes += [f"--fim-rate meets no document of source `{source}`" for source in missing]
    if config.temperature == 1 and not config.unimax:
        notes += told(("balance",), "neither --temperature nor --unimax balances anything")
    return notes


def capped_weights(config: MixConfig, rows: Sequence[Row], wanted: Sequence[Wanted]) -> list[str]:
    """A sentence for each weight of which --max-epochs took something away."""
    if config.unimax:
        # Its rows are filled up to the cap: that is what was asked for.
        return []
    given = numbers_of(config.weight)
    passes = config.target_tokens is None and config.weight_unit == "passes"
    notes = []
    for row, want in zip(rows, wanted, strict=True):
        asked = want.weight * row.factor
        at_cap = 0 < row.tokens * config.max_epochs == want.tokens
        if not at_cap or want.weight == 1 or (passes and asked <= config.max_epochs):
            continue
        name = row.key if row.key in given else row.source
        flag = f"--weight {name}={given[name]:g}" if name in given else f"--recipe {config.recipe}"
        most = "1 pass" if config.max_epochs == 1 else f"{config.max_epochs} passes"
        notes.append(f"{flag} gives `{row.source}` {most}, all that --max-epochs allows")
    return list(dict.fromkeys(notes))
