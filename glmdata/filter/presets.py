"""Presets: TOML files beside this module, of rules, and of other presets for some documents.

    [[use]]
    rules = "chinese-web"
    where = "lang = 'zh' and kind = 'web'"

Every file names the variant it follows and where its numbers are from; a rule is called
`preset/name` wherever it is written down.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from glmdata.filter.benchmark import OVERLAP, OVERLAPS
from glmdata.filter.config import FilterConfig
from glmdata.filter.rules import MOJIBAKE, Rule, entries, read_rules, rule_of
from glmdata.stage.score_table import kinds_by_source

_FOLDER = Path(__file__).parent / "presets"

LANGUAGES = {
    "c4": "en",
    "gopher": "en",
    "fineweb": "en",
    "fineweb2-zh": "zh",
    "chinese-web": "zh",
}
"""What language a preset was made for; the others ask for it, or are of no language."""


def rules_of(config: FilterConfig) -> list[Rule]:
    """All rules in force, in the order in which they are asked: own ones first.

    Raises
    ------
    ConfigError, StorageError
        The file of own rules cannot be read or understood.
    """
    if config.tag:
        return []
    own = [] if config.rules is None else read_rules(Path(config.rules))
    named = [replace(rule, name=f"own/{rule.name}") for rule in own]
    pii = [Rule("pii/any", "n_pii >= 1")] if config.pii == "drop" else []
    searched = config.benchmark and not config.benchmark_report
    overlap = [Rule(OVERLAPS, f"contamination >= {OVERLAP}")] if searched else []
    # Asked first: what other rules see of such a text is not what it says.
    broken = [Rule("encoding/mojibake", f"{MOJIBAKE} >= 2")] if config.mojibake == "repair" else []
    return [*broken, *named, *pii, *overlap, *preset_rules(config.preset)]


def preset_rules(name: str, where: str | None = None) -> list[Rule]:
    """The rules of a preset, those of the presets it uses among them."""
    path = _FOLDER / f"{name}.toml"
    found: list[Rule] = []
    for entry in entries(path.name, path.read_bytes(), "use", "rule", "move"):
        scope = _both(where, entry.get("where"))
        if "rules" in entry:
            found += preset_rules(entry["rules"], scope)
        else:
            found.append(rule_of(entry, f"{name}/", scope))
    return found


def lexicons(passages: bool) -> dict[str, str]:
    """Name and sha256 (16 hex digits) of the lists that signals were measured with.

    `passages`: with the model of offensive ones.
    """
    folder = Path(__file__).parent / "lexicons"
    files = sorted(folder.glob("*.txt")) + [folder / "offence.weights"] * passages
    return {f.stem: hashlib.sha256(f.read_bytes()).hexdigest()[:16] for f in files}


def kinds_of(config: FilterConfig) -> dict[str, str]:
    """Source -> kind, what the user said before what names suggest."""
    return kinds_by_source(config.kind)


def _both(first: str | None, second: str | None) -> str | None:
    if first and second:
        return f"({first}) and ({second})"
    return first or second
