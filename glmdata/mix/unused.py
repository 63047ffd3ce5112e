"""Options of a mixture that did nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Collection

from glmdata.mix.config import MixConfig


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
