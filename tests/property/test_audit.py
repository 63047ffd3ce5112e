"""The audit: counts beside a slow twin, figures that others counted, a page that is safe."""

from __future__ import annotations

import html.parser
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import Tokenizer
from glmdata.errors import ConfigError, NothingReadError
from glmdata.reference.usage import usage
from glmdata.tokenizer.audit import audit
from glmdata.tokenizer.audit.tokens import token_facts
from glmdata.tokenizer.patterns import CL100K_PATTERN
from tests.property.tokenizers import ALPHABETS, SAMPLE, ranks_text, trained_ranks

RANKS = trained_ranks(SAMPLE, 300)
SMALL = Tokenizer(ranks_text(RANKS), CL100K_PATTERN)
OTHER_RANKS = trained_ranks(SAMPLE, 40)
OTHER = Tokenizer(ranks_text(OTHER_RANKS), CL100K_PATTERN)

# Without marks and letter-like numbers, of which the twin does not know whether they are letters.
LETTERS = [c for c in "".join(ALPHABETS) if unicodedata.category(c)[0] != "M" and c != "Ⅳ"]

some_documents = st.lists(
    st.tuples(
        st.text(alphabet=LETTERS, max_size=30) | st.sampled_from([SAMPLE, "渔民在河口"]),
        st.sampled_from([None, "zh", "en"]),
        st.sampled_from(["web", "book"]),
    ),
    min_size=1,
    max_size=12,
)


def crawl(documents: Sequence[tuple[str, str | None, str]], files: int = 1) -> str:
    """Write documents to crawl/ and give its name."""
    folder = Path("crawl")
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for file in range(files):
        lines = [
            json.dumps({"text": text, "lang": lang, "source": source})
            for text, lang, source in documents[file::files]
        ]
        Path(folder, f"{file}.jsonl").write_text("".join(line + "\n" for line in lines))
    return str(folder)


@settings(deadline=None, max_examples=40)  # each writes a whole audit
@given(some_documents, st.integers(1, 3), st.integers(1, 5))
def test_sums_equal_those_of_the_twin(
    documents: list[tuple[str, str | None, str]], files: int, threads: int
) -> None:
    data = audit([SMALL, OTHER], crawl(documents, files), "audit", threads=threads).data
    for at, ranks in enumerate((RANKS, OTHER_RANKS)):
        sums, counts = usage(documents, ranks)
        facts = data["vocabularies"][at]["usage"]
        assert facts["tokens"] == sum(counts.values())
        assert facts["used"] == len(counts)
        assert facts["unseen"] == len([t for t, r in ranks.items() if len(t) > 1 and not counts[r]])
        for row in data["compression"]:
            of_row = [
                total
                for (lang, source), total in sums.items()
                if (row["lang"] == "all" or lang == row["lang"]) and row["source"] in (None, source)
            ]
            expected = [sum(column) for column in zip(*of_row, strict=True)]
            found = [row["documents"], row["text_bytes"], row["characters"]]
            assert [*found, row["vocabularies"][at]["tokens"]] == expected
    assert {row["lang"] for row in data["compression"]} - {"all"} == {lang for lang, _ in sums}


def test_figures_that_others_counted() -> None:
    cl100k = token_facts(Tokenizer.load("cl100k_base"), [], "")
    assert (cl100k["characters"]["straddling"], cl100k["characters"]["fragments"]) == (250, 395)
    assert (cl100k["han"]["tokens"], cl100k["han"]["single"]) == (840, 549)
    assert [row["one_token"] for row in cl100k["numbers"]] == [10, 100, 1000]
    # The sizes that the standards state.
    assert [row["characters"] for row in cl100k["han"]["coverage"]] == [3755, 3008, 5401]
    qwen2 = token_facts(Tokenizer.load("qwen2"), [], "")
    assert (qwen2["characters"]["straddling"], qwen2["characters"]["fragments"]) == (314, 1006)
    assert [row["one_token"] for row in qwen2["numbers"]] == [10, 0, 0]
    llama3 = token_facts(Tokenizer.load("llama3"), [], "")
    assert (llama3["validity"]["rank_invalid"], llama3["validity"]["unreachable"]) == (678, 588)


def test_suspects_and_covered_characters() -> None:
    Path("words.txt").write_text("彩票\n\n公众号\n")
    Path("cover.txt").write_text("的一\n是𠮷\n")
    input = crawl([("渔民", None, "web")])
    data = audit(["o200k_base"], input, "audit", lexicon="words.txt", cover="cover.txt").data
    suspects = data["vocabularies"][0]["suspects"]
    assert suspects["lexicon_words"] == 2
    assert suspects["lexicon_hits"] >= len(suspects["hits"]) > 5
    assert all("彩票" in hit["text"] or "公众号" in hit["text"] for hit in suspects["hits"])
    assert suspects["longest_han"][0]["characters"] >= 10
    covered = data["vocabularies"][0]["han"]["coverage"][-1]
    assert (covered["list"], covered["characters"], covered["one_token"]) == ("--cover", 4, 3)


def test_the_risk_of_rare_tokens() -> None:
    tokens = {word: RANKS[word.encode()] for word in (" the", " river")}
    text = " the" * 90 + " river" * 10
    facts = audit([SMALL], crawl([(text, "en", "web")]), "audit", budget="1k").data
    found = facts["vocabularies"][0]["usage"]
    assert (found["tokens"], found["used"]) == (100, len(tokens))
    assert (found["one_occurrence_means"], found["unseen_at_most"]) == (10, 30)
    # 900 and 100 occurrences are expected of the two.
    assert [step["tokens"] for step in found["expected_below"]] == [2, 2, 2]
    assert found["unseen"] == len(RANKS) - 256 - 2


class Page(html.parser.HTMLParser):
    """Elements, attributes and the figures with their places."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.figures: list[tuple[str, str, str]] = []
        self._open: tuple[str, str] | None = None
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "data":
            given = dict(attrs)
            self._open = (str(given["data-at"]), str(given["value"]))

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._open is not None:
            self.figures.append((*self._open, data))
            self._open = None


def at(data: Any, path: str) -> Any:
    for step in path.split("/"):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


HOSTILE = "<script>alert(1)</script>"


def hostile() -> Tokenizer:
    """A vocabulary with a token that would be a script, valid by construction."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    for word in (HOSTILE, "<img src=x onerror=alert(2)>", "a\u202eb", "\u200b\u200b"):
        data = word.encode()
        for end in range(2, len(data) + 1):
            ranks.setdefault(data[:end], len(ranks))
    return Tokenizer(ranks_text(ranks), CL100K_PATTERN)


def test_the_page_runs_nothing_asks_for_nothing_and_tells_the_truth() -> None:
    hostile().save("<b>evil")
    sources = (HOSTILE, "x", "x\u202ey")
    documents: list[tuple[str, str | None, str]] = [
        (f"{HOSTILE} 渔民", HOSTILE, s) for s in sources
    ]
    done = audit(["<b>evil", SMALL, "cl100k_base"], crawl(documents), "audit")
    text = Path("audit/audit.html").read_text()
    page = Page(text)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "a", "b", "base", "form"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert not page.attributes & {"src", "href", "srcset", "action", "background", "poster"}
    assert "default-src 'none'" in text
    assert "url(" not in text
    assert "@import" not in text
    # It is there, as text.
    assert HOSTILE in "".join(page.text)
    assert "\u202e" not in text
    assert "\\u202e" in "".join(page.text)
    data = json.loads(Path("audit/audit.json").read_text())
    assert data == done.data
    assert len(page.figures) > 100
    for path, value, displayed in page.figures:
        expected = at(data, path)
        assert float(value) == expected, path
        digits = len(displayed.partition(".")[2])
        assert displayed == f"{expected:,.{digits}f}", path


def test_other_files_are_not_mixed_with_the_audit() -> None:
    input = crawl([("渔民", None, "web")])
    audit([SMALL], input, "audit")
    audit([OTHER], input, "audit")
    Path("audit/mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="empty or new folder, found a folder with files"):
        audit([SMALL], input, "audit")


def test_no_text_at_all() -> None:
    with pytest.raises(NothingReadError, match="empty, nothing to read"):
        audit([SMALL], crawl([]), "audit")
    assert not Path("audit/audit.html").exists()


def test_budgets_as_people_write_them() -> None:
    input = crawl([("渔民", None, "web")])
    assert audit([SMALL], input, "audit", budget="1.5T").data["budget"] == 1_500_000_000_000
    with pytest.raises(ConfigError, match="budget: expected a number of tokens such as 300B"):
        audit([SMALL], input, "audit", budget="many")
