"""The server: this machine alone, whoever knows the token, and nothing that a page could run.

A page of another origin can neither read (no token, another Host) nor write: a POST needs the token
in its address, too.
"""

from __future__ import annotations

import json
import math
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from glmdata.browse import pages
from glmdata.browse.labels import Labels
from glmdata.browse.search import Found, search
from glmdata.browse.table import Query, Table
from glmdata.errors import ConfigError, GlmdataError
from glmdata.report.collect import collect

HOST = "127.0.0.1"
MAX_BODY = 10_000
MAX_SEARCHES = 8

_LONGEST = 1_000
"""Characters of a value that a form sends."""


class Server:
    """A server of one workspace; it answers while `run` runs.

    Parameters
    ----------
    workspace
        The folder of all stages.
    port
        0: a free one.

    Raises
    ------
    ConfigError
        There is no dedup or filter stage, or the port is taken.
    CorruptDataError, StorageError
        A stage is damaged, or cannot be read.
    """

    def __init__(self, workspace: Path, port: int = 0) -> None:
        table, labels = Table(collect(workspace)), Labels(workspace)
        token = secrets.token_urlsafe(18)

        class Bound(_Handler):
            pass

        Bound.table, Bound.labels, Bound.base = table, labels, f"/{token}"
        Bound.searches = OrderedDict()
        try:
            self._http = ThreadingHTTPServer((HOST, port), Bound)
        except OSError as error:
            raise ConfigError(
                f"--port: {port}: {error.strerror}", hint="leave --port out, and one is chosen"
            ) from None
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self.url = f"http://{HOST}:{self.port}/{token}/"

    def run(self) -> None:
        """Answer until `stop` is called or the process is interrupted."""
        try:
            self._http.serve_forever(poll_interval=0.2)
        finally:
            self._http.server_close()

    def stop(self) -> None:
        """End `run`, from another thread."""
        self._http.shutdown()


class _RefusedError(Exception):
    """An answer that is no page."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Handler(BaseHTTPRequestHandler):
    table: Table
    labels: Labels
    base: str
    server_version = "glmdata"
    sys_version = ""
    timeout = 30
    searches: OrderedDict[str, Found]

    def do_GET(self) -> None:
        self._answer(self._page)

    def do_POST(self) -> None:
        self._answer(self._mark)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses hold the token."""

    def _answer(self, make: Any) -> None:
        self.nonce = secrets.token_urlsafe(12)
        try:
            place = self._place()
            code, body, to = make(place)
        except _RefusedError as refused:
            code, body, to = refused.code, f"{refused}\n", ""
        except GlmdataError as error:
            code, body, to = 500, f"{error}\n", ""
        except Exception:
            # The traceback goes to the terminal; whoever asked must not wait for an answer.
            self._send(500, "internal error: the terminal of `glmdata browse` says more\n", "")
            raise
        self._send(code, body, to)

    def _send(self, code: int, body: str, to: str) -> None:
        content = body.encode("utf-8", "backslashreplace")
        self.send_response(code)
        kinds = {"<": "text/html", "{": "application/json"}
        kind = kinds.get(body[:1], "text/plain") if code == 200 else "text/plain"
        policy = (
            f"default-src 'none'; style-src 'nonce-{self.nonce}'; script-src 'nonce-{self.nonce}'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            *([("Location", to)] if to else []),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _place(self) -> str:
        """The path below the token."""
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host not in (HOST, "localhost"):
            raise _RefusedError(403, "this page is served to this machine alone")
        path = urlsplit(self.path).path
        given, _, rest = path[1:].partition("/")
        if not secrets.compare_digest(given.encode(), self.base[1:].encode()):
            raise _RefusedError(
                403, "the address lacks the token that `glmdata browse` has printed"
            )
        return f"/{rest}"

    def _shown(self) -> pages.Shown:
        return pages.Shown(self.table, self.labels, self.base, self.nonce)

    def _page(self, place: str) -> tuple[int, str, str]:
        asked = _asked(urlsplit(self.path).query)
        if place == "/":
            try:
                query, number = query_of(asked), int(asked.get("page") or 0)
            except ValueError as error:
                raise _RefusedError(400, f"expected numbers: {error}") from None
            if not 0 <= number < 2**31:
                raise _RefusedError(400, "page: expected a number from 0 to 2147483647")
            ranged = query.low is not None or query.high is not None
            if ranged and query.signal not in self.table.signals:
                raise _RefusedError(400, "from, to: expected a signal of the filter beside them")
            found = self._found(asked["text"]) if asked.get("text") else None
            if found:
                query = Query(**{**query.__dict__, "docs": found.docs})
            return 200, pages.listing(self._shown(), query, asked, found), ""
        if place == "/document":
            return 200, pages.document(self._shown(), self._row(asked)), ""
        if place == "/rule":
            name = asked.get("name", "")
            if name not in dict(pages.rules(self.table)):
                raise _RefusedError(404, "no rule of this name removes documents in the filter")
            return 200, pages.threshold(self._shown(), name), ""
        if place == "/counts":
            return 200, self._counts(asked), ""
        raise _RefusedError(404, "no such page")

    def _found(self, part: str) -> Found:
        # Further pages of a search do not search again.
        found = self.searches.get(part) or search(self.table.corpus, part)
        self.searches[part] = found
        while len(self.searches) > MAX_SEARCHES:
            self.searches.popitem(last=False)
        return found

    def _counts(self, asked: Mapping[str, str]) -> str:
        if asked.get("name", "") not in dict(pages.rules(self.table)):
            raise _RefusedError(404, "no rule of this name removes documents in the filter")
        try:
            at = float(asked.get("at", ""))
        except ValueError:
            at = math.nan
        if not math.isfinite(at):
            raise _RefusedError(400, "at: expected a number")
        try:
            return json.dumps(pages.counts(self._shown(), asked["name"], at))
        except ConfigError as error:
            raise _RefusedError(400, str(error)) from None

    def _mark(self, place: str) -> tuple[int, str, str]:
        if place != "/mark":
            raise _RefusedError(404, "no such page")
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > MAX_BODY:
            raise _RefusedError(400, "expected a short form")
        asked = _asked(self.rfile.read(int(length)).decode("utf-8", "replace"))
        row = self._row(asked)
        if asked.get("verdict") not in ("right", "wrong", "none"):
            raise _RefusedError(400, "verdict: expected right, wrong or none")
        self.labels.add(pages.label_of(self._shown(), row, asked["verdict"]))
        return 303, "", f"{self.base}/document?doc={quote(row['doc'].hex())}"

    def _row(self, asked: Mapping[str, str]) -> dict[str, Any]:
        try:
            doc = bytes.fromhex(asked.get("doc", ""))
        except ValueError:
            doc = b""
        row = self.table.find(doc)
        if row is None:
            raise _RefusedError(404, "no document has this key")
        return row


def _asked(form: str) -> dict[str, str]:
    return {key: value[:_LONGEST] for key, value in parse_qsl(form, max_num_fields=50)}


def query_of(asked: Mapping[str, str]) -> Query:
    """A query, of what a form has sent.

    Raises
    ------
    ValueError
        A limit is no number.
    """
    given: dict[str, Any] = {
        field.name: asked[field.name]
        for field in fields(Query)
        if field.name in asked and field.name not in ("low", "high", "docs")
    }
    for name in ("low", "high"):
        if asked.get(name):
            given[name] = float(asked[name])
    return Query(**given)
