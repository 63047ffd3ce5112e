"""Train into a stage folder: count and learn in the compiled module, write, declare complete.

Nothing but start.json is there before everything is learned, so a killed run starts again from the
text; the files appear whole, manifest.json last.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.config.limits import StageLimits, available_threads
from glmdata.config.sources import validated
from glmdata.config.workspace import find_workspace
from glmdata.stage.atomic import storage_errors, write_bytes, write_json
from glmdata.stage.folder import Action, StageFolder
from glmdata.stage.inputs import source_of
from glmdata.stage.listing import listing_sha256, refuse_output_inside
from glmdata.stage.lock import locked
from glmdata.stage.manifest import (
    MANIFEST_FILE,
    REPORT_FILE,
    RUN_FILE,
    Manifest,
    file_entry,
)
from glmdata.stage.record import host_facts, peak_memory
from glmdata.stage.upstream import upstream
from glmdata.tokenizer.config import TokenizerConfig
from glmdata.tokenizer.export import save
from glmdata.tokenizer.patterns import CL100K_PATTERN, SINGLE_DIGIT_PATTERN
from glmdata.tokenizer.report import TokenizerReport
from glmdata.tokenizer.specials import GLM4_RANKS, glm4_specials
from glmdata.tokenizer.tables import parquet, tokens_table, vetoes_table
from glmdata.tokenizer.tokenizer import Tokenizer

STAGE = "tokenizer"
UPSTREAM = ("filter", "dedup")
"""The stages whose documents are read when no input is named, the furthest first."""


def train(
    input: object = None,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Any,
) -> TokenizerReport:
    """Learn a vocabulary and write it into a stage folder, for `Tokenizer.load`.

    Parameters
    ----------
    input
        As for `glmdata.dedup.run`; None: what `filter` kept in the workspace, else `dedup`.
    output
        The stage folder; None: `tokenizer` in the workspace.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    threads
        None: all cores this process may use. Never changes the result.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `TokenizerConfig`, such as `vocab_size=60_000`.

    Raises
    ------
    ConfigError
        A wrong option, nothing to read, or the folder holds another run and `fresh` is not set.
    InputError, StorageError
        As their names say.

    Examples
    --------
    >>> report = glmdata.tokenizer.train("crawl/", vocab_size=120_000)
    >>> report.ranks, report.glm4_id_compatible
    (120000, False)
    """
    config = validated(TokenizerConfig, options)
    limits = validated(StageLimits, {"threads": threads})
    space = find_workspace(workspace)
    source, parents = (source_of(input), []) if input is not None else upstream(space, UPSTREAM)
    path = Path(output) if output is not None else space.stage(STAGE)
    refuse_output_inside(source.paths, path)
    folder = StageFolder(path, STAGE)
    folder.refuse_foreign()
    lexicon = _lexicon(config)
    # What the lexicon says decides, not where it lies.
    said = hashlib.sha256("\n".join(lexicon).encode()).hexdigest() if lexicon else None
    values = {**config.model_dump(), "lexicon": said}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    folder.make()
    with locked(path):
        if fresh or folder.half_cleared():
            folder.clear()
        try:
            paths, listing = source.prepare(folder.work)
            listed = listing_sha256(listing)
            action = folder.decide(values, digest, listing, listed)
            if action is Action.DONE:
                return TokenizerReport.read(path, values, already_complete=True)
            if action is Action.START:
                folder.begin(values, digest, listing)
            clock, started = time.monotonic(), datetime.now(timezone.utc)
            workers = limits.threads or available_threads()
            learned = _native.train_tokenizer(
                paths,
                config,
                lexicon,
                threads=workers,
                progress=progress or _native.Progress(),
            )
            files, facts, report = _write(path, config, *learned)
            write_json(
                path / RUN_FILE,
                {
                    "started": started.isoformat(timespec="seconds"),
                    "seconds": round(time.monotonic() - clock, 3),
                    "argv": sys.argv,
                    "inputs": [str(Path(name).absolute()) for name in paths],
                    "threads": workers,
                    "peak_memory_bytes": peak_memory(),
                    "host": host_facts(),
                },
            )
            Manifest(
                stage=STAGE,
                config=values,
                config_sha256=digest,
                parents=parents,
                inputs=facts["inputs"],
                inputs_sha256=listed,
                files=files,
                counts={**report["documents"], "ranks": report["ranks"]},
                versions={"glmdata": _native.__version__},
            ).write(path)
            return TokenizerReport.read(path, values)
        finally:
            if (path / MANIFEST_FILE).exists():
                folder.drop_work()


def train_from_iterator(
    texts: Iterable[str], output: str | os.PathLike[str], **options: Any
) -> TokenizerReport:
    """Learn from texts that are no files, one document each; they are written to .work first.

    `output` and `options` are those of `train`.
    """
    return train(({"text": text} for text in texts), output, **options)


def _lexicon(config: TokenizerConfig) -> list[str]:
    if config.lexicon is None:
        return []
    path = Path(config.lexicon)
    with storage_errors("read", path):
        lines = path.read_text(encoding="utf-8").splitlines()
    return sorted({line.strip() for line in lines} - {""})


def _write(
    path: Path,
    config: TokenizerConfig,
    ranks: bytes,
    counts: list[int],
    vetoes: list[tuple[bytes, int, int | None, str]],
    facts_text: str,
) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """All files but run.json and manifest.json; what the manifest needs of them."""
    facts = json.loads(facts_text)
    pattern = CL100K_PATTERN if config.digits == "three" else SINGLE_DIGIT_PATTERN
    bare = Tokenizer(ranks, pattern)
    first = config.vocab_size if config.pad_to_size else None
    tokenizer = Tokenizer(ranks, pattern, glm4_specials(bare.n_ranks, first))
    names: dict[str, int | None] = dict.fromkeys(save(tokenizer, path))
    tokens, refused = tokens_table(tokenizer, facts["steps"], counts), vetoes_table(vetoes)
    for name, table in (("tokens.parquet", tokens), ("vetoes.parquet", refused)):
        write_bytes(path / name, parquet(table))
        names[name] = table.num_rows
    events = facts["events"]
    quarantine = path / "quarantine/part-000000.jsonl"
    with storage_errors("create folder", quarantine.parent):
        quarantine.parent.mkdir(exist_ok=True)
    lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    write_bytes(quarantine, "".join(lines).encode())
    names[quarantine.relative_to(path).as_posix()] = len(events)
    report = _report(tokenizer, config, facts, Counter(veto[3] for veto in vetoes))
    write_json(path / REPORT_FILE, report)
    names[REPORT_FILE] = None
    entries = [file_entry(path, name, rows) for name, rows in names.items()]
    return entries, facts, report


def _report(
    tokenizer: Tokenizer,
    config: TokenizerConfig,
    facts: Mapping[str, Any],
    vetoes: Counter[str],
) -> dict[str, Any]:
    chinese, other = facts["chinese"], facts["other"]
    quarantined = sum(event["row"] is not None for event in facts["events"])
    counted = chinese["documents"] + other["documents"]
    ids = tokenizer.special_tokens
    return {
        "format_version": 1,
        "stage": STAGE,
        # Nothing is removed here, and every stage's sum is in = kept + removed + quarantined.
        "documents": {
            "in": counted + quarantined,
            "kept": counted,
            "removed": 0,
            "quarantined": quarantined,
        },
        "text_bytes": {"chinese": chinese["text_bytes"], "other": other["text_bytes"]},
        "inventories": {"chinese": chinese, "other": other},
        "by_source": facts["by_source"],
        "sha256": tokenizer.sha256,
        "ranks": tokenizer.n_ranks,
        "ranks_asked": config.vocab_size,
        "rows": tokenizer.rows,
        "rule_c1": tokenizer.is_valid,
        "glm4_id_compatible": ids["<|endoftext|>"] == GLM4_RANKS,
        "special_tokens": {name: n for name, n in ids.items() if "reserved" not in name},
        "steps": facts["steps"],
        "vetoes": dict(sorted(vetoes.items())),
        "quarantine": dict(sorted(Counter(event["kind"] for event in facts["events"]).items())),
        "notes": facts["notes"],
    }
