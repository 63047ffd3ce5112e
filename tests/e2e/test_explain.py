from __future__ import annotations

import json
import shlex
from pathlib import Path

from glmdata import sample
from glmdata.filter import signals
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_reading import page


def test_the_next_step_of_a_run_works(glmdata: Glmdata) -> None:
    sample.write(Path("crawl"))
    run = glmdata("dedup", "--input", "crawl/")
    assert run.code == 0, run.err
    program, *arguments = shlex.split(run.lines()["next"])
    assert program == "glmdata"
    page = glmdata(*arguments)
    assert page.code == 0, page.err
    lines = page.lines()
    assert lines["outcome"].startswith("removed by rule")
    assert lines["kept"].startswith("is ")
    facts = json.loads(glmdata(*arguments, "--json").out)
    assert facts["text"]
    assert facts["other_text"]
    assert facts["jaccard"] >= 0.8


def test_crawled_text_cannot_move_the_terminal(glmdata: Glmdata, crawl: Crawl) -> None:
    text = "\x1b[2J\x1b]0;owned\x07 \u202e and some more words to make it a text"
    crawl({"id": "a\x1b[31m", "text": text}, {"id": "b", "text": text, "source": "\x1b[5m"})
    run = glmdata("dedup", "--input", "crawl/")
    assert run.code == 0, run.err
    page = glmdata("explain", "b")
    assert page.code == 0, page.err
    # The fixture refuses any escape character in the output.
    assert "\\x1b[2J" in page.out
    assert "\u202e" not in page.out


def test_a_chain_names_the_twin_and_what_is_kept(glmdata: Glmdata, crawl: Crawl) -> None:
    """Two equal texts, both near a third: the value is that of the third, not 1."""
    near = page(1)
    longer = f"{near} and here are a few more words that the other two do not have"
    crawl(*({"id": name, "text": near} for name in "ab"), {"id": "c", "text": longer})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    facts = json.loads(glmdata("explain", "b", "--json").out)
    assert (facts["rule"], facts["via_id"], facts["kept_id"]) == ("exact-raw", "a", "c")
    assert facts["value"] == facts["jaccard"] < 1
    assert facts["threshold"] == 0.8
    lines = glmdata("explain", "b").lines()
    assert lines["equal"].startswith("to")
    assert "which was removed for what is kept" in lines["equal"]
    twin = json.loads(glmdata("explain", "a", "--json").out)
    assert (twin["rule"], twin["via_doc"], twin["value"]) == ("fuzzy", None, facts["value"])


def test_why_the_cleaner_copy_stays_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    dirty = f"{page(1)}\nShare on Facebook\nAll rights reserved."
    crawl({"id": "clean", "text": page(1)}, {"id": "dirty", "text": dirty})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    lines = glmdata("explain", "dirty").lines()
    assert lines["outcome"] == "removed by rule fuzzy"
    assert lines["cleaner"] == "the kept one has 37 bytes less of bars, buttons and notices"


HARBOUR = (
    "The harbour master keeps a notebook in which every boat has a page. When a boat comes in, he "
    "writes down the hour, the wind and the names of those on board, and he has done so since he "
    "was a boy. Last winter the town asked him to use a computer. He looked at it for a while, and "
    "then he put it under the notebook, where it keeps the damp of the desk away from the paper."
)
UNFENCED = """\
int main(int argc, char **argv) {
    struct boat *first = read_page(argv[1]);
    for (int i = 0; i < first->n; i++) {
        printf("%d: %s\\n", i, first->names[i]);
    }
    free(first->names);
    return 0;
}
"""


def test_what_the_filter_did_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl(
        {
            "id": "masked",
            "text": f"{HARBOUR} Write to jane.doe@harbour-mail.org or bob@harbour-mail.org.",
        },
        {"id": "moved", "text": f"{HARBOUR} So they say.\n\n{UNFENCED}", "source": "docs"},
        {"id": "gone", "text": "nothing here, no more", "lang": "en", "source": "web"},
    )
    alone = glmdata("filter", "--input", "crawl/", "--pii", "mask", "--preset", "glm4")
    assert alone.code == 0, alone.err
    told = {name: glmdata("explain", name) for name in ("masked", "moved", "gone")}
    assert {name: done.code for name, done in told.items()} == dict.fromkeys(told, 0)
    masked, moved, gone = (done.lines() for done in told.values())
    assert (masked["outcome"], masked["changed"]) == ("kept", "by pii/email 2: see edits/")
    assert "[EMAIL]" in told["masked"].out
    assert moved["moved"] == "from the source docs to code-mixed"
    assert gone["outcome"].startswith("removed by the filter's rule ")
    assert "<" in gone["rule"]
    # The same behind a deduplication.
    glmdata("dedup", "--input", "crawl/")
    again = glmdata("filter", "--pii", "mask", "--preset", "glm4", "--fresh")
    assert again.code == 0, again.err
    assert glmdata("explain", "masked").lines()["changed"] == masked["changed"]
    assert glmdata("explain", "moved").lines()["moved"] == moved["moved"]
    then = glmdata("explain", "gone").lines()
    assert (then["outcome"], then["then"]) == ("kept", gone["outcome"])
    assert then["rule"] == gone["rule"]


def test_an_offensive_passage_is_shown(glmdata: Glmdata, crawl: Crawl) -> None:
    data = Path(__file__).parents[1] / "data/offensive_passages.jsonl"
    cases = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    # Without terms of the lists, whose rule comes first.
    text = "\n".join(
        case["text"]
        for case in cases
        if case["drop"] and case["lang"] == "zh" and not signals(case["text"])["offensive_terms"]
    )
    crawl({"id": "bad", "text": text, "lang": "zh"}, {"id": "good", "text": page(1)})
    assert glmdata("dedup", "--input", "crawl/").code == 0
    assert glmdata("filter", "--preset", "offensive-model").code == 0
    facts = json.loads(glmdata("explain", "bad", "--json").out)
    assert facts["filter"]["rule"] == "offensive-model/passages"
    assert facts["passage"]["probability"] == facts["filter"]["value"]
    assert facts["passage"]["text"] in text
    assert facts["passage"]["text"][:12] in glmdata("explain", "bad").lines()["passage"]
    assert json.loads(glmdata("explain", "good", "--json").out)["passage"] is None
