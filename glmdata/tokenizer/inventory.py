"""Count pre-tokens into a stage folder: an Arrow file a language, to be learned from later.

Inventories of different documents add up, so a crawl can be counted in pieces, each once.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import RunLimits, available_threads, default_memory, working_memory
from glmdata.config.workspace import find_workspace
from glmdata.stage.atomic import write_json
from glmdata.stage.course import Outcome, Task, carry_out
from glmdata.stage.manifest import REPORT_FILE, file_entry
from glmdata.stage.upstream import open_source, upstream
from glmdata.tokenizer.config import CountConfig
from glmdata.tokenizer.material import INVENTORY, UPSTREAM
from glmdata.tokenizer.report import CountReport
from glmdata.tokenizer.write import counted, write_quarantine

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.tokenizer.options import CountOptions


def count(
    input: object = None,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[CountOptions],
) -> CountReport:
    """Count the pre-tokens of documents into a stage folder, for `train(inventory=...)`.

    The arguments are those of `train`; without `output` the folder is `inventory` in the
    workspace. Each file `<language>.arrow` holds `word` (binary), `count` (uint64), `documents`
    (uint32) and two sketches, sorted by word.

    Raises
    ------
    ConfigError, InputError, StorageError, MemoryBudgetError
        As for `train`.
    """
    config = validated(CountConfig, options)
    limits = validated(RunLimits, {"threads": threads, "memory": memory})
    space = find_workspace(workspace)
    source, parents = upstream(space, UPSTREAM) if input is None else open_source(input)
    path = Path(output) if output is not None else space.stage(INVENTORY)
    values = config.values()
    workers = limits.threads or available_threads()
    allowed = limits.memory or default_memory()

    def work(folder: Path, paths: list[str]) -> Outcome:
        facts = json.loads(
            _native.count_pretokens(
                paths,
                str(path),
                config,
                work=str(folder),
                memory=working_memory(allowed, workers),
                threads=workers,
                progress=progress or _native.Progress(),
            )
        )
        corpus = facts["corpus"]
        report = {
            "format_version": 1,
            "stage": INVENTORY,
            **counted(corpus),
            "pre_tokens": {Path(name).stem: rows for name, rows in facts["files"]},
            "notes": corpus["notes"],
        }
        write_json(path / REPORT_FILE, report)
        rows: dict[str, int | None] = dict(facts["files"])
        rows[write_quarantine(path, corpus["events"])] = len(corpus["events"])
        rows[REPORT_FILE] = None
        return Outcome(
            files=[file_entry(path, name, count) for name, count in rows.items()],
            counts=report["documents"],
            inputs=corpus["inputs"],
            run={"runs_spilled": corpus["runs_spilled"]},
        )

    taken = {"threads": workers, "memory_limit_bytes": allowed}
    complete = carry_out(Task(INVENTORY, path, values, source, parents, taken, fresh), work)
    return CountReport.read(path, values, already_complete=complete)
