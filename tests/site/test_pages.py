"""The built site: whole, asks nothing of other servers, and fits a telephone."""

from __future__ import annotations

import functools
import http.server
import json
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import pytest

from docs.site.build import HAND_WRITTEN, TARGET
from tests.e2e.test_report import browser

PAGES = (
    "index.html",
    "zh.html",
    "guides/filter.html",
    "reference/commands/dedup.html",
    "reference/presets.html",
    "reference/files.html",
    "api/rows.html",
)
LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
"""Tag -> the attribute whose address a browser asks for by itself."""


class Loaded(HTMLParser):
    """What a page asks for by itself, and the words of its head."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADS.get(tag, ""))
        if address:
            self.addresses.append(address)


class Served(http.server.SimpleHTTPRequestHandler):
    """A server that keeps what it is told, and writes no log."""

    told: ClassVar[queue.Queue[bytes]] = queue.Queue()

    def do_POST(self) -> None:
        self.told.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Path:
    assert (TARGET / "index.html").exists(), "hint: `make docs` builds it"
    return TARGET


@pytest.fixture(scope="module")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site behind a server, with a page that opens the others."""
    folder = tmp_path_factory.mktemp("served") / "site"
    shutil.copytree(site, folder)
    shutil.copy(Path(__file__).parent / "open.html", folder)
    handler = functools.partial(Served, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def opened(address: str, query: str, profile: Path) -> list[dict[str, Any]]:
    """What `open.html` saw."""
    command = [
        *(str(browser()), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update"),
        *(
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"{address}/open.html?{query}",
        ),
    ]
    with (profile.parent / "browser.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            found: list[dict[str, Any]] = json.loads(Served.told.get(timeout=60))
        finally:
            running.terminate()
            running.wait(timeout=30)
    for page in found:
        assert page["asked"]
        assert all(name.startswith(f"{address}/") for name in page["asked"])
    return found


def test_no_page_loads_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        addresses = Loaded(page).addresses
        assert addresses
        assert not [a for a in addresses if re.match(r"(https?:)?//", a)], page
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text("utf-8"))


def test_every_page_of_the_repository_is_there(site: Path) -> None:
    for place in HAND_WRITTEN.values():
        assert (site / place).with_suffix(".html").exists(), place


def test_nothing_of_markdown_is_left_over(site: Path) -> None:
    for page in sorted(site.rglob("*.html")):
        text = re.sub(r"(?s)<(pre|code|script)\b.*?</\1>", "", page.read_text("utf-8"))
        assert ":::" not in text, page
        assert "```" not in text, page


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_pages_fit_a_telephone_and_a_desk(address: str, tmp_path: Path) -> None:
    query = "&".join([*(f"page={page}" for page in PAGES), "width=400", "width=1280"])
    seen = opened(address, query, tmp_path / "profile")
    assert len(seen) == 2 * len(PAGES)
    for found in seen:
        assert found["client"] > 0.9 * found["width"]
        assert found["scroll"] <= found["client"], found
        assert found["shown"], found


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_search_finds_an_option_and_a_signal(address: str, tmp_path: Path) -> None:
    for words, page in (
        ("containment", "dedup.html"),
        ("verse_line_share", "signals.html"),
        ("去重", "zh.html"),
    ):
        query = f"page=index.html&width=1280&words={words}"
        (found,) = opened(address, query, tmp_path / words)
        assert any(page in link for link in found["links"]), found
