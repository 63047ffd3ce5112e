"""The pictures of an audit, from the figures of audit.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glmdata.stage.picture import LINE, WIDTH, Drawing, Picture, cut

MOST_LINES = 10
MOST_VOCABULARIES = 6
"""More of them do not fit under a name; the tables have all."""

_LOOKS = ("kept", "gone", "third")
_RIGHT = WIDTH - 120.0
_COMMAND = "glmdata tokenizer audit --json"


def pictures(data: Mapping[str, Any]) -> list[Picture]:
    """Bytes a token by language, and tokens by script."""
    names = [vocabulary["name"] for vocabulary in data["vocabularies"]][:MOST_VOCABULARIES]
    more = len(data["vocabularies"]) - len(names)
    rest = f" {more:,} more vocabularies are in the tables only." if more else ""
    return [_compression(data, names, rest), _scripts(data, names, rest)]


def _compression(data: Mapping[str, Any], names: Sequence[str], rest: str) -> Picture:
    title = "Bytes a token, by language"
    groups = []
    # A row with a source is a part of its language's; the first one is all text.
    whole = [row for row in data["compression"] if row["source"] is None]
    for number, row in enumerate(whole[: MOST_LINES + 1]):
        cells = row["vocabularies"][: len(names)]
        figures = [(cell["bytes_per_token"] or 0.0, "{:.2f}") for cell in cells]
        groups.append((row["lang"] if number else "all text", figures))
    if not groups:
        why = "There is no picture: the text has no document. Printed by"
        return Picture("compression", title, why, _COMMAND)
    unshown = len(whole) - len(groups)
    smaller = f" {unshown:,} smaller languages are in the table only." if unshown else ""
    caption = (
        "Longer bars are better: fewer tokens hold the same text. Languages stand in the order of "
        f"their bytes in this text.{smaller}{rest} Printed, as compression, by"
    )
    return Picture("compression", title, caption, _COMMAND, _drawn(groups, names, title))


def _scripts(data: Mapping[str, Any], names: Sequence[str], rest: str) -> Picture:
    title = "Tokens, by script"
    counts: dict[str, list[int]] = {}
    for number, vocabulary in enumerate(data["vocabularies"][: len(names)]):
        for row in vocabulary["longest"]:
            counts.setdefault(row["script"], [0] * len(names))[number] = row["tokens"]
    ordered = sorted(counts.items(), key=lambda item: (-max(item[1]), item[0]))
    if not ordered:
        why = "There is no picture: no script has ten tokens in a vocabulary. Printed by"
        return Picture("scripts", title, why, _COMMAND)
    groups = [
        (script, [(float(n), "{:,.0f}") for n in tokens]) for script, tokens in ordered[:MOST_LINES]
    ]
    unshown = len(ordered) - len(groups)
    smaller = f" {unshown:,} smaller scripts are in the tables only." if unshown else ""
    caption = (
        "How many tokens of each vocabulary are of a script; scripts of fewer than ten tokens in "
        f"it count as none.{smaller}{rest} Printed, as longest, by"
    )
    return Picture("scripts", title, caption, _COMMAND, _drawn(groups, names, title))


def _drawn(
    groups: Sequence[tuple[str, Sequence[tuple[float, str]]]], names: Sequence[str], title: str
) -> Drawing:
    """A bar for each vocabulary under the name of each group; its number says which one it is."""
    most = max(value for _, figures in groups for value, _ in figures) or 1.0
    said = "; ".join(
        f"{cut(group, 40)} {', '.join(form.format(value) for value, form in figures)}"
        for group, figures in groups
    )
    labelled = "; ".join(f"{number} is {cut(name, 60)}" for number, name in enumerate(names, 1))
    draw = Drawing(f"{title}. {labelled}. {said}.")
    y = 2.0
    for number, name in enumerate(names, 1):
        draw.text(0, y + LINE - 3, f"{number}: {cut(name, 46)}", "quiet")
        y += LINE
    y += 6
    for group, figures in groups:
        draw.text(0, y + LINE - 3, cut(group, 46), "strong")
        y += LINE + 2
        for number, (value, form) in enumerate(figures):
            width = value / most * _RIGHT
            look = _LOOKS[number % len(_LOOKS)]
            draw.bar((14, y, width, 11), look, value, hatched=number % 2 == 1)
            draw.text(0, y + 10, f"{number + 1}", "quiet")
            draw.text(width + 19, y + 10, form.format(value))
            y += LINE
        y += 6
    return draw
