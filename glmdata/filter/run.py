"""Run the filter into a stage folder: measure, decide, sort the documents, declare complete.

The compiled module measures and sorts; the rules are asked here, one file of scores at a time. The
order of files makes every kill harmless: start.json first, manifest.json last.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import (
    LEAST_WORKING_MEMORY,
    RunLimits,
    available_threads,
    default_memory,
    working_memory,
)
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.filter.benchmark import benchmarks_of, with_holders
from glmdata.filter.classifier import Classifier, models_of
from glmdata.filter.config import FilterConfig
from glmdata.filter.demand import demanded, measured_names
from glmdata.filter.language import LanguageModel, language_model
from glmdata.filter.presets import kinds_of, lexicons, rules_of
from glmdata.filter.report import FilterReport
from glmdata.filter.rules import CONTAMINATION, MOJIBAKE, TOLD, Rule, refuse_unasked
from glmdata.filter.scored import MEASURED_WITH, STAGE, Scored, reading_of
from glmdata.filter.select import Selector, Tallies
from glmdata.filter.unused import unused_options
from glmdata.filter.warnings import warnings_of
from glmdata.stage.atomic import write_json, write_sealed
from glmdata.stage.folder import Action, StageFolder
from glmdata.stage.inputs import Source
from glmdata.stage.listing import Listing, listing_sha256, recorded, refuse_output_inside
from glmdata.stage.lock import locked
from glmdata.stage.manifest import (
    MANIFEST_FILE,
    REPORT_FILE,
    RUN_FILE,
    Manifest,
    file_entry,
)
from glmdata.stage.record import host_facts, now, peak_memory
from glmdata.stage.upstream import open_source, upstream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.filter.options import FilterOptions

UPSTREAM = ("dedup",)

DECIDING_MEMORY = 96 << 20
"""Bytes that a file of scores takes while polars asks the rules, and what polars keeps of them."""


def run(
    input: object = None,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    rescore_from: str | os.PathLike[str] | None = None,
    judged_by: str | os.PathLike[str] | None = None,
    progress: _native.Progress | None = None,
    **options: Unpack[FilterOptions],
) -> FilterReport:
    """Remove documents by rules over their scores, into a stage folder.

    Parameters
    ----------
    input
        As for `glmdata.dedup.run`; None: the kept documents of `dedup` in the workspace.
    output
        The stage folder; None: `filter` in the workspace, or beside `rescore_from`.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    threads
        None: all cores this process may use. Never changes the result.
    memory
        Peak memory of the process in bytes or as `8GiB`; None: 70 % of the machine. Never changes
        the result either. Models, benchmark items and decisions of an earlier stage are charged to
        it; documents are measured in batches.
    fresh
        Remove what an earlier run wrote into the folder.
    rescore_from
        A complete filter stage whose scores are used: no text is measured. The result has the
        bytes of a full run with these options. Its inputs must still be there, unless `write` is
        `decisions`: then they are only looked at.
    judged_by
        Together with `rescore_from`: a complete stage over the same inputs, whose removals are
        passed over. So documents can be scored first, deduplicated by their scores, and filtered
        by the same scores, and each text is written once.
    progress
        Counters to watch from another thread.
    **options
        The fields of `FilterConfig`, such as `preset="gopher"`.

    Raises
    ------
    ConfigError
        A wrong option or rule, nothing to read, or the folder holds another run.
    InputError, StorageError, MemoryBudgetError
        As their names say; the next call goes on where this one stopped.

    Examples
    --------
    >>> report = glmdata.filter.run("crawl/", preset="chinese-web")
    >>> report.documents_in, report.documents_kept
    (2400, 2191)
    """
    origin = None if rescore_from is None else Scored.of(Path(rescore_from), input)
    if origin is not None and judged_by is not None:
        origin = origin.judged(Path(judged_by))
    elif judged_by is not None:
        raise ConfigError("judged_by: expected together with rescore_from, found alone")
    asked: dict[str, Any] = {**options}
    if origin is not None:
        asked = {**{key: origin.config[key] for key in MEASURED_WITH}, **options}
        origin.refuse_other_measure(asked)
    config = validated(FilterConfig, asked)
    models = models_of(config.classifier) if origin is None else origin.classifiers()
    benchmarks = benchmarks_of(config) if origin is None else origin.config["benchmark"]
    told_by = language_model(config) if origin is None else origin.language_model()
    rules = rules_of(config.changed(benchmark=benchmarks))
    if origin is None:
        config = config.changed(**demanded(rule.condition for rule in rules))
    extra = [
        *([CONTAMINATION] if benchmarks else []),
        *([TOLD] if told_by else []),
        *([MOJIBAKE] if config.mojibake == "repair" else []),
        *measured_names(config),
    ]
    refuse_unasked(rules, [*models, *extra])
    if origin is not None:
        origin.refuse_missing(rules)
    limits = _limits(threads, memory)
    space = find_workspace(workspace)
    parents: list[Mapping[str, Any]] = []
    if origin is not None:
        source, parents = origin.source(), list(origin.parents)
    elif input is not None:
        source, parents = open_source(input, judges=True)
    else:
        source, parents = upstream(space, UPSTREAM, judges=True)
    if output is not None:
        path = Path(output)
    elif origin is not None:
        path = origin.path.with_name(f"{origin.path.name}-{config.preset}")
    else:
        path = space.stage(STAGE)
    if origin is not None and path.resolve() == origin.path.resolve():
        raise ConfigError(f"{path}: the new stage cannot replace the one it is made from")
    refuse_output_inside(source.paths, path)
    folder = StageFolder(path, STAGE)
    folder.refuse_foreign()
    folder.make()
    with locked(path):
        if fresh or folder.half_cleared():
            folder.clear()
        try:
            paths, listing = source.prepare(folder.work)
            if origin is not None and origin.judge is None:
                origin.refuse_changes(listing)
            work = _Run(
                folder=folder,
                config=config,
                reading=_reading(config, source, told_by),
                rules=rules,
                models=models,
                benchmarks=benchmarks,
                told_by=told_by,
                paths=paths,
                source=source,
                listing=listing,
                parents=parents,
                limits=limits,
                progress=progress or _native.Progress(),
                origin=origin,
            )
            return work.execute()
        finally:
            # Whatever the answer was, a complete stage needs no copy of what was spooled for it.
            if (path / MANIFEST_FILE).exists():
                folder.drop_work()


def _reading(config: FilterConfig, source: Source, told_by: LanguageModel | None) -> FilterConfig:
    """The options the compiled module reads by: those of an earlier stage, and of what is there."""
    tells = {} if told_by is not None else {"lang_id": "keep"}
    return config.changed(**{**reading_of(source), **tells})


def _limits(threads: int | None, memory: int | str | None) -> dict[str, int]:
    # What it takes belongs to the process, so it must be there when that is weighed.
    import polars  # noqa: F401

    limits = validated(RunLimits, {"threads": threads, "memory": memory})
    workers = limits.threads or available_threads()
    most = limits.memory or default_memory()
    working = working_memory(most, workers, DECIDING_MEMORY + LEAST_WORKING_MEMORY)
    return {
        "threads": workers,
        "memory_limit_bytes": most,
        "working_memory_bytes": working - DECIDING_MEMORY,
    }


@dataclass(frozen=True)
class _Run:
    """One run, with everything it needs."""

    folder: StageFolder
    config: FilterConfig
    reading: FilterConfig
    """The same, but for the fields that an earlier stage read these inputs by."""
    rules: list[Rule]
    models: Mapping[str, Classifier]
    benchmarks: list[str]
    """Names and hashes of files with benchmark items."""
    told_by: LanguageModel | None
    paths: list[str]
    source: Source
    listing: Listing
    parents: list[Mapping[str, Any]]
    limits: Mapping[str, int]
    progress: _native.Progress
    origin: Scored | None

    def execute(self) -> FilterReport:
        started, clock = now(), time.monotonic()
        hashes = [f"{name}@{model.sha256}" for name, model in self.models.items()]
        values = {
            **self.config.values(),
            "rules": self._said(),
            "classifier": hashes,
            "benchmark": self.benchmarks,
            "lang_model": self.told_by.sha256 if self.told_by else None,
        }
        # A preset of the same name may say something else in another version.
        asked = [(rule.name, rule.condition, rule.to) for rule in self.rules]
        lists = lexicons(self.config.offence) if self.origin is None else self.origin.lexicons
        judged_by = {"config": values, "rules": asked, "lexicons": lists}
        digest = hashlib.sha256(json.dumps(judged_by, sort_keys=True).encode()).hexdigest()
        listed = listing_sha256(self.listing)
        action = self.folder.decide(values, digest, self.listing, listed)
        path = self.folder.path
        if action is Action.DONE:
            return FilterReport.read(path, values, already_complete=True)
        self.folder.begin(action, values, digest, self.listing)
        with self.folder.begun():
            scored = self._score(resume=action is Action.RESUME)
        tallies, decided = self._decide(scored)
        files, masked, repaired = list(scored["files"]), None, 0
        if not self.config.tag:
            applied = _native.filter_apply(
                self.paths,
                str(path),
                self.reading,
                [str(file) for file in decided],
                judged=self._judged(),
                threads=self.limits["threads"],
                memory=self.limits["working_memory_bytes"],
                progress=self.progress,
            )
            done = json.loads(applied)
            files += done["files"]
            masked, repaired = done["masked"], done["repaired"]
        report = {**self._report(scored, tallies), "masked": masked, "repaired": repaired}
        write_json(path / REPORT_FILE, report)
        write_sealed(
            path / RUN_FILE,
            {
                "started": started,
                "seconds": round(time.monotonic() - clock, 3),
                "argv": sys.argv,
                "inputs": [str(Path(name).absolute()) for name in self.paths],
                "stage": str(self.source.stage.absolute()) if self.source.stage else None,
                **self.limits,
                "peak_memory_bytes": peak_memory(),
                "host": host_facts(),
                **scored["run"],
            },
        )
        Manifest(
            stage=STAGE,
            config=values,
            config_sha256=digest,
            parents=self.parents,
            inputs=recorded(scored["inputs"], self.listing),
            inputs_sha256=listed,
            files=[*files, file_entry(path, REPORT_FILE)],
            counts=report["documents"],
            versions={"glmdata": _native.__version__, **lists},
        ).write(path)
        self.folder.drop_work()
        return FilterReport.read(path, values)

    def _judged(self) -> str | None:
        """The stage whose decisions are applied while its inputs are read."""
        return str(self.source.stage) if self.source.judged else None

    def _said(self) -> str | None:
        """What the file of own rules says decides, not where it lies."""
        if self.config.rules is None:
            return None
        return hashlib.sha256(Path(self.config.rules).read_bytes()).hexdigest()

    def _score(self, *, resume: bool) -> dict[str, Any]:
        path = self.folder.path
        if self.origin is not None:
            return self.origin.copy_to(path)
        scored: dict[str, Any] = json.loads(
            _native.filter_score(
                self.paths,
                str(path),
                self.reading,
                [(name, str(model.path)) for name, model in self.models.items()],
                languages=str(self.told_by.path) if self.told_by else None,
                judged=self._judged(),
                threads=self.limits["threads"],
                memory=self.limits["working_memory_bytes"],
                resume=resume,
                progress=self.progress,
            )
        )
        return scored

    def _decide(self, scored: Mapping[str, Any]) -> tuple[Tallies, list[Path]]:
        """Ask the rules, one file of scores at a time."""
        selector = Selector(self.rules, kinds_of(self.config))
        decided: list[Path] = []
        for entry in scored["files"]:
            if entry["path"].startswith("scores/"):
                frame = selector.decide(self.folder.path / entry["path"])
                target = self.folder.work / f"decided-{len(decided):06}.arrow"
                _native.spool_arrow(frame, str(target))
                decided.append(target)
        return selector.tallies, decided

    def _report(self, scored: Mapping[str, Any], tallies: Tallies) -> dict[str, Any]:
        total = tallies.total
        facts, warnings = warnings_of(
            self.rules,
            tallies,
            None if self.config.tag else self.config.preset,
            no_model=self.config.lang_id == "fill" and self.told_by is None,
        )
        return {
            "format_version": 1,
            "stage": STAGE,
            "documents": {
                "in": total("in") + scored["quarantined"],
                "kept": total("kept"),
                "removed": total("removed"),
                "quarantined": scored["quarantined"],
            },
            "text_bytes": {
                "in": total("text_bytes_in"),
                "kept": total("text_bytes_kept"),
                "removed": total("text_bytes_in") - total("text_bytes_kept"),
            },
            "preset": None if self.config.tag else self.config.preset,
            "removed_by_rule": tallies.removed,
            "hits": tallies.hits,
            "moved": tallies.moved,
            "rules": {rule.name: rule.condition for rule in self.rules},
            "by_source": dict(sorted(tallies.by_source.items())),
            "by_lang": dict(sorted(tallies.by_lang.items())),
            **scored["losses"],
            "example_removed": tallies.example,
            "benchmark": with_holders(scored, self.folder.path),
            "fields": scored["fields"],
            **facts,
            "warnings": warnings,
            "notes": [
                *scored["notes"],
                *unused_options(self.config, tallies.by_source, scored["benchmark"]),
            ],
        }
