"""`glmdata browse`: who may ask, what is shown, and that nothing but labels.jsonl is written."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from glmdata.browse import Server
from glmdata.browse.labels import Labels
from glmdata.browse.search import Found, search
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.filter import calibrate_labelled
from glmdata.report.collect import Corpus
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata, environment
from tests.e2e.test_report import browser

ATTACK = "<script>document.title = 'taken'</script>\u202eturned"
RULES = '[[rule]]\nname = "short"\ndrop_when = "n_chars < 300"\n'


def page(number: int, words: int) -> str:
    return " ".join(f"word{number}x{place}" for place in range(words))


@pytest.fixture
def workspace(glmdata: Glmdata, crawl: Crawl) -> Path:
    """Ten documents of growing length, a copy, a near copy and one that attacks its reader."""
    crawl(
        *(
            {"id": f"d{n}", "source": "odd" if n % 2 else "even", "text": page(n, 10 * (n + 1))}
            for n in range(10)
        ),
        {"id": "copy", "source": "odd", "text": page(9, 100)},
        {"id": "near", "source": "odd", "url": "http://a.example/x", "text": page(8, 90) + " end"},
        {"id": ATTACK, "source": ATTACK, "lang": "en", "text": f"{page(77, 60)} {ATTACK}"},
    )
    Path("rules.toml").write_text(RULES)
    Path("recipe.toml").write_text(
        "[pipeline]\ninput = ['crawl/']\n[dedup]\n[filter]\npreset = 'none'\nrules = 'rules.toml'\n"
    )
    done = glmdata("run", "recipe.toml")
    assert done.code == 0, done.err
    return Path("glmdata-out")


class Client:
    """A browser without a page."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.base = "/" + server.url.split("/")[3]

    def ask(
        self, path: str, *, method: str = "GET", body: str = "", host: str | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        headers = {"Host": host} if host is not None else {}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers

    def get(self, path: str = "/", **asked: str) -> str:
        code, body, _ = self.ask(f"{self.base}{path}?{urlencode(asked)}")
        assert code == 200, body
        return body

    def total(self, **asked: str) -> int:
        found = re.search(r"<h1>([\d,]+) of", self.get(**asked))
        assert found is not None
        return int(found[1].replace(",", ""))

    def keys(self, **asked: str) -> list[str]:
        return re.findall(r"document\?doc=([0-9a-f]{32})", self.get(**asked))

    def mark(self, key: str, verdict: str) -> int:
        form = urlencode({"doc": key, "verdict": verdict})
        return self.ask(f"{self.base}/mark", method="POST", body=form)[0]


@contextmanager
def served(workspace: Path) -> Iterator[Client]:
    server = Server(workspace)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Client(server)
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def client(workspace: Path) -> Iterator[Client]:
    with served(workspace) as client:
        yield client


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_only_who_knows_the_token_is_answered(client: Client) -> None:
    for path in ("/", "/wrong/", f"{client.base}x/", "/..%2f..%2fetc/passwd", "//etc/passwd"):
        assert client.ask(path)[0] == 403, path
    for host in ("evil.example", f"evil.example:{client.server.port}", ""):
        assert client.ask(f"{client.base}/", host=host)[0] == 403, host
    assert client.ask(f"{client.base}/", host="localhost")[0] == 200
    for path in ("/../manifest.json", "/report/report.html", "/document", "/document?doc=zz"):
        assert client.ask(f"{client.base}{path}")[0] == 404, path
    assert client.ask("/mark", method="POST", body="doc=1")[0] == 403
    assert client.server.url.startswith("http://127.0.0.1:")


def test_what_is_counted_is_what_the_reports_say(client: Client, workspace: Path) -> None:
    reports = [json.loads((workspace / s / "report.json").read_text()) for s in ("dedup", "filter")]
    gone = [report["documents"]["removed"] for report in reports]
    kept = reports[1]["documents"]["kept"]
    assert client.total() == reports[0]["documents"]["in"] == 13
    assert client.total(fate="kept") == kept
    assert client.total(fate="removed") == sum(gone)
    assert client.total(stage="dedup") == gone[0] == 2
    assert client.total(stage="filter") == client.total(rule="own/short") == gone[1]
    assert client.total(source="odd", fate="kept") == reports[1]["by_source"]["odd"]["kept"]
    assert client.total(lang="en") >= 1
    assert client.total(id="d") == 10
    assert client.total(id="d3") == 1
    assert client.total(id=client.keys(id="d3")[0]) == 1
    assert client.total(url="a.example") <= 1


def test_scores_and_texts_are_searched(client: Client) -> None:
    short = client.total(signal="n_chars", high="299.5")
    assert short == client.total(rule="own/short")
    assert client.total(signal="n_chars", low="0") == 11, "what dedup removed was not measured"
    assert client.total(text="word7x3") == 1
    assert client.total(text="no such words") == 0
    assert client.ask(f"{client.base}/?signal=n_chars&low=x")[0] == 400
    assert client.ask(f"{client.base}/?page=-1")[0] == 400
    # A range of no signal would be left out without a word.
    assert client.ask(f"{client.base}/?low=1")[0] == 400
    assert client.ask(f"{client.base}/?signal=none&low=1")[0] == 400
    assert "documents" in client.get(page="99")


def test_a_pair_stands_side_by_side(client: Client) -> None:
    bodies = [client.get("/document", doc=key) for key in client.keys(stage="dedup")]
    assert sum("exact-raw" in body for body in bodies) == 1
    (near,) = (body for body in bodies if "fuzzy" in body)
    assert 'class="pair"' in near
    assert re.search(r"<(ins|del)>[^<]*end", near)
    assert re.search(r"Jaccard</dt><dd>0\.9\d+", near)
    assert re.search(r"dedup</dt><dd>.*removed.*fuzzy.*, value 0\.9\d+, threshold 0\.8<", near)
    assert "filter</dt>" not in near, "the filter has not read it"
    (short, *_) = client.keys(rule="own/short")
    shown = client.get("/document", doc=short)
    assert re.search(r"dedup</dt><dd><span class=.kept", shown)
    assert re.search(r"filter</dt><dd>.*own/short.*, value \d+, threshold 300<", shown)


def test_a_fault_is_told_and_a_search_is_made_once(
    client: Client, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def counted(corpus: Corpus, part: str) -> Found:
        made.append(part)
        return search(corpus, part)

    monkeypatch.setattr("glmdata.browse.server.search", counted)
    assert client.total(text="word7x3") == client.total(text="word7x3", page="1") == 1
    assert client.total(text="word7") >= 1
    assert made == ["word7x3", "word7"]
    (key,) = client.keys(id="d9")
    part = workspace / "filter/data/part-000000.arrow"
    part.write_bytes(part.read_bytes()[:-40])
    code, body, _ = client.ask(f"{client.base}/document?doc={key}")
    assert (code, "part-000000.arrow: damaged" in body) == (500, True), body

    def broken(*_: object) -> str:
        raise ValueError("nobody meant this")

    monkeypatch.setattr("glmdata.browse.pages.document", broken)
    code, body, _ = client.ask(f"{client.base}/document?doc={key}")
    assert (code, body[:14]) == (500, "internal error")
    assert client.total() == 13, "the server goes on"


def test_nobody_waits_for_a_search(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(corpus: Corpus, part: str) -> Found:
        begun.set()
        assert may_end.wait(20)
        return search(corpus, part)

    monkeypatch.setattr("glmdata.browse.server.search", slow)
    asking = threading.Thread(target=client.total, kwargs={"text": "word7x3"})
    asking.start()
    try:
        assert begun.wait(20)
        assert client.total() == 13
        assert asking.is_alive()
    finally:
        may_end.set()
        asking.join()


def test_crawled_text_is_text(client: Client) -> None:
    (key,) = client.keys(id=ATTACK)
    for body in (client.get(), client.get("/document", doc=key), client.get(id=ATTACK)):
        assert "<script>document.title" not in body
        # What a form sends back is not shown.
        assert "\u202e" not in re.sub(r'value="[^"]*"', "", body)
    _, _, headers = client.ask(f"{client.base}/")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_rule_says_what_another_number_would_remove(client: Client) -> None:
    assert "<svg" in client.get("/rule", name="own/short")
    lengths = [len(page(n, 10 * (n + 1))) for n in range(8)]
    lengths += [len(page(9, 100)), len(page(77, 60)) + 1 + len(ATTACK), len(page(8, 90) + " end")]
    now = client.total(rule="own/short")
    for at in (-1, 0, 299.5, 300, *(length + d for length in lengths for d in (0, 0.5)), 1e9):
        told = json.loads(client.get("/counts", name="own/short", at=str(at)))
        assert told["removed"] == sum(length < at for length in lengths), at
        assert told["more"] == told["removed"] - now
        assert told["told"].startswith(f"{told['removed']} documents: ")
    high = sorted(lengths)[1]
    link = json.loads(client.get("/counts", name="own/short", at=str(high)))["link"]
    found = re.search(r"<h1>(\d+) of", client.ask(link)[1])
    assert found is not None
    assert int(found[1]) == sum(high <= length <= 300 for length in lengths)
    assert client.ask(f"{client.base}/rule?name=none")[0] == 404
    assert client.ask(f"{client.base}/counts?name=none&at=1")[0] == 404
    for wrong in ("", "x", "nan", "inf"):
        assert client.ask(f"{client.base}/counts?name=own/short&at={wrong}")[0] == 400


def test_marks_are_written_and_nothing_else(client: Client, workspace: Path) -> None:
    before = digests(workspace)
    gone, kept = client.keys(rule="own/short"), client.keys(fate="kept")
    for key in gone[:-1]:
        assert client.mark(key, "right") == 303
    assert client.mark(gone[-1], "wrong") == 303
    for key in kept[:4]:
        assert client.mark(key, "right") == 303
    assert client.mark(kept[0], "none") == 303
    assert client.mark("00" * 16, "right") == 404
    assert client.mark(kept[0], "perhaps") == 400
    after = digests(workspace)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"labels.jsonl"}
    again = Labels(workspace)
    assert again.of(gone[0]) == "remove"
    assert again.of(gone[-1]) == again.of(kept[1]) == "keep"
    assert again.of(kept[0]) is None
    assert len(again) == len(gone) + 3
    assert "label: remove" in client.get(rule="own/short")


def test_calibrate_reads_the_marks(client: Client, workspace: Path, glmdata: Glmdata) -> None:
    for key in client.keys(rule="own/short"):
        client.mark(key, "right")
    with pytest.raises(ConfigError, match="label keep, found none"):
        calibrate_labelled(workspace / "labels.jsonl")
    for key in client.keys(fate="kept"):
        client.mark(key, "right")
    path = workspace / "labels.jsonl"
    fitted = calibrate_labelled(path, preset="gopher")
    assert fitted.quarantined == 0
    assert max(rule.kept for rule in fitted.rules) == client.total(fate="kept")
    assert max(rule.removed for rule in fitted.rules) == client.total(rule="own/short")
    with path.open("a") as file:
        file.write('{"doc": "cut sh')
    assert calibrate_labelled(path, preset="gopher").quarantined == 1
    # A line that a kill cut short does not swallow the next one.
    client.mark(client.keys(fate="kept")[0], "wrong")
    assert json.loads(path.read_text().splitlines()[-1])["label"] == "remove"
    done = glmdata("calibrate", "--labelled", str(path), "--preset", "gopher")
    assert (done.code, "1 labelled documents could not be read" in done.err) == (0, True), done.err
    path.write_text('{"doc": "a", "text": "b", "label": "perhaps"}\n')
    done = glmdata("calibrate", "--labelled", str(path))
    assert (done.code, "labels.jsonl:1: label: expected keep" in done.err) == (2, True)


def test_a_port_that_is_taken_is_named(client: Client, workspace: Path, glmdata: Glmdata) -> None:
    done = glmdata("browse", str(workspace), "--port", str(client.server.port))
    assert (done.code, f"--port: {client.server.port}: " in done.err) == (2, True), done.err
    assert "internal" not in done.err


def test_a_workspace_without_stages_and_one_that_is_damaged(workspace: Path) -> None:
    with pytest.raises(ConfigError, match="expected at least one complete stage"):
        Server(Path("crawl"))
    part = workspace / "filter/decisions/part-000000.arrow"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(CorruptDataError, match="part-000000"):
        Server(workspace)


def test_the_verb_serves_until_it_is_interrupted(workspace: Path) -> None:
    command = [sys.executable, "-m", "glmdata", "browse", str(workspace)]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w-]+/)", line)
        assert found is not None, line
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
        connection.request("GET", found[2])
        assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


FRAME = """<!doctype html><title>waits</title>
<iframe width="{width}" height="900" srcdoc="{page}"></iframe>
<script>document.querySelector("iframe").onload = (event) => {{
  const root = event.target.contentDocument.documentElement;
  document.title = `needs ${{root.scrollWidth}} of ${{root.clientWidth}}`;
}};</script>"""
"""A window of Chromium has a least width, a frame has none."""


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_nothing_is_wider_than_a_phone(client: Client, tmp_path: Path) -> None:
    (key,) = client.keys(id=ATTACK)
    (near, *_) = client.keys(rule="fuzzy")
    shown = {
        "list": client.get(),
        "document": client.get("/document", doc=key),
        "pair": client.get("/document", doc=near),
        "rule": client.get("/rule", name="own/short"),
        # What the check must see: a line that cannot be broken.
        "wide": '<pre style="white-space: pre">' + "x" * 400 + "</pre>",
    }
    for name, body in shown.items():
        for width in (400, 1280):
            frame = tmp_path / f"{name}-{width}.html"
            # A long word that was crawled, wherever text of the crawl stands.
            long = body.replace("taken", "taken" * 80)
            frame.write_text(FRAME.format(width=width, page=escape(long)), encoding="utf-8")
            command = [
                *(str(browser()), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
                *(f"--user-data-dir={tmp_path / 'profile'}", "--no-first-run", frame.as_uri()),
            ]
            done = subprocess.run(command, capture_output=True, timeout=120, check=True)
            told = re.search(r"<title>needs (\d+) of (\d+)<", done.stdout.decode())
            assert told is not None, name
            assert (int(told[1]) > int(told[2])) == (name == "wide"), (name, width, told[0])


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [400, 1280])
def test_pages_run_no_foreign_script(client: Client, tmp_path: Path, width: int) -> None:
    (key,) = client.keys(id=ATTACK)
    base = client.server.url
    for place in ("", f"document?doc={key}", f"rule?name={quote('own/short')}"):
        command = [
            *(str(browser()), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}"),
            *("--no-first-run", f"--window-size={width},900", base + place),
        ]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        shown = done.stdout.decode()
        assert "</html>" in shown
        assert "<title>taken" not in shown
        assert "CONSOLE" not in done.stderr.decode(errors="replace"), place
