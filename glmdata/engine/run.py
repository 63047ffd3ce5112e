"""Plan a recipe over a workspace and run what is missing.

Each stage folder knows what it was made with, so going on after a kill is nothing but running the
recipe again: complete stages answer at once, an interrupted one goes on where it stopped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glmdata import _native
from glmdata.config.model import Config
from glmdata.config.spelling import unknown
from glmdata.config.workspace import find_workspace
from glmdata.engine.fitting import cutting_of
from glmdata.engine.recipe import Recipe, read_recipe
from glmdata.engine.steps import FIRST, ORDER, READS_INPUT, STEPS, Call, Report
from glmdata.errors import ConfigError
from glmdata.stage.gates import FailedGate
from glmdata.stage.listing import list_inputs
from glmdata.stage.manifest import read_manifest
from glmdata.stage.record import forget_peak_memory


@dataclass(frozen=True)
class StepReport:
    """A stage of a recipe that has run."""

    stage: str
    report: Report
    failed: Sequence[FailedGate]
    """Limits it broke; its output is complete all the same."""


@dataclass(frozen=True)
class Outcome:
    """What a recipe left."""

    workspace: Path
    steps: Sequence[StepReport]
    stopped_at: str | None
    """A stage that broke a limit other than `max_bad`; nothing after it has run."""

    @property
    def failed(self) -> list[FailedGate]:
        """All limits that were broken."""
        return [gate for step in self.steps for gate in step.failed]


@dataclass(frozen=True)
class Step:
    """A stage that is about to run, or to be found complete."""

    stage: str
    folder: Path
    complete: bool
    """A manifest is there; whether it is of this recipe the stage itself says."""
    call: Call

    def run(self, progress: _native.Progress) -> StepReport:
        """Run the stage."""
        forget_peak_memory()
        report = STEPS[self.stage](replace(self.call, progress=progress))
        return StepReport(self.stage, report, list(report.failed_gates()))


@dataclass(frozen=True)
class Pipeline:
    """The stages of a recipe, ready to run over a workspace."""

    workspace: Path
    input: Sequence[str]
    steps: Sequence[Step]

    def run(self, *, progress: _native.Progress | None = None) -> Outcome:
        """Run all steps, without a word."""
        done = list(self.each(progress or _native.Progress()))
        return self.outcome(done)

    def each(self, progress: _native.Progress) -> Iterator[StepReport]:
        """Run the steps one at a time, until one breaks a limit."""
        for step in self.steps:
            report = step.run(progress)
            yield report
            if stops(report):
                return

    def outcome(self, done: Sequence[StepReport]) -> Outcome:
        """What the steps that have run left."""
        stopped = next((step.stage for step in done if stops(step)), None)
        return Outcome(self.workspace, done, stopped)


def stops(step: StepReport) -> bool:
    """Whether a stage broke a limit that says more than "many records could not be read"."""
    return any(gate.gate != "max_bad" for gate in step.failed)


def run(
    recipe: str | os.PathLike[str],
    *,
    input: Sequence[str] = (),
    workspace: str | os.PathLike[str] | None = None,
    start: str | None = None,
    until: str | None = None,
    threads: int | None = None,
    memory: int | None = None,
    fresh: bool = False,
    settings: Sequence[str] = (),
    progress: _native.Progress | None = None,
) -> Outcome:
    """Run a recipe: every stage that has a table in it, in order.

    A call that finds stages complete, with the same options and inputs, goes on behind them; one
    that finds an interrupted stage goes on with it.

    Parameters
    ----------
    recipe
        A TOML file, or the name of one of `pipelines/`.
    input
        Files, folders or globs; empty: those of the recipe.
    workspace
        None: that of the recipe, else as for `glmdata.dedup.run`.
    start, until
        The first and the last stage to run; None: those of the recipe. What lies before `start`
        must be complete.
    threads, memory
        None: those of the recipe.
    fresh
        Remove what an earlier run wrote into the folders of the stages that are run.
    settings
        Options that go before those of the recipe, each as `dedup.threshold=0.9`.
    progress
        Counters to watch from another thread.

    Raises
    ------
    ConfigError
        A wrong recipe, or a stage folder holds another run and `fresh` is not set.
    GlmdataError
        What a stage raises; the next call goes on where this one stopped.
    """
    pipeline = open_pipeline(
        read_recipe(Path(recipe), settings),
        input=input,
        workspace=workspace,
        start=start,
        until=until,
        threads=threads,
        memory=memory,
        fresh=fresh,
    )
    return pipeline.run(progress=progress)


def open_pipeline(
    recipe: Recipe,
    *,
    input: Sequence[str] = (),
    workspace: str | os.PathLike[str] | None = None,
    start: str | None = None,
    until: str | None = None,
    threads: int | None = None,
    memory: int | None = None,
    fresh: bool = False,
) -> Pipeline:
    """Bind a recipe to inputs and a workspace; nothing is written.

    Raises
    ------
    ConfigError
        `start` or `until` names no stage of the recipe, a setting is about none that runs, inputs
        are missing, what lies before
        `start` is not complete, or the workspace holds a stage that this recipe would wrongly read.
    InputError
        An input does not exist.
    """
    shared = recipe.pipeline
    space = find_workspace(workspace or shared.workspace)
    chosen = _between(recipe, start, until)
    idle = sorted(recipe.changed.difference(chosen))
    if idle:
        raise ConfigError(
            f"--set {idle[0]}: has no effect, since {idle[0]} does not run",
            hint=f"what runs is {', '.join(chosen)}: leave it out, or change --from and --until",
        )
    inputs = list(input) or list(shared.input)
    reading = readers(recipe)
    if chosen[0] in reading:
        if not inputs:
            raise ConfigError(
                f"{recipe.path}: expected inputs, found none",
                hint='name them with --input, or with input = ["crawl/"] in [pipeline]',
            )
        list_inputs(inputs)
    for name in _before(recipe, chosen[0]):
        if read_manifest(space.stage(name)) is None:
            raise ConfigError(
                f"--from {chosen[0]}: expected a complete {name} stage in {space.stage(name)}",
                hint=f"run without --from, or with --from {name}",
            )
    _refuse_strangers(recipe, space.folder)

    def call(name: str, config: Config) -> Call:
        return Call(
            config=config,
            workspace=space.folder,
            input=inputs if name in reading else [],
            threads=threads or shared.threads,
            memory=memory or shared.memory,
            fresh=fresh,
            progress=_native.Progress(),
            before=frozenset(_before(recipe, name)),
        )

    steps = []
    for name in chosen:
        folder = space.stage(name)
        complete = not fresh and read_manifest(folder) is not None
        steps.append(Step(name, folder, complete, call(name, _once(recipe, name))))
    return Pipeline(space.folder, inputs, steps)


def _before(recipe: Recipe, name: str) -> list[str]:
    names = list(recipe.stages)
    return names[: names.index(name)]


def readers(recipe: Recipe) -> frozenset[str]:
    """The stages that read the inputs: the first, and the one behind it if that only scores."""
    first, *others = recipe.stages
    names = {first, *(name for name in others[:1] if first == FIRST and name == "dedup")}
    return frozenset(names & READS_INPUT)


def _once(recipe: Recipe, name: str) -> Config:
    """The options of a stage, changed so that texts are written once.

    The filter reads the crawl again and applies what deduplication decided, so that one hands on
    decisions; not where its recipe says what to write, nor where it cuts texts.
    """
    config = recipe.stages[name]
    if name != "dedup" or "filter" not in recipe.stages or "write" in config.given:
        return config
    return config if cutting_of(config) else config.changed(write="decisions")


def _between(recipe: Recipe, start: str | None, until: str | None) -> list[str]:
    names = list(recipe.stages)
    for flag, name in (("--from", start), ("--until", until)):
        if name is not None and name not in names:
            raise unknown(f"{flag}: {recipe.path} has no stage `{name}`", name, names)
    begin = names.index(start) if start else 0
    end = names.index(until) + 1 if until else len(names)
    if begin >= end:
        raise ConfigError(
            f"--from {start} comes after --until {until}",
            hint=f"the stages of {recipe.path} run in the order {', '.join(names)}",
        )
    return names[begin:end]


def _refuse_strangers(recipe: Recipe, workspace: Path) -> None:
    # A stage reads the furthest one before it: one of another recipe would be read by mistake.
    last = max(ORDER.index(name) for name in recipe.stages)
    for name in ORDER[:last]:
        # Scores are read by those who are told to.
        known = name == FIRST or name in recipe.stages
        if not known and read_manifest(workspace / name) is not None:
            raise ConfigError(
                f"{workspace / name}: found a {name} stage, which {recipe.path} does not have",
                hint="choose another --workspace, or move that folder away",
            )
