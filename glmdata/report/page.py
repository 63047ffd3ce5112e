"""report.html: one file without network or script, to be read, printed and passed on.

Crawled text is escaped by the template engine; what would be invisible or reorder a line is spelled
out. Figures come from the stage folders; each table names the command that prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from glmdata import _native
from glmdata.config.sizes import show_size
from glmdata.report.collect import Corpus, Stage
from glmdata.report.compare import Hunk, Segment
from glmdata.report.flags import Flag
from glmdata.report.funnel import funnel
from glmdata.report.pictures import pictures
from glmdata.report.samples import Samples
from glmdata.stage.page import plain, render
from glmdata.stage.picture import STYLE

MAX_ROWS = 40
"""Sources or languages of a table; the rest is summed up."""

EXCERPT = 600
"""Characters of a text that has nothing beside it."""

_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")

SHARED = 120
"""Characters of text on each side of what two texts share."""


def page(corpus: Corpus, flags: Sequence[Flag], samples: Samples) -> str:
    """The page."""
    return render(
        "glmdata.report",
        "page.html.jinja",
        corpus=corpus,
        flags=flags,
        samples=samples,
        funnels=[
            (title, funnel(corpus, key))
            for title, key in (("Sources", "by_source"), ("Languages", "by_lang"))
        ],
        moved=sum(sum(stage.report.get("moved", {}).values()) for stage in corpus.cleaning),
        stages={stage.name: stage for stage in corpus.stages},
        rules=list(_rules(corpus)),
        pictures=pictures(corpus),
        picture_style=STYLE,
        runs=[_run(stage) for stage in corpus.stages],
        made=datetime.now(timezone.utc).isoformat(timespec="minutes"),
        version=_native.__version__,
        max_rows=MAX_ROWS,
        size=show_size,
        plain=plain,
        side=side,
        excerpt=excerpt,
        percent=percent,
    )


def lines(text: str) -> str:
    """A text with its line breaks, everything else invisible spelled out."""
    return "\n".join(plain(line.expandtabs(4)) for line in text.splitlines())


def excerpt(text: str) -> str:
    """The beginning of a text, with at most one empty line at a place."""
    begun = _EMPTY_LINES.sub("\n\n", text[: 2 * EXCERPT])[:EXCERPT]
    return lines(begun) + (" …" if len(text) > len(begun) else "")


def side(hunk: Hunk, left: bool) -> list[Segment]:
    """One side of a hunk, with long shared stretches cut in their middle."""
    return [
        (_cut(lines_kept(text)) if shared else lines_kept(text[: 4 * EXCERPT]), shared)
        for text, shared in (hunk.left if left else hunk.right)
    ]


def lines_kept(text: str) -> str:
    """As `lines`, with the break that ends the text."""
    return "\n".join(plain(line.expandtabs(4)) for line in text.split("\n"))


def percent(part: float, whole: float) -> str:
    """A share in percent; a dash where there is nothing to share."""
    return f"{100 * part / whole:.1f}\N{NO-BREAK SPACE}%" if whole else "–"


def _cut(text: str) -> str:
    return text if len(text) <= 2 * SHARED else f"{text[:SHARED]} … {text[-SHARED:]}"


def _rules(corpus: Corpus) -> Iterator[tuple[str, str, int, float]]:
    """Stage, rule, documents, share of the largest."""
    counted = [
        (stage.name, rule, n)
        for stage in corpus.cleaning
        for rule, n in stage.report["removed_by_rule"].items()
        if n
    ]
    most = max((n for _, _, n in counted), default=1)
    for name, rule, n in sorted(counted, key=lambda row: (-row[2], row[1])):
        yield name, rule, n, n / most


def _run(stage: Stage) -> Mapping[str, Any]:
    run = stage.run
    peak = run.get("peak_memory_bytes")
    return {
        "stage": stage.name,
        "seconds": f"{run['seconds']:,.1f} s" if "seconds" in run else "–",
        "peak": show_size(peak) if peak else "–",
        "threads": run.get("threads", "–"),
        "started": run.get("started", "–"),
        "config": stage.manifest.config_sha256[:16],
        "files": len(stage.manifest.files),
        "bytes": show_size(sum(entry["bytes"] for entry in stage.manifest.files)),
    }
