"""Stage folders of ids for others: fixed-length rows as Arrow, or what other trainers read.

materialize/part-000000.arrow                          rows, with every array the loader gives
export/part-000000.{bin,idx | ds,... | npy,csv.gz}     rows of a plan
export/<source>/part-000000...                         documents of a token store
report.json, run.json, manifest.json

A killed run goes on behind the last file it finished; files appear whole, manifest.json last, and
equal inputs give equal bytes. Memory does not grow with the input, but for the lengths of one
file's sequences.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata.config.given import validated
from glmdata.config.workspace import find_workspace
from glmdata.errors import ConfigError
from glmdata.export.config import ExportConfig, MaterializeConfig
from glmdata.export.finished import Finished, Written
from glmdata.export.formats import FORMATS
from glmdata.export.report import ExportReport
from glmdata.export.sequences import material, report_of
from glmdata.export.tables import TOKEN_BYTES, write_rows
from glmdata.rows import Order, TokenRows
from glmdata.rows.plan import Plan
from glmdata.stage.atomic import write_json
from glmdata.stage.counters import Counters
from glmdata.stage.course import Outcome, Task, carry_out
from glmdata.stage.hashing import refuse_changed
from glmdata.stage.inputs import source_of
from glmdata.stage.listing import refuse_output_inside, vouched
from glmdata.stage.manifest import MANIFEST_FILE, REPORT_FILE, file_entry, read_manifest

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from glmdata.export.options import ExportOptions, MaterializeOptions

EXPORT, MATERIALIZE = "export", "materialize"
PHASE = "export"
"""What counters say is being done."""

UPSTREAM = ("mix", "shard")
"""What is exported when nothing is named: the first that is complete in the workspace."""

Place = str | os.PathLike[str]


def export(
    input: Place | None = None,
    output: Place | None = None,
    *,
    store: Place | None = None,
    workspace: Place | None = None,
    fresh: bool = False,
    progress: Counters | None = None,
    **options: Unpack[ExportOptions],
) -> ExportReport:
    """Write ids in the format of another trainer.

    Of a token store every document with its separator is a sequence, and every shard a file. Of a
    plan every row is a sequence, padding included, in the order that the loader gives them in the
    first pass; readers that cut ids into stretches of the row length find the rows again.

    Parameters
    ----------
    input
        A folder of `glmdata mix` or `glmdata shard`; None: the first of both that is complete in
        the workspace.
    output
        The stage folder; None: `export` in the workspace.
    store
        The token store of a plan; None: where the plan says.
    workspace
        None: `GLMDATA_WORKSPACE`, else `glmdata-out` beside the nearest glmdata.toml or here.
    fresh
        Remove what an earlier run wrote into the folder.
    progress
        Counters to watch from another thread.
    **options
        The fields of `ExportConfig`, such as `format="olmo"`.

    Raises
    ------
    ConfigError
        A wrong option, nothing to export, or the folder holds another run.
    MissingFileError, CorruptDataError, StorageError
        As their names say.
    """
    config = validated(ExportConfig, options)
    space = find_workspace(workspace)
    source = Path(input) if input is not None else _upstream(space.folder)
    path = Path(output) if output is not None else space.stage(EXPORT)
    _refuse_damaged(source, _path(store))
    given = material(source, _path(store), config.seed, config.shard_size // 4)

    def work(folder: Path, _: list[str]) -> Outcome:
        finished, write = (
            Finished(path, folder, progress or Counters(PHASE)),
            FORMATS[config.format],
        )
        written = [
            finished.unit(partial(write, path, piece, given.tokenizer)) for piece in given.pieces
        ]
        report = report_of(
            given,
            stage=EXPORT,
            format=config.format,
            sequences=sum(piece.count for piece in given.pieces),
            tokens=sum(part.tokens for part in written),
        )
        return _outcome(path, written, report, finished)

    return _carried_out(EXPORT, path, config.values(), source, given.fingerprint, fresh, work)


def materialize(
    input: Place | None = None,
    output: Place | None = None,
    *,
    store: Place | None = None,
    workspace: Place | None = None,
    fresh: bool = False,
    progress: Counters | None = None,
    **options: Unpack[MaterializeOptions],
) -> ExportReport:
    """Write the rows of a plan as Arrow, in the order that the loader gives them.

    For readers that know nothing of plans: `datasets.load_dataset("arrow", ...)`. The columns are
    those of `TokenRows`: `input_ids` list<uint32>, `labels`, `position_ids`, `doc_ids` and
    `cu_seqlens` list<int32>, `loss_weight` float32.

    Parameters
    ----------
    input
        A folder of `glmdata mix`; None: `mix` in the workspace.
    output
        The stage folder; None: `materialize` in the workspace.
    store, workspace, fresh, progress
        As for `export`.
    **options
        The fields of `MaterializeConfig`, such as `shard_size="256MiB"`.

    Raises
    ------
    ConfigError
        A wrong option, or the folder holds another run.
    MissingFileError, CorruptDataError, StorageError
        As their names say.
    """
    config = validated(MaterializeConfig, options)
    space = find_workspace(workspace)
    source = Path(input) if input is not None else space.stage("mix")
    path = Path(output) if output is not None else space.stage(MATERIALIZE)
    _refuse_damaged(source, _path(store))
    rows = TokenRows(source, store, dtype="int32")
    order = Order(len(rows), rows.seed if config.seed is None else config.seed)
    size = max(config.shard_size // (rows.row_length * TOKEN_BYTES), 1)

    def part(number: int) -> Written:
        first = number * size
        places = order.many(range(first, min(first + size, len(rows))))
        return write_rows(path, f"part-{number:06d}.arrow", rows, places.tolist())

    def work(folder: Path, _: list[str]) -> Outcome:
        finished, parts = (
            Finished(path, folder, progress or Counters(PHASE)),
            range(-(-len(rows) // size)),
        )
        written = [finished.unit(partial(part, number)) for number in parts]
        report = {
            "format_version": 1,
            "stage": MATERIALIZE,
            "of": "plan",
            "sequences": len(rows),
            "tokens": sum(part.tokens for part in written),
            "row_length": rows.row_length,
        }
        return _outcome(path, written, report, finished)

    values = config.values()
    return _carried_out(MATERIALIZE, path, values, source, rows.fingerprint, fresh, work)


def _carried_out(
    stage: str,
    path: Path,
    config: Mapping[str, Any],
    source: Path,
    fingerprint: str,
    fresh: bool,
    work: Any,
) -> ExportReport:
    manifest = read_manifest(source)
    parent = {"stage": manifest.stage, "config_sha256": manifest.config_sha256} if manifest else {}
    refuse_output_inside([str(source)], path)
    # The manifest stands for all files of the stage, and its content for what was read of others.
    # It is known by its hash, not by when it was written: equal runs have equal manifests.
    values = {**config, "content": fingerprint}
    listing = vouched(source, [file_entry(source, MANIFEST_FILE)])
    read = replace(source_of(str(source / MANIFEST_FILE)), listing=listing)
    task = Task(stage, path, values, read, [parent], {}, fresh)
    complete = carry_out(task, work)
    return ExportReport.read(path, already_complete=complete)


def _outcome(
    path: Path, written: list[Written], report: Mapping[str, Any], finished: Finished
) -> Outcome:
    write_json(path / REPORT_FILE, report)
    files = [entry for piece in written for entry in piece.files]
    counts = {name: report[name] for name in ("sequences", "tokens")}
    return Outcome(files=[*files, file_entry(path, REPORT_FILE)], counts=counts, run=finished.facts)


def _refuse_damaged(source: Path, store: Path | None) -> None:
    """What is written here is read by programs that check nothing: no damage may be passed on."""
    manifest = read_manifest(source)
    if manifest is None or manifest.stage not in UPSTREAM:
        return  # told by who opens it
    data = [entry for entry in manifest.files if entry["path"].endswith(".arrow")]
    refuse_changed(source, data)
    if manifest.stage == "mix":
        folder = store or Plan(source).store_folder()
        stored = read_manifest(folder)
        shards = {shard.path for shard in Plan(source).shards}
        listed = stored.files if stored is not None else ()
        refuse_changed(folder, (entry for entry in listed if entry["path"] in shards))


def _upstream(workspace: Path) -> Path:
    for stage in UPSTREAM:
        if read_manifest(workspace / stage) is not None:
            return workspace / stage
    places = " or ".join(str(workspace / stage) for stage in UPSTREAM)
    raise ConfigError(
        f"nothing to export: expected --input or a complete stage in {places}",
        hint="try `glmdata mix` first",
    )


def _path(place: Place | None) -> Path | None:
    return None if place is None else Path(place)
