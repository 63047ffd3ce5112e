"""Cards of a whole workspace: as those of a stage, with what each stage removed.

Their paths begin at the workspace, for who hands that on with all its ledgers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from glmdata.report.collect import Corpus, Stage
from glmdata.report.funnel import funnel
from glmdata.stage import card


def _documents(corpus: Corpus) -> Stage | None:
    """The last stage that wrote documents."""
    return next((stage for stage in reversed(corpus.cleaning) if stage.manifest.documents), None)


def dataset_card(corpus: Corpus) -> str:
    """README.md: YAML that the hub reads, then tables for people."""
    stage = _documents(corpus)
    prefix = f"{stage.name}/" if stage else ""
    documents = stage.manifest.documents if stage else []
    head = card.front_matter(prefix, documents, _rows(corpus, "by_lang"))
    return "\n".join([*head, *_body(corpus)]) + "\n"


def croissant(corpus: Corpus) -> dict[str, Any]:
    """croissant.json: files with their hashes, and the fields of documents."""
    stage = _documents(corpus)
    if stage is None:
        return card.croissant("", [], relative="")
    name = f"{stage.name}/"
    # As seen from the folder of this file.
    return card.croissant(name, stage.manifest.documents, relative=f"../{name}")


def _rows(corpus: Corpus, key: str) -> Sequence[card.Row]:
    table = funnel(corpus, key)
    return [(row.name, row.counts[-1], row.text_bytes[-1]) for row in table.rows] if table else []


def _body(corpus: Corpus) -> Iterator[str]:
    yield ""
    yield "# Corpus"
    yield ""
    yield "Made with glmdata. Every document that was read is kept, removed with a reason, or"
    yield "quarantined with its place; `removed/` and `quarantine/` of each stage list them."
    yield ""
    yield "| stage | in | kept | removed | quarantined | config |"
    yield "|---|---:|---:|---:|---:|---|"
    for stage in corpus.stages:
        counts = stage.documents
        figures = " | ".join(
            f"{counts[name]:,}" for name in ("in", "kept", "removed", "quarantined")
        )
        yield f"| {stage.name} | {figures} | `{stage.manifest.config_sha256[:16]}` |"
    if corpus.cleaning:
        yield from card.table("Sources", _rows(corpus, "by_source"))
        yield from card.table("Languages", _rows(corpus, "by_lang"))
    yield from _rules(corpus)


def _rules(corpus: Corpus) -> Iterator[str]:
    yield from ("", "## Removals", "", "| stage | rule | documents |", "|---|---|---:|")
    for stage in corpus.cleaning:
        removed = stage.report["removed_by_rule"]
        for rule, count in sorted(removed.items(), key=lambda item: (-item[1], item[0])):
            if count:
                yield f"| {stage.name} | {rule} | {count:,} |"
