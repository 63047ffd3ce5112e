"""Cards that lie beside documents: a Hugging Face dataset card, and a Croissant description.

By the card, `datasets.load_dataset` and the hub read the documents and none of the other tables.
Croissant is the vocabulary of MLCommons for datasets (https://docs.mlcommons.org/croissant, 1.0).
Both say only what the stage itself says. Who publishes the documents fills in the licence, so no
manifest lists the cards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata.config.sizes import show_size
from glmdata.stage.atomic import write_bytes, write_json

CARD_FILE = "README.md"
CROISSANT_FILE = "croissant.json"

MAX_ROWS = 100
"""Sources or languages of a table; the rest is summed up."""

_CODE = re.compile(r"[A-Za-z]{2,3}")

_CROISSANT = "http://mlcommons.org/croissant/1.0"

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_FORMATS = {
    "arrow": "application/vnd.apache.arrow.file",
    "parquet": "application/vnd.apache.parquet",
    "zst": "application/zstd",
}

_FIELDS = {
    "id": "name of the document, as given or file and row",
    "text": "the document",
    "source": "where it is from",
    "lang": "its language, if the crawl told it",
    "url": "its address, if the crawl told it",
}


Entry = Mapping[str, Any]
"""A file in a manifest."""

Row = tuple[str, int, int]
"""A source or language: its name, documents, bytes of text."""


def write_cards(folder: Path, documents: Sequence[Entry], report: Mapping[str, Any]) -> None:
    """Write README.md and croissant.json of a stage beside its documents."""
    lines = [*front_matter("", documents, _rows(report, "by_lang")), *_body(report)]
    write_bytes(folder / CARD_FILE, ("\n".join(lines) + "\n").encode())
    write_json(folder / CROISSANT_FILE, croissant("", documents, relative=""))


def front_matter(
    prefix: str, documents: Sequence[Entry], languages: Iterable[Row]
) -> Iterator[str]:
    """The head of a card, which the hub reads.

    Parameters
    ----------
    prefix
        The path of the stage from the folder of the card, with `/` at its end.
    documents
        Files with documents.
    languages
        Rows of the corpus by language.
    """
    yield "---"
    # Who publishes a corpus knows its licences; a guess would be worse than none.
    yield "license: other"
    codes = [name for name, _, _ in languages if _CODE.fullmatch(name) and name != "und"]
    if codes:
        yield "language:"
        # Quoted, all of them: bare, the code of Norwegian is a false to readers of YAML.
        yield from (f"- {json.dumps(code)}" for code in codes)
    yield "task_categories:"
    yield "- text-generation"
    if documents:
        path = documents[0]["path"]
        folder, _, name = path.rpartition("/")
        pattern = f"{prefix}{folder}/part-*{name[name.index('.') :]}"
        yield from ("configs:", "- config_name: default", f"  data_files: {json.dumps(pattern)}")
    yield "---"


def table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    """A section of a card: what is kept, by source or language."""
    yield from ("", f"## {title}", "", "| name | documents | text |", "|---|---:|---:|")
    for name, documents, text_bytes in rows[:MAX_ROWS]:
        yield f"| {cell(name)} | {documents:,} | {show_size(text_bytes)} |"
    if rest := rows[MAX_ROWS:]:
        documents = sum(row[1] for row in rest)
        size = show_size(sum(row[2] for row in rest))
        yield f"| {len(rest):,} others | {documents:,} | {size} |"


def cell(text: str) -> str:
    """Crawled names in a table of Markdown: nothing in them may end the cell or be a link."""
    kept = "".join(c if c.isprintable() and c not in "|`<>[]()!*_\\" else "?" for c in text)
    return kept or "?"


def _body(report: Mapping[str, Any]) -> Iterator[str]:
    counts = report["documents"]
    yield from ("", "# Corpus", "")
    yield "The documents in `data/` are what this step of glmdata kept. Each document that it read"
    yield "is kept, removed with a reason, or quarantined with its place."
    yield from ("", "| in | kept | removed | quarantined |", "|---:|---:|---:|---:|")
    names = ("in", "kept", "removed", "quarantined")
    yield f"| {' | '.join(f'{counts.get(name, 0):,}' for name in names)} |"
    for key, title in (("by_source", "Sources"), ("by_lang", "Languages")):
        if rows := _rows(report, key):
            yield from table(title, rows)
    removed = report.get("removed_by_rule", {})
    yield from ("", "## Removals", "", "| rule | documents |", "|---|---:|")
    for rule, count in sorted(removed.items(), key=lambda item: (-item[1], item[0])):
        if count:
            yield f"| {cell(rule)} | {count:,} |"


def _rows(report: Mapping[str, Any], key: str) -> list[Row]:
    """What is kept by source or language, the most text first."""
    found = [
        (name, row["kept"], row.get("text_bytes_kept", 0))
        for name, row in report.get(key, {}).items()
        if row["kept"]
    ]
    return sorted(found, key=lambda row: (-row[2], row[0]))


def croissant(prefix: str, documents: Sequence[Entry], *, relative: str) -> dict[str, Any]:
    """croissant.json: files with their hashes, and the fields of documents.

    Parameters
    ----------
    prefix
        The name of the stage with `/` at its end, or nothing.
    documents
        Files with documents.
    relative
        The path of the folder of that stage from the card, with `/` at its end, or nothing.
    """
    files = list(_files(prefix, documents, relative))
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CROISSANT,
        "name": "corpus",
        "description": "A cleaned and deduplicated corpus made with glmdata.",
        "version": "1.0.0",
        "distribution": files,
        "recordSet": [_records(files)] if files and _columnar(files) else [],
    }


def _files(prefix: str, documents: Iterable[Entry], relative: str) -> Iterator[dict[str, Any]]:
    for entry in documents:
        yield {
            "@type": "cr:FileObject",
            "@id": f"{prefix}{entry['path']}",
            "name": f"{prefix}{entry['path']}",
            "contentUrl": f"{relative}{entry['path']}",
            "contentSize": f"{entry['bytes']} B",
            "encodingFormat": _FORMATS[entry["path"].rsplit(".", 1)[1]],
            "sha256": entry["sha256"],
        }


def _columnar(files: list[dict[str, Any]]) -> bool:
    """Croissant readers know columns of Parquet; of Arrow files they know the hashes only."""
    return all(file["encodingFormat"] == _FORMATS["parquet"] for file in files)


def _records(files: list[dict[str, Any]]) -> Mapping[str, Any]:
    first = files[0]["@id"]
    return {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"documents/{name}",
                "name": f"documents/{name}",
                "description": meaning,
                "dataType": "sc:Text",
                "source": {"fileObject": {"@id": first}, "extract": {"column": name}},
            }
            for name, meaning in _FIELDS.items()
        ],
    }
