"""The pictures of whole workspaces: figures of the stages, and what a browser makes of them."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from glmdata.report import write
from glmdata.report.collect import Stage, collect
from glmdata.report.pictures.copies import course, likeness
from glmdata.report.pictures.measured import Measured, measure
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_report import browser

ATTACK = "<script>alert(1)</script>\u202e\u2066"


def page(number: int, *, changed: int = 0) -> str:
    """A text of forty words, of which the last ones differ from those of the unchanged text."""
    words = [f"word{chr(97 + number % 26)}{chr(97 + place % 26)}{place}" for place in range(80)]
    for place in range(changed):
        words[-1 - place] = f"other{chr(97 + place % 26)}{changed}"
    return " ".join(words)


@pytest.fixture
def workspace(glmdata: Glmdata, crawl: Crawl) -> Path:
    """Near copies of many degrees, and texts that short ones among them fail a rule of length."""
    texts = [page(n, changed=changed) for n in range(12) for changed in (0, n // 2, n, 2 * n)]
    texts += [" ".join(["few", "words", f"x{n}"] * (n // 4 + 1)) for n in range(40)]
    crawl(
        *({"id": f"d{n}", "lang": "en", "text": text} for n, text in enumerate(texts)),
        {"id": "odd", "source": ATTACK, "lang": "en", "text": page(25)},
        "{broken",
    )
    rules = '[[rule]]\nname = "short"\ndrop_when = "n_words < 12 and lang = \'en\'"\n'
    Path("rules.toml").write_text(rules)
    Path("recipe.toml").write_text(
        "[pipeline]\ninput = ['crawl/']\n[dedup]\nmax_bad = 1\n"
        "[filter]\npreset = 'none'\nrules = 'rules.toml'\nmax_bad = 1\n"
    )
    done = glmdata("run", "recipe.toml")
    assert done.code == 0, done.err
    return Path("glmdata-out")


def stage(workspace: Path, name: str) -> Stage:
    found = collect(workspace).get(name)
    assert found is not None
    return found


def figures(text: str) -> dict[str, ElementTree.Element]:
    """The pictures of a page by their ids; each is well formed."""
    found = re.findall(r'<figure class="picture".*?</figure>', text, re.DOTALL)
    elements = [ElementTree.fromstring(figure) for figure in found]
    return {element.get("id", ""): element for element in elements}


def test_figures_are_those_of_the_stages(workspace: Path) -> None:
    dedup, filtered = stage(workspace, "dedup"), stage(workspace, "filter")
    pairs = likeness(dedup)
    assert 0 < pairs.verified == dedup.report["pairs"]["verified"]
    assert int(pairs.counts.sum()) >= pairs.verified
    near = dedup.report["removed_by_rule"]
    assert int(course(dedup).removed[0]) == near["fuzzy"] + near["contained"] > 0
    assert (np.diff(course(dedup).removed) <= 0).all()
    measured = measure(filtered, ["own/short"])["own/short"]
    assert isinstance(measured, Measured)
    assert 0 < measured.now == filtered.report["removed_by_rule"]["own/short"]
    assert measured.hits == filtered.report["hits"]["own/short"]


def test_another_threshold_removes_about_what_was_drawn(workspace: Path, glmdata: Glmdata) -> None:
    dedup = stage(workspace, "dedup")
    drawn = course(dedup)
    for at in (5, 10, 20):
        threshold = f"{drawn.thresholds[at]:.6g}"
        done = glmdata("dedup", "--rethreshold", threshold, "--output", f"again-{at}")
        assert done.code == 0, done.err
        near = json.loads(Path(f"again-{at}/report.json").read_text())["removed_by_rule"]
        removed = near["fuzzy"] + near["contained"]
        assert abs(removed - int(drawn.removed[at])) <= 2, threshold


def test_another_number_removes_what_was_drawn(workspace: Path, glmdata: Glmdata) -> None:
    measured = measure(stage(workspace, "filter"), ["own/short"])["own/short"]
    assert isinstance(measured, Measured)
    text = Path("rules.toml").read_text()
    for at in (1, len(measured.edges) // 2, len(measured.edges) - 1):
        Path("other.toml").write_text(text.replace("< 12", f"< {float(measured.edges[at])!r}"))
        done = glmdata(
            *("filter", "--rescore-from", workspace / "filter", "--preset", "none"),
            *("--rules", "other.toml", "--output", f"other-{at}"),
        )
        assert done.code == 0, done.err
        removed = json.loads(Path(f"other-{at}/report.json").read_text())["removed_by_rule"]
        assert removed["own/short"] == int(measured.removed[at])


def test_pictures_of_the_page(workspace: Path) -> None:
    text = write(workspace).read_text()
    assert ATTACK not in text
    assert "\u202e" not in text
    found = figures(text)
    assert list(found) == [
        *("flow-documents", "flow-bytes", "pairs", "rethreshold", "rule-1", "rule-1-course"),
    ]
    for name, figure in found.items():
        image = figure.find("svg")
        assert image is not None, name
        assert image.get("role") == "img"
        labels = {element.get("id"): element.text for element in image if element.get("id")}
        assert (image.get("aria-labelledby") or "").split() == list(labels)
        assert all(labels.values())
        assert "glmdata " in (figure.findtext("figcaption/code") or "")


@pytest.mark.parametrize("limit", [0, 1_000], ids=["kept", "removed"])
def test_pages_of_one_document(glmdata: Glmdata, crawl: Crawl, limit: int) -> None:
    crawl({"id": "one", "text": page(1)})
    Path("rules.toml").write_text(f'[[rule]]\nname = "all"\ndrop_when = "n_words < {limit}"\n')
    rules = ["--preset", "none", "--rules", "rules.toml"]
    for verb in (["dedup", "--input", "crawl"], ["filter", *rules]):
        done = glmdata(*verb)
        assert done.code == 0, done.err
    found = figures(write("glmdata-out").read_text())
    told = {name for name, figure in found.items() if figure.find("svg") is None}
    assert told == {"pairs", "rethreshold"} | (set() if limit else {"rule-0"})
    for name in told:
        assert "There is no picture: " in "".join(found[name].itertext())


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_a_browser_shows_them_within_the_page(
    workspace: Path, tmp_path: Path, width: int, dark: bool
) -> None:
    whole = write(workspace).resolve().read_text()
    # A frame has the width that a window without a screen cannot be made as narrow as; the page
    # itself allows no script, so the frame's parent measures.
    inner = re.sub(r"<meta http-equiv=[^>]*>", "", whole)
    if dark:
        inner = inner.replace("(prefers-color-scheme: dark)", "all")
    (tmp_path / "inner.html").write_text(inner)
    (tmp_path / "outer.html").write_text(
        f'<iframe id="f" src="inner.html" width="{width}" height="900" style="border:0"></iframe>'
        "<script>onload = () => { const d = document.getElementById('f').contentDocument, "
        "w = d.defaultView, texts = [...d.querySelectorAll('.picture svg text')], "
        "box = e => e.getBoundingClientRect(); document.body.append(JSON.stringify({"
        "scroll: d.documentElement.scrollWidth, client: d.documentElement.clientWidth, "
        "smallest: Math.min(...texts.map(t => parseFloat(w.getComputedStyle(t).fontSize) * "
        "box(t.ownerSVGElement).width / 360)), "
        "outside: texts.filter(t => box(t).left < box(t.ownerSVGElement).left - 1 || "
        "box(t).right > box(t.ownerSVGElement).right + 1).map(t => t.textContent), "
        "colours: [w.getComputedStyle(d.querySelector('.picture rect.kept')).fill, "
        "w.getComputedStyle(d.body).backgroundColor]})); }</script>"
    )
    done = subprocess.run(
        [
            *(str(browser()), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}"),
            *("--disable-background-networking", "--no-first-run", "--window-size=1400,1000"),
            (tmp_path / "outer.html").as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    shown = re.search(r'\{"scroll".*\}(?=</body>)', done.stdout.decode())
    assert shown is not None, done.stdout.decode()[-2000:]
    facts = json.loads(html.unescape(shown[0]))
    # What is left of the frame beside its scroll bar.
    assert width - 20 <= facts["client"] <= width
    assert facts["scroll"] <= facts["client"]
    assert facts["smallest"] >= 11
    assert facts["outside"] == []
    kept, paper = facts["colours"]
    assert kept == ("rgb(86, 180, 233)" if dark else "rgb(0, 114, 178)")
    assert paper == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_on_paper_pictures_are_whole(workspace: Path, tmp_path: Path) -> None:
    text = write(workspace).resolve()
    target = tmp_path / "page.pdf"
    subprocess.run(
        [
            *(str(browser()), "--headless", "--no-sandbox", "--disable-gpu"),
            *(f"--print-to-pdf={target}", f"--user-data-dir={tmp_path / 'profile'}"),
            text.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert target.read_bytes()[:5] == b"%PDF-"
    style = text.read_text()
    assert re.search(r"\.picture \{[^}]*break-inside: avoid", style)
    assert "article { break-inside: avoid" not in style
