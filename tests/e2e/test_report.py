"""The page of a workspace: its figures are true, crawled text stays text, nothing is fetched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from glmdata.report import write
from glmdata.stage.hashing import file_sha256
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata
from tests.e2e.test_filter import EN, ZH
from tests.sealed import reseal

ATTACK = (
    '<script>document.title = "taken"</script><img src="http://localhost:9/x.png" onerror="x()">'
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def workspace(glmdata: Glmdata, crawl: Crawl) -> Path:
    """A workspace of two stages over pages some of which attack whoever reads the report."""
    longer = f"{EN} {ATTACK} They went home when the lamps were lit along the harbour wall."
    crawl(
        {"id": ATTACK, "lang": "en", "text": longer},
        {"id": "near", "lang": "en", "text": longer + " Two of them sang."},
        {"id": "zh", "lang": "zh", "text": ZH},
        {"id": "zh-copy", "lang": "zh", "text": ZH},
        {"id": "short", "lang": "en", "text": f"Short. {ATTACK} \u202ereversed"},
        "{broken",
    )
    Path("recipe.toml").write_text("[pipeline]\ninput = ['crawl/']\n[dedup]\n[filter]\n")
    done = glmdata("run", "recipe.toml")
    assert done.code == 0, done.err
    return Path("glmdata-out")


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_totals_are_those_of_the_stages(glmdata: Glmdata, workspace: Path) -> None:
    done = glmdata("report")
    assert (done.code, done.out) == (0, "glmdata-out/report/report.html\n")
    page = Page(workspace / "report/report.html")
    dedup = json.loads((workspace / "dedup/report.json").read_text())["documents"]
    kept = json.loads((workspace / "filter/report.json").read_text())["documents"]["kept"]
    assert f"{dedup['in']}documents read" in page.text
    assert f"{kept}kept," in page.text
    assert "in = kept + removed + quarantined in dedup, filter" in page.text
    assert "1 of 6 records (16.667%): 1 broken_json" in page.text


def test_removed_documents_stand_beside_kept_ones(workspace: Path) -> None:
    text = write(workspace).read_text()
    assert "dedup: fuzzy" in text
    marked = re.findall(r"<(?:del|ins)>(.*?)</(?:del|ins)>", text)
    assert any("Two of them sang" in piece for piece in marked)
    assert "\\u202e" in text
    assert "\u202e" not in text


def test_what_was_crawled_stays_text(workspace: Path) -> None:
    page = Page(write(workspace))
    assert ATTACK in page.text
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "iframe", "link", "object"}
    assert not [a for _, a in page.tags if "src" in a]
    links = [a["href"] or "" for _, a in page.tags if "href" in a]
    ids = {a.get("id") for _, a in page.tags}
    assert links
    assert all(link[:1] == "#" and link[1:] in ids for link in links)


def test_a_changed_sum_raises_a_flag(workspace: Path) -> None:
    path = workspace / "filter/report.json"
    report = json.loads(path.read_text())
    report["documents"]["kept"] -= 1
    # Same length, so that the stage still counts as complete.
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False))
    manifest = workspace / "filter/manifest.json"
    stated = json.loads(manifest.read_text())
    for entry in stated["files"]:
        if entry["path"] == "report.json":
            entry["bytes"] = path.stat().st_size
            entry["sha256"] = file_sha256(path)
    reseal(manifest, stated)
    assert "in, " in Page(write(workspace)).text
    assert "accounted for" in Page(write(workspace)).text
    assert ">look</span><strong>Is every document accounted for?" in write(workspace).read_text()


def test_the_same_documents_are_drawn_each_time(workspace: Path) -> None:
    first = write(workspace, "one").read_text()
    second = write(workspace, "two").read_text()

    def without_time(text: str) -> str:
        return re.sub(r"Made \S+ by", "Made by", text)

    assert without_time(first) == without_time(second)


def test_cards_say_what_the_stages_say(workspace: Path) -> None:
    write(workspace)
    card = (workspace / "report/README.md").read_text()
    assert card.startswith("---\nlicense: other\nlanguage:\n- ")
    assert '  data_files: "filter/data/part-*.arrow"' in card
    assert "| dedup | 6 | " in card
    croissant = json.loads((workspace / "report/croissant.json").read_text())
    manifest = json.loads((workspace / "filter/manifest.json").read_text())
    hashes = {e["sha256"] for e in manifest["files"] if e["path"].startswith("data/")}
    assert {file["sha256"] for file in croissant["distribution"]} == hashes
    for file in croissant["distribution"]:
        assert (workspace / "report" / file["contentUrl"]).resolve().exists()


def test_an_empty_workspace_is_told(glmdata: Glmdata, clean_place: Path) -> None:
    done = glmdata("report")
    assert done.code == 2
    assert "expected at least one complete stage, found none" in done.err


def browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_a_browser_runs_nothing_and_asks_for_nothing(workspace: Path, tmp_path: Path) -> None:
    page = write(workspace).resolve()
    log = tmp_path / "net.json"
    command = [
        *(str(browser()), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
        *("--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}"),
        *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
        *(f"--log-net-log={log}", page.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    shown = done.stdout.decode()
    assert "<title>Corpus report: " in shown
    assert "&lt;script&gt;document.title" in shown
    assert "CONSOLE" not in done.stderr.decode(errors="replace")
    assert "localhost:9" not in log.read_text(errors="replace")
