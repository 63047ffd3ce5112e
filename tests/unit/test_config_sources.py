from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.config.environment import check_environment
from glmdata.config.given import Given, validated
from glmdata.config.limits import RunLimits
from glmdata.config.sources import gather
from glmdata.config.workspace import find_workspace
from glmdata.dedup.config import DedupConfig
from glmdata.errors import ConfigError


def given(flags: dict[str, object] | None = None, **environ: str) -> Given:
    return gather("dedup", [DedupConfig, RunLimits], find_workspace(), flags or {}, environ)


def toml(text: str) -> None:
    Path("glmdata.toml").write_text(text, encoding="utf-8")


def test_flag_before_environment_before_file_before_default() -> None:
    toml("[dedup]\nthreshold = 0.5\nnum_perm = 64\nscope = 'lang'\n")
    result = given(
        {"threshold": "0.9"}, GLMDATA_DEDUP_THRESHOLD="0.7", GLMDATA_DEDUP_NUM_PERM="256"
    )
    config = result.build(DedupConfig)
    assert (config.threshold, config.num_perm, config.scope, config.keep) == (
        0.9,
        256,
        "lang",
        "longest",
    )
    assert result.origin("threshold") == "--threshold"
    assert result.origin("num_perm") == "GLMDATA_DEDUP_NUM_PERM"
    assert result.origin("scope") == "glmdata.toml:4: dedup.scope"
    assert result.origin("keep") == "default"


def test_run_limits_come_from_the_same_table() -> None:
    toml("[dedup]\nmemory = '2GiB'\n")
    result = given()
    assert result.build(RunLimits).memory == 2**31
    assert "memory" not in result.build(DedupConfig).values()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("wiki, news", ["wiki", "news"]),
        ('["wiki,pedia", "news"]', ["wiki,pedia", "news"]),
        ("", []),
    ],
)
def test_lists_in_the_environment(text: str, values: list[str]) -> None:
    result = given(GLMDATA_DEDUP_SOURCE_PRIORITY=text)
    assert result.build(DedupConfig).source_priority == values


BROKEN_FILES = [
    ("[dedup]\n\ntreshold = 1\n", "glmdata.toml:3: unknown key `treshold` in [dedup]", "threshold"),
    ("[dedupe]\nkeep = 'first'\n", "glmdata.toml:1: unknown table `dedupe`", "dedup"),
    ("\nthreshold = 1\n", "glmdata.toml:2: unknown key `threshold`", None),
    ("dedup = 1\n", "glmdata.toml:1: `dedup`: expected a table, found 1", None),
    ("[dedup\n", "glmdata.toml: not valid TOML", None),
    (
        "[dedup]\nkeep = 'first'\nthreshold = 7\n",
        "glmdata.toml:3: dedup.threshold: expected a number in (0, 1], found 7",
        None,
    ),
    (
        "[dedup]\nfuzzy_short = 'perhaps'\n",
        'glmdata.toml:2: dedup.fuzzy_short: expected true or false, found "perhaps"',
        None,
    ),
]


@pytest.mark.parametrize(("text", "message", "meant"), BROKEN_FILES)
def test_a_broken_file_is_named_with_its_line(text: str, message: str, meant: str | None) -> None:
    toml(text)
    with pytest.raises(ConfigError) as caught:
        given().build(DedupConfig)
    assert message in str(caught.value)
    if meant:
        assert caught.value.hint == f"did you mean `{meant}`?"


def test_an_unknown_variable_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown environment variable") as caught:
        given(GLMDATA_DEDUP_TRESHOLD="1")
    assert caught.value.hint == "did you mean `GLMDATA_DEDUP_THRESHOLD`?"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("GLMDATA_WORKSPCE", "x", "unknown environment variable `GLMDATA_WORKSPCE`"),
        ("GLMDATA_DEDUPE_SCOPE", "x", "unknown environment variable `GLMDATA_DEDUPE_SCOPE`"),
        ("POLARS_MAX_THREADS", "0", "expected a number of threads, found '0'"),
        ("POLARS_MAX_THREADS", "", "expected a number of threads, found ''"),
    ],
)
def test_a_variable_that_no_verb_reads_is_refused(variable: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_environment({variable: value, "GLMDATA_MIX_SEED": "1", "GLMDATA_WORKSPACE": "x"})


def test_the_variables_that_verbs_read_pass() -> None:
    check_environment({"GLMDATA_DEDUP_SCOPE": "source", "POLARS_MAX_THREADS": "2", "HOME": "x"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0}, "threshold: expected a number in (0, 1], found 0"),
        ({"threshold": float("nan")}, "threshold: expected a number in (0, 1], found NaN"),
        ({"num_perm": 100}, "num_perm: expected a power of two from 16 to 1024, found 100"),
        ({"num_perm": 8}, "num_perm: expected a power of two from 16 to 1024, found 8"),
        ({"bands": "16"}, "bands: expected BANDSxROWS with a product of at most num_perm"),
        ({"bands": "64x8"}, "bands: expected BANDSxROWS with a product of at most num_perm"),
        ({"keep": "oldest"}, 'found "oldest"'),
        ({"keep": "best:"}, 'found "best:"'),
        ({"shingle": "word:0"}, 'found "word:0"'),
        ({"source_rule": ["no-source"]}, 'found ["no-source"]'),
        ({"max_record": "many"}, "max_record: expected a size such as 64MiB"),
        ({"write": "nothing"}, "write: expected all or decisions"),
    ],
)
def test_wrong_values_say_what_was_expected_and_found(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        validated(DedupConfig, options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"bands": "64x8", "num_perm": 512},
        {"keep": "newest:date"},
        {"shingle": "char:8"},
        {"source_rule": ["*.gov.cn=law", "a=b=c"]},
        {"threshold": 1},
    ],
)
def test_right_values_pass(options: dict[str, object]) -> None:
    config = validated(DedupConfig, options)
    assert config.given == set(options)


def test_a_preset_fills_what_is_not_given() -> None:
    config = validated(DedupConfig, {"preset": "high-recall"})
    assert (config.num_perm, config.bands) == (512, "64x8")
    assert validated(DedupConfig, config.values()) == config
    own = validated(DedupConfig, {"preset": "high-recall", "bands": "32x8"})
    assert (own.num_perm, own.bands) == (512, "32x8")
    with pytest.raises(ConfigError, match=r'bands: expected .* found "64x8"'):
        validated(DedupConfig, {"preset": "high-recall", "num_perm": 128})


def test_the_hash_sees_meaning_and_not_spelling() -> None:
    default = DedupConfig().sha256()
    assert validated(DedupConfig, {"threshold": "0.80", "max_record": 2**26}).sha256() == default
    assert validated(DedupConfig, {"threshold": 0.81}).sha256() != default
