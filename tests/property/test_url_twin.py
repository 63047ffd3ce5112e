"""What two addresses are compared by, and whole runs with `url_dedup` against the twin."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glmdata.dedup
from glmdata import _native
from glmdata.reference.dedup import Options, decide
from glmdata.reference.url import url_form, url_host
from tests.property.stages import digests, run, run_on
from tests.property.texts import ANY_TEXT, Document, corpus, units

FORMS: list[tuple[str, str | None]] = [
    # One page, many spellings.
    ("http://example.com", "example.com"),
    ("https://example.com", "example.com"),
    ("HTTP://EXAMPLE.COM/", "example.com"),
    ("//example.com/a", "example.com/a"),
    ("http://www.example.com/a", "example.com/a"),
    ("http://www2.example.com/a", "example.com/a"),
    ("http://WWW.example.com./a", "example.com/a"),
    ("http://example.com:80/a", "example.com/a"),
    ("https://example.com:443/a", "example.com/a"),
    ("http://example.com:/a", "example.com/a"),
    ("http://example.com/a/", "example.com/a"),
    ("http://example.com/a//", "example.com/a"),
    ("http://example.com/a#part", "example.com/a"),
    ("http://example.com/a#", "example.com/a"),
    ("http://example.com/a?", "example.com/a"),
    ("http://example.com/a?&", "example.com/a"),
    ("  http://example.com/a\n", "example.com/a"),
    ("http://example.com/a?utm_source=x&utm_medium=y", "example.com/a"),
    ("http://example.com/a?UTM_Campaign=x", "example.com/a"),
    ("http://example.com/a?gclid=1&id=2&fbclid=3", "example.com/a?id=2"),
    ("http://example.com/a?id=2&spm=a2c4e.1&vd_source=9", "example.com/a?id=2"),
    ("http://example.com/a?utm%5Fsource=x", "example.com/a"),
    ("http://example.com/a;jsessionid=0F?b=1", "example.com/a?b=1"),
    ("http://example.com/a?PHPSESSID=77", "example.com/a"),
    ("http://example.com/%7euser/%2Fx", "example.com/~user/%2Fx"),
    ("http://example.com/caf%c3%a9", "example.com/caf%C3%A9"),
    ("http://example.com/café", "example.com/caf%C3%A9"),
    ("https://zh.wikipedia.org/wiki/中国", "zh.wikipedia.org/wiki/%E4%B8%AD%E5%9B%BD"),
    (
        "https://zh.wikipedia.org/wiki/%E4%B8%AD%E5%9B%BD",
        "zh.wikipedia.org/wiki/%E4%B8%AD%E5%9B%BD",
    ),
    ("http://example.com/a b", "example.com/a%20b"),
    # Other pages.
    ("http://example.com/A", "example.com/A"),
    ("http://example.com:8080/a", "example.com:8080/a"),
    ("http://example.com:443/a", "example.com:443/a"),
    ("http://m.example.com/a", "m.example.com/a"),
    ("http://www.com/a", "www.com/a"),
    ("http://wwwexample.com/a", "wwwexample.com/a"),
    ("http://example.com/a?b=1&a=2", "example.com/a?b=1&a=2"),
    ("http://example.com/a?a=2&b=1", "example.com/a?a=2&b=1"),
    ("http://example.com/a?q=utm_source", "example.com/a?q=utm_source"),
    ("http://example.com/a?ref=http://b.org/?x", "example.com/a?ref=http://b.org/?x"),
    ("http://example.com/#!/page/2", "example.com#!/page/2"),
    ("http://example.com/app#/page/2", "example.com/app#/page/2"),
    ("http://user:secret@example.com/a", "user:secret@example.com/a"),
    ("http://[2001:DB8::1]:80/a", "[2001:db8::1]/a"),
    ("http://[2001:db8::1]/a", "[2001:db8::1]/a"),
    ("http://example.com/100%", "example.com/100%"),
    ("FTP://example.com/A", "ftp://example.com/A"),
    ("file:///etc/hosts", "file:///etc/hosts"),
    # No addresses: documents that share these are not one page.
    ("", None),
    ("unknown", None),
    ("N/A", None),
    ("example.com/a", None),
    ("docs/install.md", None),
    ("/a/b", None),
    ("mailto:someone@example.com", None),
    ("about:blank", None),
    ("http://", None),
    ("http:///a", None),
    ("http://?q=1", None),
    ("http://./a", None),
    ("1http://example.com", None),
    ("a b://example.com", None),
    ("page?u=http://example.com", None),
]


@pytest.mark.parametrize(("url", "form"), FORMS, ids=lambda value: repr(value)[:60])
def test_the_table_of_forms(url: str, form: str | None) -> None:
    assert url_form(url) == form
    assert _native.url_form(url) == form


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://me:secret@WWW.Example.com.:8080/a?b#c", "example.com"),
        ("//zh.example.com", "zh.example.com"),
        ("http://www.com", "www.com"),
        ("http://[2001:DB8::1]:80/", "[2001:db8::1]"),
        ("http://渡口.example?a", "%E6%B8%A1%E5%8F%A3.example"),
        ("ftp://example.com/", None),
        ("http:///a", None),
        ("example.com/a", None),
        ("unknown", None),
    ],
)
def test_hosts(url: str, host: str | None) -> None:
    assert url_host(url) == host
    assert _native.url_host(url) == host


def test_the_table_is_long_enough() -> None:
    assert len(FORMS) >= 40


PIECES = re.findall(
    r"\S+",
    "http https ftp :// // www. www1. a.b Host . :80 :443 : / / ? & # ! = @ [ ::1 ] %2 %2f %41 %e4 "
    "utm_x gclid id 1 é 中 ;jsessionid= K ß %",
)
PARTS = st.lists(st.sampled_from([*PIECES, " ", "\t"]), max_size=14).map("".join)


@settings(derandomize=True, deadline=None, max_examples=4_000)
@given(st.one_of(PARTS, PARTS.map(lambda rest: f"http://{rest}"), ANY_TEXT))
def test_forms_are_those_of_the_twin(url: str) -> None:
    assert _native.url_form(url) == url_form(url)
    assert _native.url_host(url) == url_host(url)


HOSTS = ["http://a.com", "https://www.a.com", "http://b.org:80"]


def addressed(seed: int, n: int) -> list[Document]:
    """A corpus in which addresses repeat, under one spelling or another."""
    rng = random.Random(seed)
    documents = corpus(seed, n)
    for document in documents:
        choice = rng.random()
        if choice < 0.6:
            slash, tail = rng.choice(["", "/"]), rng.choice(["", "?utm_x=1", "#top"])
            document["url"] = f"{rng.choice(HOSTS)}/{rng.randrange(n // 2)}{slash}{tail}"
        elif choice < 0.8:
            document["url"] = rng.choice(["unknown", "", None])
    return documents


@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(2**40, 2**64),
    options=st.fixed_dictionaries(
        {
            "variants": st.sampled_from(["remove", "keep"]),
            "cluster": st.sampled_from(["representative", "components"]),
            "scope": st.sampled_from(["global", "lang", "source"]),
            "keep": st.sampled_from(["longest", "first", "newest:date", "best:score"]),
            "source_priority": st.sampled_from([[], ["wiki"], ["book", "code", "web"]]),
        }
    ),
)
def test_runs_decide_as_the_twin(tmp_path: Path, seed: int, options: dict[str, Any]) -> None:
    documents = addressed(seed, 40)
    # Fuzzy_short: of the short texts many are near copies, so that rules meet.
    options = {"fuzzy_short": True, "url_dedup": True, **options}
    stage = run(tmp_path / "run", documents, bands="128x1", **options)
    outcome = decide(documents, Options(**options), list(stage.pairs))
    expected = {i: (removal.rule, removal.kept) for i, removal in outcome.removed.items()}
    assert stage.removed == expected
    assert stage.cluster == outcome.cluster
    assert {kept for _, kept in stage.removed.values()} <= stage.kept
    found = decide(documents, Options(**options))
    # The ledger also holds pairs of documents that leave for their address.
    assert {(p.a, p.b) for p in found.pairs} <= {(p.a, p.b) for p in stage.pairs}


@pytest.mark.parametrize(
    ("target", "mutant"),
    [("url_form", str), ("exact_stage", lambda among, keys, ranks: {i: i for i in among})],
    ids=["form", "stage"],
)
def test_a_planted_mutation_is_seen(
    tmp_path: Path, target: str, mutant: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = addressed(1, 40)
    stage = run(tmp_path / "run", documents, url_dedup=True, fuzzy_short=True)
    options = Options(url_dedup=True, fuzzy_short=True)
    monkeypatch.setattr(f"glmdata.reference.dedup.{target}", mutant)
    outcome = decide(documents, options, list(stage.pairs))
    assert stage.removed != {i: (gone.rule, gone.kept) for i, gone in outcome.removed.items()}


def test_every_rule_meets_url(tmp_path: Path) -> None:
    """The runs above mean something: the document that stays for an address leaves by each rule."""
    through: set[str] = set()
    for seed in range(30):
        documents = addressed(seed, 40)
        stage = run(
            tmp_path / "run", documents, fuzzy_short=True, url_dedup=True, variants="remove"
        )
        forms = [url_form(document.get("url") or "") for document in documents]
        for i, (rule, kept) in stage.removed.items():
            if rule == "url" and forms[i] != forms[kept]:
                rivals = [j for j, form in enumerate(forms) if form == forms[i]]
                through |= {stage.removed[j][0] for j in rivals}
        report = stage.read("report.json")
        assert report["removed_by_rule"]["url"] > 0
        assert report["documents_with_url"] == sum(form is not None for form in forms)
        counts = report["documents"]
        assert counts["in"] == counts["kept"] + counts["removed"] + counts["quarantined"]
    assert through >= {"exact-raw", "exact-normalised", "fuzzy", "url"}


RETHRESHOLDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"threshold": 0.9}),
    ({}, {"keep": "first"}),
    ({}, {"keep": "newest:date"}),
    ({"keep": "first"}, {"source_priority": ["book", "wiki"], "variants": "remove"}),
    ({"scope": "lang"}, {"cluster": "components", "keep": "best:score"}),
]


@pytest.mark.parametrize(("before", "after"), RETHRESHOLDS, ids=str)
def test_rethreshold_writes_the_bytes_of_a_full_run(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Another document may now stay for an address: its pairs must have been measured."""
    before = {"url_dedup": True, "fuzzy_short": True, **before}
    for seed in (3, 4, 5):
        old = run(tmp_path / f"run-{seed}", addressed(seed, 120), **before)
        again = tmp_path / f"again-{seed}"
        glmdata.dedup.rethreshold(old.path, again, **after)
        crawl = tmp_path / f"run-{seed}" / "crawl"
        full = run_on(crawl, tmp_path / f"full-{seed}", **{**before, **after})
        assert digests(again) == digests(full.path)
        assert full.read("report.json")["removed_by_rule"]["url"] > 0


def test_the_keep_policy_says_which_page_stays(tmp_path: Path) -> None:
    rng = random.Random(1)
    dates = ["2021-01-01", "2023-01-01", "2022-01-01"]
    documents = [
        {"id": f"{i}", "text": "".join(units(rng, "en", 90 - 9 * i)), "date": date}
        for i, date in enumerate(dates)
    ]
    urls = ["http://a.com/x", "https://www.a.com/x/", "//A.com/x#y"]
    for document, url in zip(documents, urls, strict=True):
        document["url"] = url
    for keep, kept in [("longest", 0), ("newest:date", 1), ("first", 0)]:
        stage = run(tmp_path / "run", documents, keep=keep, url_dedup=True)
        assert stage.removed == {i: ("url", kept) for i in range(3) if i != kept}
    assert run(tmp_path / "off", documents).kept == {0, 1, 2}
    sources: list[Document] = [{**d, "source": s} for d, s in zip(documents, "abb", strict=True)]
    assert run(tmp_path / "scope", sources, url_dedup=True, scope="source").kept == {0, 1}
