"""What somebody types first: help with examples, recipes, options, settings, addresses."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from glmdata.cli.config import MODELS
from glmdata.cli.examples import EXAMPLES
from glmdata.cli.main import VERBS
from glmdata.config.model import options_of as options_of_config
from glmdata.engine import named_recipes, read_recipe
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_readme import options_of

TOKENIZER = [name for name in EXAMPLES if name.startswith("tokenizer ")]


@pytest.mark.parametrize("verb", [*VERBS, *TOKENIZER, "config show"])
def test_help_ends_with_examples(glmdata: Glmdata, verb: str) -> None:
    page = glmdata(*verb.split(), "--help").out
    examples = page[page.rindex("  Examples:\n") :].splitlines()[1:]
    assert [line.strip() for line in examples] == list(EXAMPLES[verb.removesuffix(" show")])
    assert len(examples) == 2
    assert all(line.startswith("    ") for line in examples)


@pytest.mark.parametrize("verb", [verb for verb in EXAMPLES if verb != "completion"])
def test_examples_have_verbs_and_flags_that_exist(verb: str) -> None:
    for line in EXAMPLES[verb]:
        _, *words = shlex.split(line.split("   ")[0].split(" > ")[0])
        called = tuple(words[: 2 if words[0] in ("tokenizer", "config") else 1])
        assert called[0] in VERBS
        flags = {word for word in words if word.startswith("--")}
        assert flags <= options_of(called), line


@pytest.mark.parametrize("group", [(), ("tokenizer",), ("config",)])
def test_a_call_without_a_verb_is_a_call_for_help(glmdata: Glmdata, group: tuple[str, ...]) -> None:
    done = glmdata(*group)
    assert (done.code, done.err) == (0, "")
    assert done.out == glmdata(*group, "--help").out
    assert done.out.count("\n    glmdata ") >= 2


def test_recipes_are_listed_and_printed(glmdata: Glmdata) -> None:
    page = glmdata("recipes").out
    for name, path in named_recipes().items():
        assert re.search(rf"^{name} +\w+", page, re.MULTILINE)
        assert ", ".join(read_recipe(path).stages) in page
        assert glmdata("recipes", name).out == path.read_text("utf-8")
    found = json.loads(glmdata("recipes", "--json").out)
    assert found["quickstart"]["stages"] == ["dedup", "tokenizer"]
    done = glmdata("recipes", "gml4")
    assert (done.code, done.err) == (2, "error: no recipe `gml4`\nhint: did you mean `glm4`?\n")


def test_a_file_of_options_changes_nothing_until_a_line_is_freed(glmdata: Glmdata) -> None:
    before = glmdata("config", "show", "--json").out
    assert glmdata("init").code == 0
    assert json.loads(glmdata("config", "show", "--json").out) == json.loads(before)
    text = Path("glmdata.toml").read_text("utf-8")
    freed = re.sub(r"^# (\w+ = [^#\n]+)$", r"\1", text, flags=re.MULTILINE)
    assert freed.count("\n# ") < text.count("\n# ")
    Path("glmdata.toml").write_text(freed, "utf-8")
    assert json.loads(glmdata("config", "show", "--json").out) == strip_origins(before)
    for stage, models in MODELS.items():
        table = text[text.index(f"[{stage}]") :]
        names = [field for model in models for field in options_of_config(model)]
        assert all(f"\n# {name} = " in table for name in names)


def strip_origins(page: str) -> object:
    """The same options, each from the line of the file that says it."""
    lines = Path("glmdata.toml").read_text("utf-8").splitlines()
    tree = json.loads(page)
    stage = ""
    for number, line in enumerate(lines, 1):
        if line.startswith("["):
            stage = line.strip("[]")
        elif match := re.match(r"(\w+) = ", line):
            key = match[1]
            tree[stage][key]["origin"] = f"glmdata.toml:{number}: {stage}.{key}"
    return tree


def test_a_file_of_options_is_never_replaced(glmdata: Glmdata) -> None:
    Path("glmdata.toml").write_text("[dedup]\nthreshold = 0.7\n")
    done = glmdata("init")
    assert (done.code, "glmdata.toml: is there already" in done.err) == (2, True)
    assert Path("glmdata.toml").read_text() == "[dedup]\nthreshold = 0.7\n"
    assert glmdata("init", "new/folder").code == 0
    assert Path("new/folder/glmdata.toml").exists()


SETTINGS = [
    (
        "dedup.treshold=0.9",
        "--set dedup.treshold: unknown key `treshold` in [dedup]\nhint: did you",
    ),
    ("dedup.threshold=9", '--set dedup.threshold: expected a number in (0, 1], found "9"'),
    (
        "dedub.threshold=1",
        "--set dedub.threshold: unknown table `dedub`\nhint: did you mean `dedup`",
    ),
    ("mix.seed=3", "--set mix.seed: recipe.toml has no table [mix]"),
    ("threshold=0.9", "--set threshold=0.9: expected STAGE.KEY=VALUE"),
    ("dedup.threshold", "--set dedup.threshold: expected STAGE.KEY=VALUE"),
    (
        "dedup.threads=1",
        "--set dedup.threads: unknown key `threads` in [dedup]\nhint: `threads` holds",
    ),
    ("filter.write=decisions", '--set filter.write: expected write = "all", found "decisions"'),
]


@pytest.mark.parametrize(("setting", "message"), SETTINGS)
def test_a_wrong_setting_is_named(glmdata: Glmdata, setting: str, message: str) -> None:
    Path("recipe.toml").write_text("[dedup]\n[filter]\n[tokenizer]\n")
    done = glmdata("run", "recipe.toml", "--input", "crawl", "--set", setting)
    assert (done.code, message in done.err) == (2, True), done.err


@pytest.mark.parametrize("flags", [("--set", "dedup.threshold=0.9"), ("--text-field", "body")])
def test_a_setting_of_a_stage_that_does_not_run_is_refused(
    glmdata: Glmdata, crawl: Crawl, flags: tuple[str, ...]
) -> None:
    crawl({"text": "Nine lamps were lit along the quay before the boats came in.", "lang": "en"})
    Path("recipe.toml").write_text("[dedup]\n[filter]\npreset = 'none'\n")
    assert glmdata("run", "recipe.toml", "--input", "crawl").code == 0
    done = glmdata("run", "recipe.toml", "--from", "filter", *flags)
    assert (done.code, "--set dedup: has no effect" in done.err) == (2, True), done.err


def test_settings_go_before_the_recipe(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "Nine lamps were lit along the quay before the boats came in.", "source": "web"})
    Path("recipe.toml").write_text("[dedup]\nthreshold = 0.7\nsource_priority = ['web']\n")
    flags = ("--set", "dedup.threshold=0.95", "--set", "dedup.source_priority=web,book")
    done = glmdata("run", "recipe.toml", "--input", "crawl", *flags, "--set", "pipeline.threads=1")
    assert done.code == 0, done.err
    shown = json.loads(glmdata("show", "glmdata-out/dedup", "--json").out)["manifest"]["config"]
    assert (shown["threshold"], shown["source_priority"]) == (0.95, ["web", "book"])
    assert json.loads(Path("glmdata-out/dedup/run.json").read_text())["threads"] == 1
    # The same recipe without the settings is another run.
    assert glmdata("run", "recipe.toml", "--input", "crawl").code == 2


@pytest.mark.parametrize(
    "call",
    [
        ("dedup", "--input", "s3://bucket/crawl"),
        ("dedup", "hf://datasets/web/*.jsonl"),
        ("dedup", "--input", "crawl", "--output", "s3://bucket/out"),
        ("run", "glm4", "--input", "crawl", "--workspace", "gs://bucket/out"),
        ("filter", "--input", "crawl", "--benchmark", "https://site.example/items.jsonl"),
        ("report", "--output", "abfs://bucket/page"),
    ],
)
def test_addresses_are_refused_in_a_sentence(
    glmdata: Glmdata, crawl: Crawl, call: tuple[str, ...]
) -> None:
    """Output to one became a folder `s3:` that nobody looked into."""
    crawl({"text": "one"})
    done = glmdata(*call)
    assert done.code == 2
    assert "only local files and folders are read and written, no addresses" in done.err
    assert not list(Path().glob("*:*"))


def test_a_workspace_at_an_address_is_refused(
    glmdata: Glmdata, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl({"text": "one"})
    monkeypatch.setenv("GLMDATA_WORKSPACE", "s3://bucket/out")
    done = glmdata("dedup", "--input", "crawl")
    assert (done.code, "no addresses" in done.err) == (2, True), done.err
    assert sorted(path.name for path in Path().iterdir()) == ["crawl"]
