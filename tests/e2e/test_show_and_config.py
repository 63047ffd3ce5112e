from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata


def test_show_tells_what_is_there(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "a page"}, {"text": "another page"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    done = glmdata("show", "glmdata-out/dedup")
    assert done.code == 0
    assert done.lines()["files"].endswith("sizes match")
    assert done.lines()["documents"].startswith("2 in = 2 kept")
    # Results come first and options last, in lines that fit a terminal.
    lines = done.out.splitlines()
    config = next(place for place, line in enumerate(lines) if line.startswith("config "))
    assert config > next(place for place, line in enumerate(lines) if line.startswith("kept "))
    assert "threshold = 0.8" in done.out
    assert max(map(len, lines[config:])) <= 80
    assert not any(line.rstrip().endswith("=") for line in lines)
    content = json.loads(glmdata("show", "glmdata-out/dedup", "--json").out)
    assert content["manifest"]["stage"] == "dedup"
    assert content["report"]["documents"]["kept"] == 2


def test_show_tells_what_is_missing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "a page"})
    done = glmdata("show")
    assert (done.code, "glmdata-out: expected a stage, found none" in done.err) == (2, True)
    assert glmdata("show", "glmdata-out/dedup").code == 2
    assert glmdata("dedup", "--input", "crawl/").code == 0
    Path("glmdata-out/dedup/report.json").write_text("{}")
    assert glmdata("show", "glmdata-out/dedup").code != 0
    assert glmdata("dedup", "--input", "crawl/", "--fresh").code == 0
    Path("glmdata-out/dedup/data/part-000000.arrow").unlink()
    for call in (["show", "glmdata-out/dedup"], ["show"]):
        done = glmdata(*call)
        assert (done.code, "data/part-000000.arrow: missing" in done.err) == (4, True)


def rows(glmdata: Glmdata) -> dict[str, dict[str, object]]:
    """What `show` says of each stage, by the name of its folder."""
    done = glmdata("show", "--json")
    return {Path(row["folder"]).name: row for row in json.loads(done.out)["stages"]}


def test_show_without_a_folder_tells_of_the_workspace(glmdata: Glmdata, crawl: Crawl) -> None:
    page = "The harbour office opens at nine and the boats are counted at noon, number {}."
    crawl(*({"text": page.format(f"{n} {n * n} {n + 7}"), "lang": "en"} for n in range(9)))
    Path("recipe.toml").write_text(
        "[dedup]\n[filter]\npreset = 'none'\n[tokenizer]\n"
        "base = 'none'\nvocab_size = 300\nnumbers = false\n"
    )
    done = glmdata("run", "recipe.toml", "--input", "crawl/")
    assert done.code == 0, done.err
    other = ("filter", "--preset", "code", "--output", "glmdata-out/code")
    assert glmdata(*other).code == 0
    done = glmdata("show")
    assert (done.code, max(map(len, done.out.splitlines())) <= 80) == (0, True)
    assert done.lines()["workspace"].startswith("glmdata-out, 4 stages, ")
    assert done.lines()["next"] == "glmdata show glmdata-out/dedup"
    assert list(rows(glmdata)) == ["dedup", "filter", "tokenizer", "code"]
    kept = rows(glmdata)["filter"]["counts"]
    assert f"{kept['kept']:,} of {kept['in']:,} documents" in done.lines()["filter"]  # type: ignore[index]
    assert "300 ranks" in done.lines()["tokenizer"]
    assert {row["state"] for row in rows(glmdata).values()} == {"complete"}
    assert {row["fault"] for row in rows(glmdata).values()} == {None}


def test_show_tells_which_stages_are_stale(glmdata: Glmdata, crawl: Crawl) -> None:
    page = "The harbour office opens at nine and the boats are counted at noon, number {}."
    crawl(*({"text": page.format(n), "lang": "en"} for n in range(3)))
    assert glmdata("dedup", "--input", "crawl/", "--no-fuzzy-short").code == 0
    assert glmdata("filter", "--preset", "none").code == 0
    crawl({"text": "One more page of another kind, about lamps."}, name="b.jsonl")
    stale = rows(glmdata)
    assert "b.jsonl is new" in str(stale["dedup"]["fault"])
    assert stale["filter"]["fault"] is None
    assert "stale: since then crawl/b.jsonl is new" in glmdata("show").out
    assert glmdata("dedup", "--input", "crawl/", "--fresh").code == 0
    stale = rows(glmdata)
    assert stale["dedup"]["fault"] is None
    assert stale["filter"]["fault"] == "dedup/data/part-000000.arrow has changed"
    Path("glmdata-out/dedup/manifest.json").unlink()
    Path("glmdata-out/dedup/.work").mkdir()
    assert rows(glmdata)["dedup"]["state"] == "interrupted"
    assert "run the same command again to go on" in glmdata("show").out


def test_config_tells_where_values_come_from(glmdata: Glmdata) -> None:
    Path("glmdata.toml").write_text("[dedup]\nthreshold = 0.7\n")
    done = glmdata("config", "show", "--origin", env={"GLMDATA_DEDUP_SCOPE": "lang"})
    assert done.code == 0, done.err
    lines = {line.split(" =")[0]: line for line in done.out.splitlines()}
    assert lines["threshold"].endswith("# glmdata.toml:2: dedup.threshold")
    assert lines["scope"].endswith("# GLMDATA_DEDUP_SCOPE")
    assert lines["keep"].endswith("# default")
    tree = json.loads(glmdata("config", "show", "--json").out)
    assert tree["dedup"]["threshold"] == {
        "value": 0.7,
        "origin": "glmdata.toml:2: dedup.threshold",
    }


def test_a_misspelt_key_is_named_with_file_and_line(glmdata: Glmdata) -> None:
    Path("glmdata.toml").write_text("[dedup]\n\ntreshold = 0.7\n")
    done = glmdata("config", "show")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: glmdata.toml:3: unknown key `treshold` in [dedup]\n"
        "hint: did you mean `threshold`?\n"
    )
