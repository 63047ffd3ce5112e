"""Cards that go with the data: a Hugging Face dataset card, and a Croissant description.

Croissant is the vocabulary of MLCommons for datasets (https://docs.mlcommons.org/croissant, 1.0).
Both say only what the stage folders say; who publishes fills in the licence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from glmdata.config.sizes import show_size
from glmdata.report.collect import Corpus, Stage
from glmdata.report.funnel import funnel

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


def _documents(corpus: Corpus) -> Stage | None:
    """The last stage that wrote documents."""
    for stage in reversed(corpus.cleaning):
        if any(entry["path"].startswith("part-") for entry in stage.manifest.files):
            return stage
    return None


def dataset_card(corpus: Corpus) -> str:
    """README.md: YAML that the hub reads, then tables for people."""
    return "\n".join([*_front_matter(corpus), *_body(corpus)]) + "\n"


def _front_matter(corpus: Corpus) -> Iterator[str]:
    yield "---"
    # Who publishes a corpus knows its licences; a guess would be worse than none.
    yield "license: other"
    languages = funnel(corpus, "by_lang")
    known = [row.name for row in languages.rows] if languages else []
    codes = [name for name in known if _CODE.fullmatch(name) and name != "und"]
    if codes:
        yield "language:"
        # Quoted, all of them: bare, the code of Norwegian is a false to readers of YAML.
        yield from (f"- {json.dumps(code)}" for code in codes)
    yield "task_categories:"
    yield "- text-generation"
    stage = _documents(corpus)
    if stage is not None:
        parts = [e["path"] for e in stage.manifest.files if e["path"].startswith("part-")]
        pattern = f"{stage.name}/part-*{''.join(_suffix(parts[0]))}"
        yield from ("configs:", "- config_name: default", f"  data_files: {json.dumps(pattern)}")
    yield "---"


def _suffix(path: str) -> str:
    return path[path.index(".") :]


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
    for key, title in (("by_source", "Sources"), ("by_lang", "Languages")):
        table = funnel(corpus, key)
        if table is not None:
            yield from ("", f"## {title}", "", "| name | documents | text |", "|---|---:|---:|")
            for row in table.rows:
                size = show_size(row.text_bytes[-1])
                yield f"| {_cell(row.name)} | {row.counts[-1]:,} | {size} |"
    yield from _rules(corpus)


def _rules(corpus: Corpus) -> Iterator[str]:
    yield from ("", "## Removals", "", "| stage | rule | documents |", "|---|---|---:|")
    for stage in corpus.cleaning:
        removed = stage.report["removed_by_rule"]
        for rule, count in sorted(removed.items(), key=lambda item: (-item[1], item[0])):
            if count:
                yield f"| {stage.name} | {rule} | {count:,} |"


def _cell(text: str) -> str:
    """Crawled names in a table of Markdown: nothing in them may end the cell or be a link."""
    kept = "".join(c if c.isprintable() and c not in "|`<>[]()!*_\\" else "?" for c in text)
    return kept or "?"


def croissant(corpus: Corpus) -> dict[str, Any]:
    """croissant.json: files with their hashes, and the fields of documents."""
    stage = _documents(corpus)
    files = [] if stage is None else list(_files(stage))
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CROISSANT,
        "name": "corpus",
        "description": "A cleaned and deduplicated corpus made with glmdata.",
        "version": "1.0.0",
        "distribution": files,
        "recordSet": [] if stage is None or not _columnar(files) else [_records(files)],
    }


def _files(stage: Stage) -> Iterator[dict[str, Any]]:
    for entry in stage.manifest.files:
        if entry["path"].startswith("part-"):
            yield {
                "@type": "cr:FileObject",
                "@id": f"{stage.name}/{entry['path']}",
                "name": f"{stage.name}/{entry['path']}",
                # As seen from the folder of this file.
                "contentUrl": f"../{stage.name}/{entry['path']}",
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
