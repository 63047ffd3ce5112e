"""The reference of signals, presets and rules, read off their declarations.

Signals are declared in Rust: a name, a kind and a comment that says what is measured. Presets are
TOML files whose comments name the source of what stands below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from docs.site.page import cell, code, fenced, filled, page, table
from glmdata.filter.presets import LANGUAGES, preset_rules

ROOT = Path(__file__).parents[2]
PRESETS = ROOT / "glmdata/filter/presets"
_SOURCES = ROOT / "rust/glmdata-text/src/signals"

UNITS = {
    "count": "count",
    "share": "share, 0 to 1",
    "mean": "mean",
    "rate": "rate",
}

_DECLARED = re.compile(r"((?:\s*/// .*\n)+)\s*(\w+): (count|share|mean|rate),")
_ON_DEMAND = re.compile(r'^    // (.*)|^    \("(\w+)", (true|false)\)', re.MULTILINE)


@dataclass(frozen=True)
class Signal:
    """A number that is measured of a document."""

    name: str
    unit: str
    about: str
    asked_with: str = ""
    """The flag without which a run has it only where a rule asks for it."""


def signals() -> list[Signal]:
    """All signals, in the order of the columns of scores."""
    text = (_SOURCES / "mod.rs").read_text("utf-8")
    body = text[text.index("\nsignals! {") :]
    found = [
        Signal(m[2], UNITS[m[3]], " ".join(re.sub(r"\s*/// ", " ", m[1]).split()))
        for m in _DECLARED.finditer(body)
    ]
    found += _on_demand("segmented.rs", "SEGMENTED", "--jieba")
    return found + _on_demand("offence_model.rs", "OFFENCE", "--offence")


def _on_demand(file: str, name: str, flag: str) -> list[Signal]:
    """Signals of an array of names, where a comment is said of all names down to the next one."""
    text = (_SOURCES / file).read_text("utf-8")
    start = text.index(f"pub const {name}: ")
    found, about = [], ""
    for comment, signal, whole in _ON_DEMAND.findall(text[start : text.index("];", start)]):
        about = comment or about
        if signal:
            unit = UNITS["count" if whole == "true" else _kind_of(signal)]
            found.append(Signal(signal, unit, about, flag))
    return found


def _kind_of(name: str) -> str:
    ends = {"_length": "mean", "_per_word": "rate"}
    return next((kind for end, kind in ends.items() if name.endswith(end)), "share")


def presets() -> dict[str, str]:
    """Presets by name, with the text of their files."""
    return {path.stem: path.read_text("utf-8") for path in sorted(PRESETS.glob("*.toml"))}


def presets_asking(signal: str) -> list[str]:
    """The presets of which a rule asks for a signal, those that only use such presets left out."""
    asked = re.compile(rf"\b{signal}\b")
    return [
        name
        for name, text in presets().items()
        if any(asked.search(" ".join(stated.values())) for _, stated in _parts(text)[1])
    ]


def signal_page() -> str:
    """`reference/signals.md`."""
    rows = []
    for signal in signals():
        asked = ", ".join(f"[{name}](presets.md#{name})" for name in presets_asking(signal.name))
        about = cell(signal.about) + (
            f" With {code(signal.asked_with)}." if signal.asked_with else ""
        )
        rows.append((code(signal.name), signal.unit, about, asked))
    return page(
        "Signals",
        "Every number that is measured of a document, in one pass over its text. All are columns "
        "of `scores/`, and rules may ask for each: see [Filter](../guides/filter.md). "
        '`glmdata.filter.signals(text)` shows those of a text. "Asked by" names the presets with a '
        "rule on it; [their page](presets.md) says where their numbers are from.",
        table(("signal", "unit", "what is measured", "asked by"), rows),
    )


def preset_page() -> str:
    """`reference/presets.md`: of each preset its source, and its rules with theirs."""
    parts = [
        "A preset is a list of rules, asked in this order; the first that is true removes the "
        "document. `use` stands for all rules of another preset, for some documents. The text "
        "above the rules of a preset names the variant it follows and where its numbers are from.",
    ]
    for name, text in presets().items():
        head, blocks = _parts(text)
        parts.append(f"## {name}")
        told = [f"{len(preset_rules(name))} rules with those it uses."]
        if name in LANGUAGES:
            told.append(f"Made for the language `{LANGUAGES[name]}`.")
        parts += [" ".join(told), _quoted(head)]
        rows = [_rule(block, note) for note, block in blocks]
        if rows:
            parts.append(filled(("rule", "a document goes if", "asked of", "note"), rows))
    return page("Presets and rules", *parts)


def _parts(text: str) -> tuple[str, list[tuple[str, dict[str, str]]]]:
    """The comment at the head of a file, and its tables, each with the comment above it."""
    head, _, rest = text.partition("\n\n")
    found = []
    for match in re.finditer(r"((?:^# .*\n)*)^\[\[(\w+)\]\]\n((?:.+\n?)*)", rest, re.MULTILINE):
        keys = dict(re.findall(r"^(\w+) = ([\"'].*[\"'])$", match[3], re.MULTILINE))
        stated = {key: value[1:-1] for key, value in keys.items()}
        found.append((_uncommented(match[1]), {"table": match[2], **stated}))
    return _uncommented(head), found


def _uncommented(text: str) -> str:
    return "\n".join(line.removeprefix("#").strip() for line in text.splitlines())


def _quoted(head: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in cell_lines(head))


def cell_lines(text: str) -> list[str]:
    """Lines in which nothing is a tag."""
    return [line.replace("<", "&lt;") for line in text.splitlines()]


def _rule(stated: dict[str, str], note: str) -> tuple[str, str, str, str]:
    note = cell(" ".join([note, stated.get("why", "")]))
    where = code(stated.get("where", ""))
    if stated["table"] == "use":
        used = stated["rules"]
        return f"use [{used}](#{used})", "", where, note
    condition = stated.get("drop_when", stated.get("move_when", ""))
    name = code(stated["name"])
    if stated["table"] == "move":
        name += f" moves to {code(stated['to'])}"
    return name, code(condition), where, note


def recipe_pages() -> dict[str, str]:
    """`reference/recipes.md`: the recipes as they are, a source beside every number."""
    folder = ROOT / "glmdata/engine/pipelines"
    parts = [
        part
        for path in sorted(folder.glob("*.toml"))
        for part in (f"## {path.stem}", fenced("toml", path.read_text("utf-8")))
    ]
    told = "What `glmdata run NAME` does. `glmdata recipes NAME` prints it, to begin one of yours."
    return {"recipes.md": page("Recipes", told, *parts)}
