"""One audit: read the vocabularies, encode the text with all of them, write the two files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import available_threads
from glmdata.errors import ConfigError
from glmdata.stage.atomic import storage_errors, write_bytes, write_json
from glmdata.stage.gates import FailedGate, bad_inputs
from glmdata.stage.listing import refuse_occupied
from glmdata.stage.lock import writing
from glmdata.stage.losses import lost_records
from glmdata.stage.upstream import open_source
from glmdata.tokenizer.audit.config import AuditConfig
from glmdata.tokenizer.audit.tokens import token_facts
from glmdata.tokenizer.audit.usage import compression, usage_facts
from glmdata.tokenizer.tokenizer import Tokenizer

JSON_FILE = "audit.json"
PAGE_FILE = "audit.html"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Audit:
    """The content of audit.json and where the files are."""

    data: Mapping[str, Any]
    output: Path
    failed: Sequence[FailedGate]
    """`max_bad`, if more could not be read than it allows; the files are whole."""


def audit(
    vocabularies: Sequence[str | os.PathLike[str] | Tokenizer],
    input: object,
    output: str | os.PathLike[str],
    *,
    threads: int | None = None,
    progress: _native.Progress | None = None,
    **options: Any,
) -> Audit:
    """Compare vocabularies on a text; writes audit.json and audit.html.

    Parameters
    ----------
    vocabularies
        What `Tokenizer.load` takes, or tokenizers.
    input
        As for `glmdata.dedup.run`; best text that no vocabulary was trained on.
    output
        A folder: new, empty, or that of an earlier audit.
    threads
        None: all cores this process may use. Never changes the result.
    progress
        Counters to watch from another thread.
    **options
        The fields of `AuditConfig`, such as `budget="300B"`.

    Raises
    ------
    ConfigError
        A wrong option, a vocabulary that cannot be loaded, or a folder with other files.
    InputError, StorageError
        As their names say.
    """
    from glmdata.tokenizer.audit.page import page

    config = validated(AuditConfig, options)
    lexicon, cover = _lines(config.lexicon), "".join(_lines(config.cover))
    folder = Path(output)
    refuse_occupied(folder, but={JSON_FILE, PAGE_FILE})
    tokenizers = [
        item if isinstance(item, Tokenizer) else Tokenizer.load(item) for item in vocabularies
    ]
    if not tokenizers:
        raise ConfigError("vocabularies: expected at least one, found none")
    names = _names(vocabularies)
    with TemporaryDirectory() as work:
        paths, _ = open_source(input)[0].prepare(Path(work))
        facts_text, counts = _native.token_usage(
            [tokenizer._native for tokenizer in tokenizers],
            paths,
            config,
            threads=threads or available_threads(),
            progress=progress or _native.Progress(),
        )
    facts = json.loads(facts_text)
    rows = compression(facts["shares"])
    data: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "input": {
            "files": len(facts["inputs"]),
            "documents": rows[0]["documents"] if rows else 0,
            "text_bytes": rows[0]["text_bytes"] if rows else 0,
            "characters": rows[0]["characters"] if rows else 0,
            "quarantined": facts["losses"]["quarantine"],
            "lost_files": facts["losses"]["lost_files"],
            "notes": facts["notes"],
        },
        "budget": config.budget,
        "compression": rows,
        "vocabularies": [
            _vocabulary(name, tokenizer, count, config.budget, lexicon, cover)
            for name, tokenizer, count in zip(names, tokenizers, counts, strict=True)
        ],
    }
    with writing(folder):
        write_json(folder / JSON_FILE, data)
        write_bytes(folder / PAGE_FILE, page(data).encode())
    bad = lost_records(facts["events"])
    documents = bad, data["input"]["documents"] + bad
    return Audit(data, folder, bad_inputs(documents, facts["losses"], config.max_bad))


def _vocabulary(
    name: str,
    tokenizer: Tokenizer,
    counts: bytes,
    budget: int,
    lexicon: Sequence[str],
    cover: str,
) -> dict[str, Any]:
    import numpy as np

    usage = usage_facts(np.frombuffer(counts, np.uint64), tokenizer.token_bytes(), budget)
    return {"name": name, **token_facts(tokenizer, lexicon, cover), "usage": usage}


def _lines(path: str | None) -> list[str]:
    """The lines of a file of UTF-8, each once, without blank ones."""
    if path is None:
        return []
    with storage_errors("read", Path(path)):
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    return sorted({line.strip() for line in lines} - {""})


def _names(vocabularies: Sequence[str | os.PathLike[str] | Tokenizer]) -> list[str]:
    """Short names where they differ: the last part of a path, else all of it."""
    whole = [
        f"tokenizer {item.sha256[:12]}" if isinstance(item, Tokenizer) else os.fspath(item)
        for item in vocabularies
    ]
    short = [Path(name).name or name for name in whole]
    return [
        name if short.count(last) > 1 else last for name, last in zip(whole, short, strict=True)
    ]
