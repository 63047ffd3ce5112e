"""The files of a trained vocabulary, and its report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from glmdata.stage.atomic import storage_errors, write_bytes, write_json
from glmdata.stage.losses import lost_records
from glmdata.stage.manifest import REPORT_FILE, file_entry
from glmdata.tokenizer.config import TokenizerConfig
from glmdata.tokenizer.export import save
from glmdata.tokenizer.patterns import CL100K_PATTERN, SINGLE_DIGIT_PATTERN
from glmdata.tokenizer.specials import GLM4_RANKS, RESERVED, glm4_specials
from glmdata.tokenizer.tables import Veto, parquet, tokens_table, vetoes_table
from glmdata.tokenizer.tokenizer import Tokenizer

STAGE = "tokenizer"


def write_vocabulary(
    path: Path,
    config: TokenizerConfig,
    ranks: bytes,
    counts: list[int],
    vetoes: list[Veto],
    facts_text: str,
) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """All files but run.json and manifest.json; what the manifest needs of them."""
    facts = json.loads(facts_text)
    pattern = CL100K_PATTERN if config.digits == "three" else SINGLE_DIGIT_PATTERN
    bare = Tokenizer(ranks, pattern)
    first = config.vocab_size if config.pad_to_size else None
    tokenizer = Tokenizer(ranks, pattern, glm4_specials(bare.n_ranks, first, config.special))
    names: dict[str, int | None] = dict.fromkeys(save(tokenizer, path))
    tokens, refused = tokens_table(tokenizer, facts["steps"], counts), vetoes_table(vetoes)
    for name, table in (("tokens.parquet", tokens), ("vetoes.parquet", refused)):
        write_bytes(path / name, parquet(table))
        names[name] = table.num_rows
    events = facts["corpus"]["events"]
    names[write_quarantine(path, events)] = len(events)
    report = _report(tokenizer, config, facts, Counter(veto[4] for veto in vetoes))
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
    corpus = facts["corpus"]
    ids = tokenizer.special_tokens
    return {
        "format_version": 1,
        "stage": STAGE,
        **counted(corpus),
        "pre_tokens": facts["pre_tokens"],
        "sha256": tokenizer.sha256,
        "ranks": tokenizer.n_ranks,
        "ranks_asked": config.vocab_size,
        "rows": tokenizer.rows,
        "rule_c1": tokenizer.is_valid,
        "glm4_id_compatible": ids["<|endoftext|>"] == GLM4_RANKS,
        "special_tokens": {name: n for name, n in ids.items() if not name.startswith(RESERVED)},
        "steps": facts["steps"],
        "vetoes": dict(sorted(vetoes.items())),
        "notes": corpus["notes"],
    }


def counted(corpus: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says of the documents that were counted."""
    by_language = corpus["by_language"]
    quarantined = lost_records(corpus["events"])
    documents = sum(language["documents"] for language in by_language.values())
    return {
        # Nothing is removed here, and every stage's sum is in = kept + removed + quarantined.
        "documents": {
            "in": documents + quarantined,
            "kept": documents,
            "removed": 0,
            "quarantined": quarantined,
        },
        "text_bytes": sum(language["text_bytes"] for language in by_language.values()),
        "by_language": by_language,
        **corpus["losses"],
    }


def write_quarantine(path: Path, events: Sequence[Mapping[str, Any]]) -> str:
    """Write what could not be read; its name in the stage folder."""
    quarantine = path / "quarantine/part-000000.jsonl"
    with storage_errors("create folder", quarantine.parent):
        quarantine.parent.mkdir(exist_ok=True)
    lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    write_bytes(quarantine, "".join(lines).encode())
    return quarantine.relative_to(path).as_posix()
