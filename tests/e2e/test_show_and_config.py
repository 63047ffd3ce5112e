from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata


def test_show_tells_what_is_there(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "x"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    for arguments in (["show"], ["show", "glmdata-out/dedup"]):
        done = glmdata(*arguments)
        assert done.code == 0, done.err
        assert "threshold = 0.8" in done.out
        assert "1 in = 1 kept" in done.out
    content = json.loads(glmdata("show", "--json").out)
    assert content["faults"] == []
    assert content["report"]["documents"]["in"] == 1


def test_show_tells_what_is_missing(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": "x"})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    Path("glmdata-out/dedup/report.json").write_text("{}")
    assert glmdata("show").code != 0
    Path("glmdata-out/dedup/part-000000.arrow").unlink()
    done = glmdata("show")
    assert done.code == 4


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
