"""The pages that are served: a list of documents, one document, one rule with its threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from glmdata import dedup, filter
from glmdata.browse.course import Course, course
from glmdata.browse.labels import Labels
from glmdata.browse.search import Found
from glmdata.browse.table import KEPT, PAGE, Query, Table
from glmdata.dedup import Explanation
from glmdata.errors import ConfigError
from glmdata.report.compare import Hunk, compare
from glmdata.report.page import lines, side
from glmdata.report.pictures.signals import of_rule
from glmdata.stage.page import plain, render
from glmdata.stage.picture import STYLE

STEPS = 240
"""Places of a slider; any other number can be written beside it."""

MAX_TEXT_SHOWN = 20_000
"""Characters of a text that has nothing beside it."""


@dataclass(frozen=True)
class Shown:
    """What every page needs."""

    table: Table
    labels: Labels
    base: str
    """The beginning of every address, the token in it."""
    nonce: str

    def render(self, template: str, **values: object) -> str:
        """A template of this package, filled."""
        return render(
            "glmdata.browse",
            template,
            base=self.base,
            nonce=self.nonce,
            workspace=str(self.table.corpus.workspace),
            n_labels=len(self.labels),
            plain=plain,
            picture_style=STYLE,
            **values,
        )


def listing(shown: Shown, query: Query, asked: Mapping[str, str], found: Found | None) -> str:
    """The documents that answer a query, a page of them."""
    number = int(asked.get("page") or 0)
    total, rows = shown.table.page(query, number)
    table = shown.table

    def link(**changes: object) -> str:
        kept = {key: value for key, value in {**asked, **changes}.items() if value != ""}
        return f"{shown.base}/?{urlencode(kept)}"

    return shown.render(
        "list.html.jinja",
        rows=[{**row, "key": row["doc"].hex()} for row in rows],
        label_of=shown.labels.of,
        total=total,
        everything=len(table.rows),
        first=number * PAGE,
        asked=asked,
        found=found,
        before=link(page=number - 1) if number else None,
        behind=link(page=number + 1) if (number + 1) * PAGE < total else None,
        choices={name: table.counts(name) for name in ("stage", "rule", "source", "lang")},
        signals=table.signals,
        drawn=rules(table),
    )


def rules(table: Table) -> list[tuple[str, int]]:
    """The rules of the filter with what each removed, the most first."""
    removed = table.last.report.get("removed_by_rule", {})
    # Among the conditions are those of rules that move documents, which remove none.
    conditions = table.last.report.get("rules", {})
    found = [(name, int(n)) for name, n in removed.items() if name in conditions]
    return sorted(found, key=lambda rule: (-rule[1], rule[0]))


def document(shown: Shown, row: Mapping[str, Any]) -> str:
    """One document: what became of it and why, beside the one that it is a copy of."""
    explained, fate, note = _explained(shown.table, row)
    text = explained.text if explained else None
    hunks: Sequence[Hunk] = ()
    if explained and text is not None and explained.other_text is not None:
        hunks = compare(text, explained.other_text).hunks
    scores = shown.table.scores(row["row"])
    steps = _steps(shown.table, row, explained, fate)
    return shown.render(
        "document.html.jinja",
        row=row,
        steps=steps,
        key=row["doc"].hex(),
        explained=explained,
        fate=fate,
        note=note,
        hunks=hunks,
        side=side,
        text=lines(text[:MAX_TEXT_SHOWN]) if text is not None else None,
        cut=text is not None and len(text) > MAX_TEXT_SHOWN,
        scores={name: value for name, value in scores.items() if value is not None},
        label=shown.labels.of(row["doc"].hex()),
        kept=KEPT,
    )


@dataclass(frozen=True)
class Step:
    """What one stage did with a document."""

    stage: str
    rule: str | None
    """None: it was kept."""
    condition: str | None
    value: float | None
    threshold: float | None


def _steps(
    table: Table, row: Mapping[str, Any], explained: Explanation | None, fate: filter.Fate | None
) -> list[Step]:
    """The stages that have read a document, in their order: the last one may have removed it."""
    steps: list[Step] = []
    for stage in table.corpus.cleaning:
        if stage.name != row["stage"]:
            steps.append(Step(stage.name, None, None, None, None))
            continue
        told = fate if stage.name == "filter" else explained
        condition = stage.report.get("rules", {}).get(row["rule"])
        values = (told.value, told.threshold) if told else (None, None)
        steps.append(Step(stage.name, row["rule"], condition, *values))
        break
    return steps


def label_of(shown: Shown, row: Mapping[str, Any], verdict: str) -> dict[str, Any]:
    """The line of labels.jsonl for a decision that somebody calls right or wrong, or takes back."""
    kept = row["rule"] is None
    right = {"right": True, "wrong": False}.get(verdict)
    label = None if right is None else ("keep" if kept == right else "remove")
    explained, _, _ = _explained(shown.table, row)
    return {
        "doc": row["doc"].hex(),
        "id": row["id"],
        "label": label,
        "decision": KEPT if kept else f"{row['stage']}: {row['rule']}",
        "source": row["source"],
        "lang": row["lang"],
        "text": explained.text if explained else None,
    }


def threshold(shown: Shown, rule: str) -> str:
    """A rule of the filter: the histogram that it cuts, and what another number would remove."""
    stage = shown.table.last
    moved = _course(shown.table, rule)
    if isinstance(moved, str):
        return shown.render(
            "rule.html.jinja", rule=rule, condition=stage.report["rules"][rule], why=moved
        )
    found, edges = moved.measured, [float(edge) for edge in moved.measured.edges]
    span = edges[-1] - edges[0]
    whole = all(edge.is_integer() for edge in edges)
    return shown.render(
        "rule.html.jinja",
        rule=rule,
        condition=stage.report["rules"][rule],
        why=None,
        pictures=of_rule(stage, 1, rule, found),
        low=edges[0],
        high=edges[-1],
        step=max(span // STEPS, 1) if whole else span / STEPS,
        number=found.atom.number,
        sign=found.atom.sign,
        signal=found.atom.signal,
        now=found.now,
    )


def counts(shown: Shown, rule: str, at: float) -> dict[str, object]:
    """What a rule would remove with another number; `told` says it in words.

    Raises
    ------
    ConfigError
        The rule has no number to move.
    """
    found = _course(shown.table, rule)
    if isinstance(found, str):
        raise ConfigError(found)
    removed = found.at(at)
    more = removed - found.measured.now
    told = f"{abs(more):,} {'more' if more > 0 else 'fewer'} than now" if more else "as many as now"
    link = ""
    if found.atom.signal in shown.table.signals:
        low, high = sorted((at, found.atom.number))
        link = f"{shown.base}/?{urlencode({'signal': found.atom.signal, 'low': low, 'high': high})}"
    return {
        "removed": removed,
        "more": more,
        "told": f"{removed:,} documents: {told}",
        "link": link,
    }


_COURSES: dict[tuple[str, str], Course | str] = {}


def _course(table: Table, rule: str) -> Course | str:
    # The scores are read once for each rule that somebody looks at.
    key = (table.last.manifest.config_sha256 + table.last.manifest.inputs_sha256, rule)
    if key not in _COURSES:
        _COURSES[key] = course(table.last, rule)
    return _COURSES[key]


def _explained(
    table: Table, row: Mapping[str, Any]
) -> tuple[Explanation | None, filter.Fate | None, str]:
    key = row["doc"].hex()
    folders = {stage.name: stage.folder for stage in table.corpus.cleaning}
    first = table.corpus.cleaning[0].folder
    later = [folders["filter"]] if "filter" in folders and first != folders["filter"] else []
    fate = filter.fate_of(row["doc"], folders["filter"]) if "filter" in folders else None
    try:
        return dedup.explain(key, first, later=later), fate, ""
    except ConfigError as error:
        return None, fate, str(error)
