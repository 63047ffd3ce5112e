"""Train into a stage folder: count and learn in the compiled module, write, declare complete.

A killed run goes on from what .work holds: the counts, and the steps that were learned. The files
appear whole, manifest.json last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from glmdata import _native
from glmdata.config.given import validated
from glmdata.config.limits import RunLimits, available_threads, default_memory, working_memory
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.stage.course import Outcome, Task, carry_out
from glmdata.stage.upstream import open_source, upstream
from glmdata.tokenizer.config import TokenizerConfig
from glmdata.tokenizer.material import UPSTREAM, characters_of, inventories_of, words_of
from glmdata.tokenizer.report import TokenizerReport
from glmdata.tokenizer.write import STAGE, write_vocabulary

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.tokenizer.options import TokenizerOptions

CHECKPOINT_SECONDS = 10
"""What took this long is kept in .work, so that a killed run need not do it again."""


def train(
    input: object = None,
    output: str | os.PathLike[str] | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    inventory: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    threads: int | None = None,
    memory: int | str | None = None,
    fresh: bool = False,
    progress: _native.Progress | None = None,
    **options: Unpack[TokenizerOptions],
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
    inventory
        Folders that `count` wrote, to learn from instead of texts; their counts are added up.
    threads
        None: all cores this process may use. Never changes the result.
    memory
        As for `glmdata.dedup.run`. Counting spills; what is learned from has to fit.
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
    limits = validated(RunLimits, {"threads": threads, "memory": memory})
    space = find_workspace(workspace)
    folders = [inventory] if isinstance(inventory, str | os.PathLike) else list(inventory)
    if folders and input is not None:
        raise ConfigError("inventory: expected no input beside it, found both")
    if folders:
        source, parents = inventories_of(folders)
    elif input is not None:
        source, parents = open_source(input)
    else:
        source, parents = upstream(space, UPSTREAM)
    path = Path(output) if output is not None else space.stage(STAGE)
    lexicon, cover = words_of(config.lexicon), characters_of(config.cover)
    # Refuses a size that is too small before hours of counting.
    _native.starting_ranks(config, config, cover)
    # What the files say decides, not where they lie.
    said = {"lexicon": _sha256(lexicon), "cover": _sha256(cover)}
    values = {**config.values(), **said}
    workers = limits.threads or available_threads()
    allowed = limits.memory or default_memory()

    def work(folder: Path, paths: list[str]) -> Outcome:
        learned = _native.train_tokenizer(
            [] if folders else paths,
            [os.fspath(name) for name in folders],
            config,
            config,
            lexicon,
            cover,
            work=str(folder),
            memory=working_memory(allowed, workers),
            threads=workers,
            checkpoint_seconds=CHECKPOINT_SECONDS,
            progress=progress or _native.Progress(),
        )
        files, facts, report = write_vocabulary(path, config, *learned)
        corpus = facts["corpus"]
        resumed = {name: facts[name] for name in ("counts_resumed", "steps_resumed")}
        return Outcome(
            files=files,
            counts={**report["documents"], "ranks": report["ranks"]},
            inputs=None if folders else corpus["inputs"],
            run={"runs_spilled": corpus["runs_spilled"], **resumed},
        )

    taken = {"threads": workers, "memory_limit_bytes": allowed}
    complete = carry_out(Task(STAGE, path, values, source, parents, taken, fresh), work)
    return TokenizerReport.read(path, values, already_complete=complete)


def train_from_iterator(
    texts: Iterable[str], output: str | os.PathLike[str], **options: Unpack[TokenizerOptions]
) -> TokenizerReport:
    """Learn from texts that are no files, one document each; they are written to .work first.

    `output` and `options` are those of `train`.
    """
    return train(({"text": text} for text in texts), output, **options)


def _sha256(items: Sequence[str]) -> str | None:
    return hashlib.sha256("\n".join(items).encode()).hexdigest() if items else None
