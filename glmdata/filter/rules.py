"""Rules: when a document goes, as an SQL expression over its scores.

    [[rule]]
    name = "few_words"
    drop_when = "n_words < 50 and lang = 'en'"

    [[move]]
    name = "poems"
    move_when = "mean_line_length < 12"
    to = "poetry"

The first comparison of a signal with a number gives the value and the threshold that are written
beside every removal. Expressions are read by polars; what may stand in them is checked here first,
so that an error names the file, the line, what was expected and the nearest right word.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.config.lines import line_of
from glmdata.errors import ConfigError, MissingFileError
from glmdata.filter.demand import demands_of
from glmdata.stage.atomic import storage_errors

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORDS = ("source", "lang", "lang_tag", "kind", "id")
"""Columns of text that rules may ask for, besides the signals."""


_KEYWORDS = {"and", "or", "not", "in", "between", "like", "is", "null", "true", "false"}
MOST_PARTS = 200
"""Conditions joined by `and` and `or` in one rule: polars takes time cubed where they repeat."""

_TOKEN = re.compile(
    r"\s+|'(?:[^']|'')*'|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|<=|>=|<>|!=|[-+*/%(),<>=]"
)
_COMPARISON = re.compile(
    r"\b(?P<signal>[a-z]\w*)\s*(?P<sign><=|>=|<|>|=|!=)\s*(?P<number>-?\d+(?:\.\d+)?)"
)


CONTAMINATION = "contamination"
"""The column of a search for benchmark items."""

_CLASSIFIER = re.compile(rf"\b(?:p_[a-z0-9_]+|{CONTAMINATION})\b")

_NARROW = re.compile(
    r"(?i)\blang\s*(?:=|<>|!=|(?:not\s+)?like|(?:not\s+)?in\s*\([^)]*?)\s*'((?:[a-z]{2,3}[-_]|yue|lzh)[^']*)'"
)

TOLD = "lang_score"
"""The column of a run that tells languages."""

MOJIBAKE = "mojibake"
"""The column of a run that repairs texts read in a wrong encoding: 0 none, 1 repaired, 2 lost."""

_WITHOUT = {
    CONTAMINATION: (
        f"asks for `{CONTAMINATION}`, and there are no benchmark items",
        "give them with --benchmark FILE",
    ),
    MOJIBAKE: (f"no `{MOJIBAKE}` where texts are left as they are", "add --mojibake repair"),
    TOLD: (f"no `{TOLD}` where languages are kept", "add --lang-id fill or --lang-id replace"),
}
"""What to say of a rule that asks for a column the run does not have."""


@dataclass(frozen=True)
class Rule:
    """One reason to remove a document.

    `where` says to which documents the rule is put at all; `drop_when` which of them go.
    """

    name: str
    drop_when: str
    where: str | None = None
    to: str | None = None
    """For a move: the source that the document belongs to from here on; it does not go."""

    @property
    def condition(self) -> str:
        """The whole expression: a document goes when it is true."""
        return f"({self.where}) and ({self.drop_when})" if self.where else self.drop_when

    @property
    def measured(self) -> tuple[str, str, float] | None:
        """Signal, sign and number of the first comparison; None where there is none."""
        names = [*signal_names(), *_asked(self.drop_when)]
        for found in _COMPARISON.finditer(self.drop_when):
            if found["signal"] in names:
                return found["signal"], found["sign"], float(found["number"])
        return None


@cache
def signal_names() -> tuple[str, ...]:
    """Names of all signals, in the order of the score table."""
    return tuple(name for name, _ in _native.signals(""))


def read_rules(path: Path) -> list[Rule]:
    """The rules of a TOML file, in its order.

    Raises
    ------
    ConfigError
        No such file, no TOML, an unknown key, or an expression that cannot be understood.
    StorageError
        The file cannot be read.
    """
    try:
        with storage_errors("read", path):
            text = path.read_bytes()
    except MissingFileError:
        raise ConfigError(f"--rules: no file {path}") from None
    place = path.name if path.parent == Path() else str(path)
    return [rule_of(entry) for entry in entries(place, text, "rule", "move")]


def rule_of(entry: Mapping[str, Any], prefix: str = "", where: str | None = None) -> Rule:
    """The rule of a checked `[[rule]]` or `[[move]]` table."""
    condition = entry.get("drop_when", entry.get("move_when"))
    return Rule(f"{prefix}{entry['name']}", str(condition), where, entry.get("to"))


def entries(place: str, data: bytes, *tables: str) -> list[Mapping[str, Any]]:
    """The `[[rule]]` (and other `tables`) of a TOML text, each checked; in the order of the text.

    Parameters
    ----------
    place
        How messages name the text.
    data
        UTF-8.
    tables
        Names of the tables that may stand there.

    Raises
    ------
    ConfigError
        As for `read_rules`.
    """
    try:
        text = data.decode()
        tree = tomllib.loads(text)
    except UnicodeDecodeError:
        raise ConfigError(f"{place}: not valid TOML: expected UTF-8") from None
    except ValueError as error:
        # TOMLDecodeError, or what `int` says of thousands of digits.
        raise ConfigError(f"{place}: not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{place}: not valid TOML: nested too deeply") from None
    heads = iter(
        number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[", line)
    )
    found: list[Mapping[str, Any]] = []
    for name, value in tree.items():
        if name not in tables:
            line = line_of(text, [name])
            raise _unknown(f"{place}:{line}: unknown table `{name}`", name, tables)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            line = line_of(text, [name])
            raise ConfigError(f"{place}:{line}: `{name}`: expected [[{name}]] tables")
        found.extend(value)
    for entry in found:
        _check(f"{place}:{next(heads, 1)}", entry)
    names = [entry["name"] for entry in found if "name" in entry]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{place}: two rules are named `{name}`")
    return found


def _check(place: str, entry: Mapping[str, Any]) -> None:
    for key, value in entry.items():
        if key not in ("name", "drop_when", "move_when", "to", "rules", "where", "why"):
            known = ("name", "drop_when", "move_when", "to", "why")
            raise _unknown(f"{place}: unknown key `{key}`", key, known)
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{place}: {key}: expected a string, found {value!r}")
    if "rules" in entry:
        needed: tuple[str, ...] = ("rules",)
    else:
        moves = "move_when" in entry or "to" in entry
        needed = ("name", "move_when", "to") if moves else ("name", "drop_when")
    for key in needed:
        if key not in entry:
            raise ConfigError(f"{place}: expected `{key}` in this table, found none")
    for key in ("drop_when", "move_when", "where"):
        if key in entry:
            check_expression(f"{place}: {key}", entry[key])


def check_expression(place: str, expression: str) -> None:
    """Refuse what is no condition over scores.

    Raises
    ------
    ConfigError
        An unknown name, something that is no part of a condition, too many of them, or a condition
        polars refuses.
    """
    at, joints = 0, 0
    known = [*signal_names(), *WORDS, *_asked(expression)]
    for demand in demands_of(expression):
        known += demand.names()
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            shown = expression[at : at + 12]
            raise ConfigError(
                f"{place}: expected signals, numbers, 'text', and, or, not, in, found {shown!r}",
                hint="write it like n_words < 50 and lang = 'en'",
            )
        word = token.group()
        joints += word.lower() in ("and", "or")
        if re.match(r"[A-Za-z_]", word) and word.lower() not in _KEYWORDS and word not in known:
            raise _unknown(f"{place}: no signal `{word}`", word, known)
        at = token.end()
    if joints >= MOST_PARTS:
        raise ConfigError(
            f"{place}: expected at most {MOST_PARTS} conditions joined by and, or, "
            f"found {joints + 1}",
            hint="write several rules: a document goes if one of them is true",
        )
    narrow = _NARROW.search(expression)
    if narrow:
        raise ConfigError(
            f"{place}: lang: expected zh for all of Chinese, en for all of English, "
            f"found {narrow[1]!r}",
            hint="ask for lang_tag in the place of lang",
        )
    compiled(place, expression)


def compiled(place: str, expression: str) -> Any:
    """The polars expression of a condition; null where a column it asks for is.

    Raises
    ------
    ConfigError
        polars cannot read it, or it is no condition.
    """
    import polars as pl

    try:
        condition, kind = _compiled(expression)
    except (pl.exceptions.PolarsError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = f"{place}: expected an SQL condition, found {expression!r}: {reason}"
        raise ConfigError(message) from None
    if kind != pl.Boolean:
        raise ConfigError(f"{place}: expected a condition, found {expression!r}, which is {kind}")
    return condition


@cache
def _compiled(expression: str) -> tuple[Any, Any]:
    """A condition and the type of its value; conditions are checked, then compiled for a run."""
    import polars as pl

    condition = pl.sql_expr(expression)
    empty = _empty(tuple(_asked(expression)))
    return condition, empty.select(condition.alias("drop")).schema["drop"]


@cache
def _empty(asked: tuple[str, ...]) -> Any:
    """A table of scores without rows; one for every condition took a third of a short run."""
    import polars as pl

    signals = dict.fromkeys((*signal_names(), *asked), pl.Float64)
    return pl.DataFrame(schema={**dict.fromkeys(WORDS, pl.String), **signals})


def _asked(expression: str) -> list[str]:
    """Columns in an expression that only some runs have; which ones, the run knows."""
    told = [name for name in (TOLD, MOJIBAKE) if re.search(rf"\b{name}\b", expression)]
    asked = sorted(set(_CLASSIFIER.findall(expression))) + told
    for demand in demands_of(expression):
        found = demand.pattern.findall(expression)
        asked += [name for name in demand.names() if name in found]
    return asked


def columns_of(expression: str) -> set[str]:
    """Names in a condition that are no text; columns of scores and key words among them."""
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r"'(?:[^']|'')*'", "", expression)))


def refuse_unasked(rules: Sequence[Rule], columns: Collection[str]) -> None:
    """Refuse rules that ask for a column that the scores do not have: of a classifier, say.

    Raises
    ------
    ConfigError
        Names the rule and the nearest classifier.
    """
    for rule in rules:
        for name in _asked(rule.condition):
            if name in _WITHOUT and name not in columns:
                message, hint = _WITHOUT[name]
                raise ConfigError(f"rule {rule.name}: {message}", hint=hint)
            for demand in demands_of(name) if name not in columns else ():
                message = f"rule {rule.name}: asks for `{name}`, and {demand.without}"
                hint = f"measure the texts anew with `glmdata filter --input` and --{demand.option}"
                raise ConfigError(message, hint=hint)
            if name not in columns:
                message = f"rule {rule.name}: no classifier `{name.removeprefix('p_')}`"
                if columns:
                    raise _unknown(message, name, sorted(columns))
                example = f"{name.removeprefix('p_')}=DIR"
                raise ConfigError(message, hint=f"give it with --classifier {example}")


def _unknown(message: str, word: str, known: Sequence[str]) -> ConfigError:
    near = get_close_matches(word, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
    return ConfigError(message, hint=hint)
