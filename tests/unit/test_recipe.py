"""What a recipe may hold, and what is said when it holds something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.engine import ORDER, open_pipeline, read_recipe
from glmdata.errors import ConfigError, GlmdataError

# Text of the file, what the message says after `recipe.toml`, and what its hint says.
BROKEN: list[tuple[str, str, str | None]] = [
    ("", ": expected at least one stage, found none", "a stage runs when its table is there"),
    ("[pipeline]\n", ": expected at least one stage, found none", "[dedup]"),
    ("[dedup\n", ": not valid TOML: ", None),
    ("[dedup]\n[dedup]\n", ": not valid TOML: ", None),
    ("[dedup]\nthreshold = 0.8 0.9\n", ": not valid TOML: ", None),
    ("input = ['crawl/']\n[dedup]\n", ":1: unknown key `input`", "known are dedup"),
    ("[dedupe]\n", ":1: unknown table `dedupe`", "did you mean `dedup`?"),
    ("[dedup]\n\n[filtr]\n", ":3: unknown table `filtr`", "did you mean `filter`?"),
    ("[dedup]\n[train-tokenizer]\n", ":2: unknown table `train-tokenizer`", "`tokenizer`"),
    ("[[dedup]]\n", ":1: `dedup`: expected a table, found [{}]", None),
    ("[run]\n", ":1: unknown table `run`", "known are dedup"),
    (
        "[pipeline]\ninputs = ['a']\n[dedup]\n",
        ":2: unknown key `inputs` in [pipeline]",
        "did you mean `input`?",
    ),
    (
        "[pipeline]\ninput = 'crawl/'\n[dedup]\n",
        ':2: pipeline.input: expected a list of paths, found "crawl/"',
        None,
    ),
    (
        "[pipeline]\ninput = [1]\n[dedup]\n",
        ":2: pipeline.input: expected a list of paths, found [1]",
        None,
    ),
    (
        "[pipeline]\ninput = ['-']\n[dedup]\n",
        ':2: pipeline.input: expected a list of paths, found ["-"]',
        None,
    ),
    (
        "[pipeline]\nthreads = 0\n[dedup]\n",
        ":2: pipeline.threads: expected a whole number from 1, found 0",
        None,
    ),
    (
        "[pipeline]\n\nmemory = 'much'\n[dedup]\n",
        ':3: pipeline.memory: expected a size such as 8GiB, found "much"',
        None,
    ),
    ("[pipeline]\nthread = 2\n[dedup]\n", ":2: unknown key `thread`", "did you mean `threads`?"),
    ("[dedup]\ntreshold = 0.8\n", ":2: unknown key `treshold`", "did you mean `threshold`?"),
    ("[dedup]\nthreshold = 80\n", ":2: dedup.threshold: expected ", None),
    ("[dedup]\nthreshold = 'high'\n", ":2: dedup.threshold: expected ", None),
    (
        "[dedup]\nthreshold = 0.7\nkeep = 'lest'\n",
        ":3: dedup.keep: expected ",
        None,
    ),
    ("[dedup]\nmax_record = '64 MB?'\n", ":2: dedup.max_record: expected a size", None),
    (
        "[dedup]\nthreads = 2\n",
        ":2: unknown key `threads` in [dedup]",
        "`threads` holds for all stages: it goes into [pipeline]",
    ),
    ("[dedup]\n[filter]\npresets = 'glm4'\n", ":3: unknown key `presets`", "`preset`?"),
    ("[filter]\npreset = 'glm-4'\n", ":2: filter.preset: expected glm4, c4, ", None),
    ("[filter]\nmax_bad = 2\n", ":2: filter.max_bad: expected a share from 0 to 1, found 2", None),
    (
        "[filter]\nkind = ['web=site']\n",
        ":2: filter.kind: expected a list of source=kind, a kind being one of web, book",
        None,
    ),
    ("[score]\npreset = 'none'\n", ":2: unknown key `preset` in [score]", None),
    (
        "[score]\n[filter]\nclassifier = ['a=b']\n",
        ":3: `classifier` is about measuring, and this recipe measures in [score]",
        "move it to [score]",
    ),
    (
        "[score]\ntext_field = 'body'\n[dedup]\n[filter]\n",
        ": text_field: expected the same in [score] and [dedup], found 'body' and 'text'",
        "give both the same",
    ),
    (
        "[score]\n[dedup]\nline_dedup = 5\n[filter]\n",
        ":3: cuts texts after they were measured in [score]",
        "leave [score] out",
    ),
    ("[filter]\ntag = 'yes!'\n", ":2: filter.tag: expected true or false", None),
    ("[dedup]\n[shard]\n", ":2: expected a table [tokenizer] beside [shard]", "tokenizer leaves"),
    ("[tokenizer]\n[mix]\n", ":2: expected a table [shard] beside [mix]", "shard leaves"),
    (
        "[dedup]\nwrite = 'decisions'\n[tokenizer]\n",
        ':2: expected write = "all", found "decisions"',
        "[tokenizer] reads the documents that dedup writes",
    ),
    (
        "[dedup]\n[filter]\nwrite = 'decisions'\n[tokenizer]\n[shard]\n",
        ':3: expected write = "all", found "decisions"',
        "[tokenizer] reads the documents that filter writes",
    ),
    (
        "[dedup]\nline_dedup = 5\nwrite = 'decisions'\n[filter]\n",
        ':3: expected write = "all", found "decisions"',
        "`line_dedup` cuts texts",
    ),
    ("[tokenizer]\nvocab = 150000\n", ":2: unknown key `vocab` in [tokenizer]", "`vocab_size`?"),
    ("[tokenizer]\nbase = 'cl100k'\n", ":2: tokenizer.base: expected ", None),
    ("[tokenizer]\npolicy = 'qouta'\n", ":2: tokenizer.policy: expected ", None),
]


@pytest.mark.parametrize(("text", "message", "hint"), BROKEN)
def test_a_broken_recipe_is_named_by_place(
    clean_place: Path, text: str, message: str, hint: str | None
) -> None:
    Path("recipe.toml").write_text(text)
    with pytest.raises(ConfigError) as found:
        read_recipe(Path("recipe.toml"))
    assert str(found.value).startswith(f"recipe.toml{message}")
    if hint is not None:
        assert found.value.hint is not None
        assert hint in found.value.hint


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 30


def test_a_missing_recipe(clean_place: Path) -> None:
    with pytest.raises(GlmdataError, match=r"^nowhere\.toml: expected a TOML file, found nothing$"):
        read_recipe(Path("nowhere.toml"))


def test_stages_run_in_their_order_whatever_the_file_says(clean_place: Path) -> None:
    Path("recipe.toml").write_text("[tokenizer]\n[dedup]\nthreshold = 0.7\n[filter]\n")
    recipe = read_recipe(Path("recipe.toml"))
    assert list(recipe.stages) == ["dedup", "filter", "tokenizer"]
    assert recipe.stages["dedup"].values()["threshold"] == 0.7


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parents[2].glob("pipelines/*.toml")), ids=str
)
def test_recipes_that_come_with_the_project(path: Path, clean_place: Path) -> None:
    recipe = read_recipe(path)
    assert set(recipe.stages) <= set(ORDER)
    Path("crawl").mkdir()
    assert open_pipeline(recipe, input=["crawl"]).steps
