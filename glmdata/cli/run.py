"""`glmdata run`: a recipe, stage by stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glmdata import _native, engine, report
from glmdata.cli import exit_codes
from glmdata.cli.options import GroupedCommand, input_flags
from glmdata.cli.output import say, say_json
from glmdata.cli.progress import watched
from glmdata.cli.recipe_summary import print_outcome, print_recipe_plan, step_line
from glmdata.config.given import validated
from glmdata.engine import Outcome, PipelineConfig


@click.command(
    "run",
    cls=GroupedCommand,
    epilog="Exit codes: 0 done, 1 a gate failed (stages after it have not run), 2 usage, 3 too "
    "many bad inputs (the output is complete), 4 storage, 5 resources, 70 internal.",
)
@click.argument("recipe", metavar="RECIPE")
@input_flags("file, folder or quoted glob; may repeat; unset: those of the recipe")
@click.option(
    "--set",
    "settings",
    metavar="STAGE.KEY=VALUE",
    multiple=True,
    help="an option in the place of the recipe's, such as dedup.threshold=0.9; may repeat",
)
@click.option(
    "--text-field",
    metavar="NAME",
    help="column with the text, for the stages that read the inputs; unset: the recipe's",
)
@click.option("--from", "start", metavar="STAGE", help="begin here; what lies before is complete")
@click.option("--until", metavar="STAGE", help="end with this stage")
@click.option("--threads", metavar="N", help="worker threads; unset: those of the recipe")
@click.option("--memory", metavar="SIZE", help="peak memory of a stage; unset: the recipe's")
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--fresh", is_flag=True, help="remove what earlier runs wrote in these stages")
@click.option("--dry-run", is_flag=True, help="print what would run; write nothing")
@click.option("--json", "as_json", is_flag=True, help="print all reports as JSON")
def command(
    recipe: str,
    inputs: tuple[str, ...],
    settings: tuple[str, ...],
    text_field: str | None,
    start: str | None,
    until: str | None,
    workspace: str | None,
    fresh: bool,
    dry_run: bool,
    as_json: bool,
    **limits: Any,
) -> int:
    """Run a recipe: from a crawl to what a training loop reads.

    RECIPE is a TOML file with one table a stage, or the name of one that comes with glmdata
    (`glmdata recipes`). Stages that are complete are passed over; an interrupted one goes on where
    it stopped.
    """
    given = {f"{name}": value for name, value in limits.items() if value is not None}
    asked = validated(PipelineConfig, given, {name: f"--{name}" for name in given})
    read = engine.read_recipe(Path(recipe), settings)
    if text_field is not None:
        field = [f"{stage}.text_field={text_field}" for stage in engine.readers(read)]
        read = engine.read_recipe(Path(recipe), [*settings, *field])
    pipeline = engine.open_pipeline(
        read,
        input=list(inputs),
        workspace=workspace,
        start=start,
        until=until,
        threads=asked.threads,
        memory=asked.memory,
        fresh=fresh,
    )
    if dry_run:
        print_recipe_plan(pipeline, as_json=as_json)
        return exit_codes.DONE
    done = []
    for number, step in enumerate(pipeline.steps, 1):
        say(f"[{number}/{len(pipeline.steps)}] {step.stage}", err=True)
        progress = _native.Progress()
        with watched(progress):
            finished = step.run(progress)
        done.append(finished)
        say(f"      {step_line(finished)}", err=True)
        for text in finished.report.data.get("warnings", []):
            say(f"warning: {text}", err=True)
        for gate in finished.failed:
            say(f"warning: {gate.message}", err=True)
        if engine.stops(finished):
            break
    outcome = pipeline.outcome(done)
    # Of scores alone there is nothing to report: nothing was decided.
    scored_only = all(step.stage == engine.FIRST for step in done)
    page = None if scored_only else report.write(outcome.workspace)
    if as_json:
        reports = {step.stage: dict(step.report.data) for step in outcome.steps}
        say_json(reports)
    else:
        print_outcome(outcome, page)
    return _exit_code(outcome)


def _exit_code(outcome: Outcome) -> int:
    if outcome.stopped_at is not None:
        return exit_codes.GATE_FAILED
    return exit_codes.TOO_MANY_BAD if outcome.failed else exit_codes.DONE
