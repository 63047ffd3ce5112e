"""Options of the filter that did nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from glmdata.filter.config import FilterConfig


def unused_options(
    config: FilterConfig, sources: Collection[str], benchmark: Mapping[str, Any] | None
) -> list[str]:
    """A sentence for each option that was given and had no effect.

    Parameters
    ----------
    config
        The options; one that has its default counts as not given.
    sources
        Those of the documents.
    benchmark
        Facts on the items that were looked for, by this run or by the one whose scores it takes;
        None: nothing was looked for.
    """
    defaults = FilterConfig().values()

    def given(name: str) -> bool:
        return bool(config.values()[name] != defaults[name])

    notes = []
    for pair in config.kind:
        source = pair.rpartition("=")[0]
        if source not in sources:
            notes.append(f"--kind {pair} has no effect: no document is of source `{source}`")
    if config.lang_id == "keep" and given("lang_threshold"):
        notes.append("--lang-threshold has no effect: with --lang-id keep no language is told")
    if benchmark is None:
        flags = [name for name in ("benchmark_field", "benchmark_report") if given(name)]
        notes += [
            f"--{flag.replace('_', '-')} has no effect: there is no --benchmark" for flag in flags
        ]
    elif benchmark.get("from_packs_alone") and given("benchmark_field"):
        notes.append("--benchmark-field has no effect: all files of items are packs")
    if config.tag:
        notes += [
            f"--{flag.replace('_', '-')} has no effect: with --tag nothing is removed or written"
            for flag in ("removed_text", "pii", "format", "write", "max_source_loss")
            if given(flag)
        ]
    elif config.write == "decisions" and given("format"):
        notes.append("--format has no effect: with --write decisions no text is written")
    return notes
