from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata


def shop(glmdata: Glmdata, crawl: Crawl) -> None:
    """A token store of two sources and two languages in the workspace."""
    web = [{"text": f"渔民第{n}次在河口修补渔网" * (n % 7 + 1), "lang": "zh"} for n in range(60)]
    crawl(*web)
    crawl(
        *[{"text": f"the nets {n} " * (n % 90 + 1), "lang": "en"} for n in range(40)],
        name="book/b.jsonl",
    )
    done = glmdata("shard", "--tokenizer", "cl100k_base", "--input", "crawl/")
    assert done.code == 0, done.err


def test_a_plan_is_shown_made_and_shown_again(glmdata: Glmdata, crawl: Crawl) -> None:
    shop(glmdata, crawl)
    weighed = ("--weight", "book=2", "--row-length", "256")
    planned = glmdata("mix", *weighed, "--dry-run")
    assert planned.code == 0, planned.err
    assert planned.lines()["book"].split()[5] == "2.000"
    assert not Path("glmdata-out/mix").exists()
    done = glmdata("mix", *weighed)
    assert done.code == 0, done.err
    report = json.loads(Path("glmdata-out/mix/report.json").read_text())
    store = json.loads(Path("glmdata-out/shard/report.json").read_text())
    assert report["tokens"]["store"] == store["tokens"]
    book, web = report["by_source"]
    assert (book["source"], book["epochs"], web["epochs"]) == ("book", 2.0, 1.0)
    assert report["documents"]["cut"] == report["documents"]["longer_than_a_row"]
    again = glmdata("mix", *weighed, "--json")
    assert "already complete" in again.err
    assert json.loads(again.out) == report
    shown = glmdata("show", "glmdata-out/mix")
    assert shown.code == 0, shown.err
    assert "mix, complete" in shown.out
    assert f"{report['rows']:,}, at least" in shown.out
    shards = pa.ipc.open_file("glmdata-out/mix/plan/shards.arrow").read_all().to_pylist()
    assert [row["path"] for row in shards] == ["book/part-000000.arrow", "web/part-000000.arrow"]
    assert [row["shard"] for row in shards] == [0, 1]


def test_a_weight_that_the_cap_cuts_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    shop(glmdata, crawl)
    row = ("--row-length", "128", "--fresh", "--json")

    def notes(*options: str) -> list[str]:
        done = glmdata("mix", *row, *options)
        assert done.code == 0, done.err
        found: list[str] = json.loads(done.out)["notes"]
        return found

    said = "gives `book` 4 passes, all that --max-epochs allows"
    assert notes("--weight", "book=7") == [f"--weight book=7 {said}"]
    assert notes("--weight", "book/en=4.5") == [f"--weight book/en=4.5 {said}"]
    assert notes("--weight", "book=4") == []
    assert notes("--weight", "book=7", "--max-epochs", "7") == []
    capped = "--recipe glm4 gives `book` 1 pass, all that --max-epochs allows"
    assert notes("--recipe", "glm4", "--max-epochs", "1") == [capped]
    shares = ("--weight", "book=0.99", "--weight", "web=0.01", "--weight-unit", "shares")
    assert notes(*shares, "--target-tokens", "20000")[0].startswith("--weight book=0.99 gives")
    assert notes("--unimax", "--target-tokens", "20000") == []


def test_options_come_from_the_file_and_are_named_with_it(glmdata: Glmdata, crawl: Crawl) -> None:
    shop(glmdata, crawl)
    Path("glmdata.toml").write_text("[mix]\nrow_length = 128\n[mix.weight]\nbook = 3\n")
    done = glmdata("mix", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["by_source"][0]["epochs"] == 3.0
    Path("glmdata.toml").write_text("[mix]\nrow_lenght = 128\n")
    done = glmdata("mix")
    assert done.code == 2
    assert "glmdata.toml:2: unknown key `row_lenght` in [mix]" in done.err
    assert "did you mean `row_length`?" in done.err


def test_what_cannot_be_planned_is_said(glmdata: Glmdata, crawl: Crawl) -> None:
    done = glmdata("mix")
    assert done.code == 2
    assert "expected a complete token store, found nothing complete" in done.err
    shop(glmdata, crawl)
    for arguments, code, message in (
        (("--weight", "bok=2"), 2, "did you mean `book`?"),
        (("--target-tokens", "300B"), 2, "expected at most"),
        (("--memory", "1MiB"), 5, "--memory: expected at least"),
        (
            ("--packing", "buckets", "--row-length", "300", "--shortest-row", "256"),
            2,
            "power of two",
        ),
        (("--infill-rate", "0.5"), 2, "the vocabulary has no token `[MASK]`"),
        (
            ("--fim-rate", "0.5", "--fim-source", "web", "--fim-tokens", "x"),
            2,
            "three names or ids",
        ),
        (("--clusters", "nowhere.arrow"), 4, "nowhere.arrow"),
    ):
        done = glmdata("mix", *arguments)
        assert (done.code, message in done.err) == (code, True), (arguments, done.err)
        assert not Path("glmdata-out/mix").exists()
    # cl100k_base has its own marks for filling in the middle.
    done = glmdata("mix", "--fim-rate", "1", "--fim-source", "web", "--json")
    assert done.code == 0, done.err
    assert {shape["mode"] for shape in json.loads(done.out)["by_shape"]} == {
        "causal",
        "fim-psm",
        "fim-spm",
    }
