"""A recipe: a TOML file with one table a stage, each holding that stage's own options.

    [pipeline]
    input = ["crawl/"]

    [dedup]
    threshold = 0.8

    [tokenizer]

A table that is there is a stage that runs, in the fixed order of stages, whatever the order in the
file. With a table `[score]` documents are measured before anything is decided: deduplication may
then keep the best by a score, and the filter asks its rules over the same scores. A recipe is
complete in itself: neither glmdata.toml nor GLMDATA_* variables change it, so the same file gives
the same corpus everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glmdata.config.fields import option
from glmdata.config.model import Config, options_of
from glmdata.config.sizes import Size
from glmdata.config.tables import Tables, read_tables
from glmdata.engine.fitting import cutting_of, refuse_misfits
from glmdata.engine.settings import with_settings
from glmdata.engine.steps import MEASURING, MODELS, ORDER, READING
from glmdata.errors import ConfigError

PIPELINE = "pipeline"


@dataclass(frozen=True, init=False)
class PipelineConfig(Config):
    """What holds for all stages of a recipe."""

    input: list[str] = option(
        [],
        help="files, folders or globs, as seen from where the command runs",
        expected="a list of paths",
        group="input",
        metavar="PATH",
        # Standard input can be read once; a recipe must be able to go on where it stopped.
        check=lambda paths: "" not in paths and "-" not in paths,
    )
    workspace: str | None = option(
        None,
        help="folder of all stages; unset: glmdata-out",
        expected="a path",
        group="run",
        metavar="DIR",
    )
    threads: int | None = option(
        None,
        help="worker threads; unset: all cores this process may use",
        expected="a whole number from 1",
        group="run",
        metavar="N",
        ge=1,
    )
    memory: Size | None = option(
        None,
        help="peak memory of a stage that keeps to one; unset: 70 % of the machine",
        expected="a size such as 8GiB",
        group="run",
        metavar="SIZE",
        ge=1,
    )


@dataclass(frozen=True)
class Recipe:
    """What to run, judged: every option is one its stage knows."""

    path: Path
    pipeline: PipelineConfig
    stages: Mapping[str, Config]
    """Stage -> its options, in the order in which stages run."""
    changed: frozenset[str] = frozenset()
    """Stages of which a setting changes an option."""


def named_recipes() -> dict[str, Path]:
    """The recipes that come with the package, by name."""
    folder = Path(__file__).parent / "pipelines"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_recipe(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """Read and judge a recipe; nothing is run and no input is looked at.

    A name such as `glm4` is a recipe that comes with the package, unless there is such a file.

    Parameters
    ----------
    path
        A TOML file, or a name.
    settings
        Options that go before those of the recipe, each as `dedup.threshold=0.9`.

    Raises
    ------
    ConfigError
        Names file, line and key, what was expected and what was found, and for a misspelt word the
        nearest right one.
    AccessError, MissingFileError
        It cannot be read.
    """
    if not path.exists():
        path = named_recipes().get(str(path), path)
    models: dict[str, type[Config]] = {PIPELINE: PipelineConfig, **MODELS}
    tables = with_settings(read_tables(path, models), settings, models)
    judged = tables.given(PIPELINE, options_of(PipelineConfig)).build(PipelineConfig)
    for name in ORDER:
        _refuse_shared(tables, name)
    stages = {
        name: tables.given(name, options_of(MODELS[name])).build(MODELS[name])
        for name in ORDER
        if name in tables.tree
    }
    if not stages:
        tables_of = ", ".join(f"[{name}]" for name in ORDER)
        raise ConfigError(
            f"{path}: expected at least one stage, found none",
            hint=f"a stage runs when its table is there: {tables_of}",
        )
    refuse_misfits(tables, stages)
    if "score" in stages:
        _refuse_other_scores(tables, stages)
    changed = frozenset(setting.partition(".")[0].strip() for setting in settings) & set(stages)
    return Recipe(path, judged, stages, changed)


def _refuse_other_scores(tables: Tables, stages: Mapping[str, Config]) -> None:
    """A recipe that scores first must let scores be those of the documents it goes on with."""
    for key in tables.tree.get("filter", {}):
        if key in MEASURING:
            raise ConfigError(
                f"{tables.place('filter', key)}: `{key}` is about measuring, and this recipe "
                "measures in [score]",
                hint="move it to [score]",
            )
    dedup, score = stages.get("dedup"), stages["score"]
    if dedup is None:
        return
    for key in sorted(READING):
        if getattr(dedup, key) != getattr(score, key):
            raise ConfigError(
                f"{tables.path}: {key}: expected the same in [score] and [dedup], "
                f"found {getattr(score, key)!r} and {getattr(dedup, key)!r}",
                hint="both read the same records: give both the same",
            )
    for key in cutting_of(dedup):
        if "filter" in stages:
            raise ConfigError(
                f"{tables.place('dedup', key)}: cuts texts after they were measured in [score]",
                hint="leave [score] out: the filter then measures what is left",
            )


def _refuse_shared(tables: Tables, stage: str) -> None:
    for key in tables.tree.get(stage, {}):
        if key in options_of(PipelineConfig) and key not in options_of(MODELS[stage]):
            raise ConfigError(
                f"{tables.place(stage, key)}: unknown key `{key}` in [{stage}]",
                hint=f"`{key}` holds for all stages: it goes into [{PIPELINE}]",
            )
