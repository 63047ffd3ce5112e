"""Pictures: numbers are those of the stages, names stay text, what cannot be drawn says why."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata.report.collect import Corpus, Stage
from glmdata.report.pictures.copies import copies
from glmdata.report.pictures.flow import flow
from glmdata.report.pictures.measured import Measured, measure
from glmdata.report.pictures.mixture import mixture
from glmdata.report.pictures.signals import signals
from glmdata.stage.picture import Drawing, Picture, Plot, cut, short
from glmdata.tokenizer.audit.pictures import pictures as audit_pictures

ATTACK = "<script>alert(1)</script>\u202e\u2066 & 'x' \""


def stage(name: str, report: dict[str, Any], folder: Path = Path("out")) -> Stage:
    """A stage as far as pictures know one."""
    manifest: Any = SimpleNamespace(
        config={"kind": [], "variants": "keep", "containment": 0.85, "cluster": "representative"}
    )
    return Stage(name, folder / name, manifest, report, {})


def corpus(*stages: Stage) -> Corpus:
    return Corpus(Path("out"), stages)


def parsed(picture: Picture) -> ElementTree.Element:
    """The element: well formed, and nothing in it asks for anything."""
    text = picture.__html__()
    # The one entity that browsers know and XML does not is not used.
    root = ElementTree.fromstring(text)
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        *("figure", "h3", "svg", "title", "desc", "text", "rect", "path", "circle"),
        *("figcaption", "code"),
    }
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"href", "src", "style", "xlink:href"}
    assert "url(" not in text
    assert "nan" not in re.sub(r">[^<]*<", "", text)
    assert not set("\u202e\u2066") & set(text)
    return root


def counts(picture: Picture, tag: str, look: str) -> list[float]:
    shapes = parsed(picture).iter(tag)
    return [
        float(shape.get("data-count", ""))
        for shape in shapes
        if shape.get("class") == look and shape.get("data-count")
    ]


def cleaning(name: str, came: int, removed: dict[str, int], quarantined: int = 0) -> Stage:
    gone = sum(removed.values())
    kept = came - gone - quarantined
    text = {"in": 100 * came, "kept": 90 * kept, "removed": 100 * (came - kept), "cut": 10 * kept}
    report = {
        "documents": {"in": came, "kept": kept, "removed": gone, "quarantined": quarantined},
        "text_bytes": text,
        "removed_by_rule": removed,
    }
    return stage(name, report)


def test_widths_of_the_flow_are_documents() -> None:
    rules = {f"rule-{n}": n for n in range(12)}
    dedup, filtered = (
        cleaning("dedup", 1000, {"fuzzy": 300, ATTACK: 5}, 7),
        cleaning("filter", 688, rules),
    )
    documents, text = flow(corpus(dedup, filtered))
    branches = [
        (float(path.get("data-count", "")), path.get("d") or "")
        for path in parsed(documents).iter("path")
        if path.get("class") == "gone"
    ]
    assert [count for count, _ in branches][:3] == [300, 5, 7]
    assert sum(count for count, _ in branches) == 312 + sum(rules.values())
    scale = 130 / 1000
    for count, shape in branches:
        # A branch ends between the height where it turned and the one that V names.
        begin, end = re.findall(r"([\d.]+)V([\d.]+)", shape)[0]
        assert float(end) - float(begin) == pytest.approx(count * scale, abs=0.02)
        right, left = (
            re.findall(r"M([\d.]+),", shape)[0],
            re.findall(r" ([\d.]+),[\d.]+Z", shape)[0],
        )
        assert float(right) - float(left) == pytest.approx(count * scale, abs=0.02)
    assert counts(documents, "rect", "kept") == [688, 622, 622]
    assert counts(text, "rect", "kept")[-1] == 90 * 622
    assert "6 other rules" in documents.__html__()
    assert "<script>" not in documents.__html__()


def test_a_flow_of_nothing_says_so() -> None:
    assert "nothing was read" in flow(corpus(cleaning("dedup", 0, {})))[0].caption
    assert "no stage that removes" in flow(corpus(stage("tokenizer", {})))[0].caption
    for picture in flow(corpus(cleaning("dedup", 1, {}))):
        assert counts(picture, "path", "gone") == ([] if "doc" in picture.name else [10])


def scores(
    folder: Path, rows: list[tuple[float | None, int]], rules: dict[str, str], hits: bool = True
) -> Stage:
    """A filter stage of one signal and a whole number, decided by the rules one after another."""
    lengths = ["zh" if row % 3 else "en" for row in range(len(rows))]
    frame = pl.DataFrame(
        {
            "doc": [row.to_bytes(16, "little") for row in range(len(rows))],
            "source": ["web"] * len(rows),
            "lang": lengths,
            "upper_share": [value for value, _ in rows],
            "n_words": [number for _, number in rows],
        },
        schema_overrides={"upper_share": pl.Float64, "n_words": pl.UInt64},
    )
    asked = frame.with_columns(pl.lit("web").alias("kind"))
    true = {
        name: asked.select(pl.sql_expr(condition).fill_null(False)).to_series().to_list()
        for name, condition in rules.items()
    }
    first = [next((name for name in rules if true[name][row]), None) for row in range(len(rows))]
    for name, content in (("scores", frame), ("decisions", frame.select("doc"))):
        path = folder / "filter" / name / "part-000000.arrow"
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "decisions":
            content = content.with_columns(pl.Series("rule", first, dtype=pl.String))
        content.write_ipc(path)
    report = {
        "rules": rules,
        "removed_by_rule": {name: first.count(name) for name in rules},
        "hits": {name: sum(true[name]) + (not hits) for name in rules},
    }
    return stage("filter", report, folder)


values = st.one_of(
    st.none(),
    st.sampled_from([0.0, 0.25, 0.5, 1.0, -3.0, math.nan, math.inf, -math.inf]),
    st.floats(-2, 2),
)
rows = st.lists(st.tuples(values, st.integers(0, 12)), min_size=1, max_size=40)
SIGNS = ("<", "<=", ">", ">=")


@settings(deadline=None, max_examples=60)
@given(rows, st.sampled_from(SIGNS), st.sampled_from([0.0, 0.25, 0.5, 1e-13]), st.booleans())
def test_a_curve_is_what_the_rule_would_remove(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float | None, int]],
    sign: str,
    number: float,
    either: bool,
) -> None:
    folder = tmp_path_factory.mktemp("scores")

    def condition(threshold: float) -> str:
        joint = "or n_words > 10" if either else "and n_words < 9"
        return f"(lang = 'zh') and (upper_share {sign} {threshold!r} {joint})"

    rules = {"first": "n_words = 3", "own": condition(number)}
    found = measure(scores(folder, rows, rules), ["own"])["own"]
    assert isinstance(found, Measured), found
    assert int(found.counts.sum()) + found.not_numbers + found.otherwise <= len(rows)
    for edge, removed in zip(found.edges, found.removed, strict=True):
        other = scores(folder, rows, {**rules, "own": condition(float(edge))})
        assert removed == other.report["removed_by_rule"]["own"], (edge, sign)


def test_a_sum_of_signals_and_a_part_in_front_are_understood(tmp_path: Path) -> None:
    rules = {"own": "(upper_share < 0.7) and (n_words + n_words < 8 and upper_share > 0)"}
    made = scores(tmp_path, [(0.5, 2), (0.5, 3), (0.5, 4), (0.9, 1)], rules)
    found = measure(made, ["own"])["own"]
    assert isinstance(found, Measured)
    assert (found.atom.signal, found.atom.number, found.now) == ("n_words + n_words", 8, 2)
    histogram, course = signals(corpus(made))
    assert sum(counts(histogram, "rect", "gone")) == made.report["hits"]["own"] == 2
    assert sum(counts(histogram, "rect", "kept")) == 1
    assert "goes if &lt; 8: 2" in histogram.__html__()
    assert "now &lt; 8: 2" in course.__html__()


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("lang = 'zh'", "compares no signal with a number"),
        ("not (upper_share < 0.5)", "its comparison is not true"),
        ("'a < 1' <> lang and n_words = 2", "compares no signal with a number"),
        ("n_words < 5 and p_gone > 0.5", "polars cannot read the rule"),
    ],
)
def test_a_rule_that_cannot_be_drawn_says_why(tmp_path: Path, condition: str, why: str) -> None:
    rules = {"own": condition.replace(" and p_gone > 0.5", "")}
    made = scores(tmp_path, [(0.5, 2), (0.1, 9)], rules)
    made.report["rules"]["own"] = condition
    (picture,) = signals(corpus(made))
    assert picture.drawing is None
    assert why in picture.caption
    parsed(picture)


def test_scores_that_do_not_fit_the_report_are_not_drawn(tmp_path: Path) -> None:
    made = scores(tmp_path, [(0.5, 2)], {"own": "n_words < 5"}, hits=False)
    assert "other counts" in signals(corpus(made))[0].caption
    made = scores(tmp_path, [(0.5, 2)], {"own": "n_words < 5"})
    path = tmp_path / "filter/decisions/part-000000.arrow"
    pl.DataFrame({"doc": [b"x" * 16], "rule": ["own"]}).write_ipc(path)
    assert "of other documents" in signals(corpus(made))[0].caption
    path.unlink()
    assert "of other documents" in signals(corpus(made))[0].caption
    (tmp_path / "filter/scores/part-000000.arrow").unlink()
    assert "has no scores" in signals(corpus(made))[0].caption
    none = scores(tmp_path, [(0.5, 9)], {"own": "n_words < 5"})
    assert "no rule of the filter removed" in signals(corpus(none))[0].caption
    assert signals(corpus(cleaning("dedup", 1, {}))) == []


def mixed(groups: list[tuple[str, int, int]]) -> Stage:
    by_source = [
        {"source": name, "documents": 2, "tokens": tokens, "realised": realised, "longest": tokens}
        for name, tokens, realised in groups
    ]
    return stage("mix", {"by_source": by_source, "by_shape": [{"row_length": 4096}]})


def test_ten_thousand_sources_are_ten_and_the_rest() -> None:
    groups = [(f"{ATTACK}{n}" if n else "", 100 + n, n) for n in range(10_000)]
    shares, lengths = mixture(corpus(mixed(groups)))
    assert "9,990 smaller sources" in shares.__html__()
    assert len(shares.__html__()) + len(lengths.__html__()) < 40_000
    assert sum(counts(shares, "rect", "kept")) == sum(tokens for _, tokens, _ in groups)
    assert sum(counts(shares, "rect", "third")) == sum(realised for _, _, realised in groups)
    assert "<script>" not in shares.__html__()
    parsed(lengths)


def test_mixtures_of_nothing_and_of_one_document() -> None:
    assert mixture(corpus(cleaning("dedup", 1, {}))) == []
    (empty,) = mixture(corpus(mixed([("web", 0, 0)])))
    assert "the token store is empty" in empty.caption
    for picture in mixture(corpus(mixed([("web", 1, 0)]))):
        parsed(picture)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "no pairs.arrow"),
        ({"removed_by_rule": {"exact-raw": 2}}, "no ledger of pairs"),
    ],
)
def test_deduplication_without_a_ledger_says_so(change: dict[str, Any], why: str) -> None:
    report = {"removed_by_rule": {"fuzzy": 1}, "threshold": 0.8, **change}
    pictures = copies(corpus(stage("dedup", report)))
    assert any(why in picture.caption for picture in pictures)
    assert [picture.drawing for picture in pictures] == [None, None]


def audited(vocabularies: int, languages: int) -> dict[str, Any]:
    cells = [{"bytes_per_token": 1.5 + n} for n in range(vocabularies)]
    row = {"source": None, "vocabularies": cells}
    named = [{**row, "lang": ATTACK + str(n)} for n in range(languages)]
    part = {**row, "lang": "zh", "source": "web"}
    return {
        "vocabularies": [
            {"name": f"{ATTACK}{n}", "longest": [{"script": "han", "tokens": 10 + n}]}
            for n in range(vocabularies)
        ],
        "compression": [{**row, "lang": "all"}, *named, part] if languages else [],
    }


def test_pictures_of_an_audit() -> None:
    compression, scripts = audit_pictures(audited(2, 40))
    assert len(counts(compression, "rect", "kept")) == 11
    assert counts(compression, "rect", "gone") == [2.5] * 11
    assert "30 smaller languages" in compression.caption
    assert counts(scripts, "rect", "kept") + counts(scripts, "rect", "gone") == [10, 11]
    nothing, scripts = audit_pictures(audited(9, 0))
    assert "no document" in nothing.caption
    assert "3 more vocabularies" in scripts.caption
    parsed(scripts)


def test_names_are_cut_by_their_width() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
    assert cut("渔民在河口", 5) == "渔民…"
    assert cut("a\u202eb", 20) == "a\\u202eb"
    assert len(cut("x" * 10**6, 30)) == 30
    assert [short(n) for n in (0, 999, 1500, 15_000, 2_000_000)] == [
        "0",
        "999",
        "1,500",
        "15k",
        "2M",
    ]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 10**12))
def test_scales_stay_on_the_paper(value: float, most: int) -> None:
    for logarithmic in (False, True):
        plot = Plot(Drawing("d"), 0.0, 1.0, most, logarithmic=logarithmic)
        plot.axes([0.0, 1.0], "what")
        assert plot.left <= plot.x(value) <= plot.right
        assert plot.top - 1e-6 <= plot.y(most) <= plot.y(0) == plot.foot
