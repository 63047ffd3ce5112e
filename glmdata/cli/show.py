"""`glmdata show`: what a workspace or a stage folder holds, and whether its files are all there."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap

import click

from glmdata.cli.exported import print_export
from glmdata.cli.filter_summary import print_filter_summary
from glmdata.cli.glance import print_overview
from glmdata.cli.mix_summary import print_mix_summary
from glmdata.cli.output import say, say_json
from glmdata.cli.summary import figure, print_summary
from glmdata.cli.token_store import print_token_store
from glmdata.cli.vocabulary import print_vocabulary
from glmdata.config.sizes import show_size
from glmdata.config.workspace import find_workspace
from glmdata.dedup import DedupReport
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.export import EXPORT, MATERIALIZE, ExportReport
from glmdata.filter import FilterReport
from glmdata.mix import MixReport
from glmdata.report.overview import DAMAGED, overview
from glmdata.shard import ShardReport
from glmdata.stage.manifest import Manifest, read_manifest
from glmdata.tokenizer.report import TokenizerReport

_WIDTH = 80
_NO_BREAK = "\N{NO-BREAK SPACE}"


@click.command("show")
@click.argument("folder", required=False, metavar="[DIR]")
@click.option("--workspace", metavar="DIR", help="folder of all stages; unset: glmdata-out")
@click.option("--json", "as_json", is_flag=True, help="print manifest and report as JSON")
def command(folder: str | None, workspace: str | None, as_json: bool) -> None:
    """Print what a stage folder holds: counts, sources, files, config.

    DIR is a stage folder; unset: all stages of the workspace, a line each, and which of them are
    stale: what they have read has changed since. Files are checked by size; a missing one is
    exit 4.
    """
    if folder is None:
        _show_workspace(find_workspace(workspace).folder, as_json=as_json)
        return
    if workspace is not None:
        raise ConfigError("--workspace: expected without DIR, found both")
    path = Path(folder)
    manifest = read_manifest(path)
    if manifest is None:
        raise ConfigError(
            f"{path}: expected a complete stage, found no manifest.json",
            hint="run `glmdata dedup` to make one or to finish an interrupted one",
        )
    faults = manifest.faults(path)
    state = f"{len(faults)} damaged" if faults else "sizes match"
    report: DedupReport | FilterReport | TokenizerReport | ShardReport | MixReport | ExportReport
    if manifest.stage == "tokenizer":
        report = TokenizerReport.read(path, manifest.config)
    elif manifest.stage == "shard":
        report = ShardReport.read(path, manifest.config)
    elif manifest.stage == "mix":
        report = MixReport.read(path)
    elif manifest.stage == "filter":
        report = FilterReport.read(path, manifest.config)
    elif manifest.stage in (EXPORT, MATERIALIZE):
        report = ExportReport.read(path)
    else:
        report = DedupReport.read(path, manifest.config)
    if as_json:
        content = {"manifest": manifest.__dict__, "report": report.data, "faults": faults}
        say_json(content)
    else:
        if isinstance(report, TokenizerReport):
            print_vocabulary(report)
        elif isinstance(report, ShardReport):
            print_token_store(report)
        elif isinstance(report, MixReport):
            print_mix_summary(report)
        elif isinstance(report, FilterReport):
            print_filter_summary(report)
        elif isinstance(report, ExportReport):
            print_export(report)
        else:
            print_summary(report, None)
        _print_manifest(manifest, state)
    if faults:
        raise CorruptDataError(
            f"{path}: {len(faults)} of {len(manifest.files)} files damaged: {faults[0]}",
            hint="make the stage anew with --fresh",
        )


def _show_workspace(workspace: Path, *, as_json: bool) -> None:
    stages = overview(workspace)
    print_overview(workspace, stages, as_json=as_json)
    damaged = [stage for stage in stages if stage.state == DAMAGED]
    if damaged:
        raise CorruptDataError(
            f"{damaged[0].folder}: damaged: {damaged[0].fault}",
            hint="make the stage anew with --fresh",
        )


def _print_manifest(manifest: Manifest, state: str) -> None:
    """What the stage was made of and with, options last, within 80 columns."""
    size = sum(entry["bytes"] for entry in manifest.files)
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    say()
    say(figure("stage", f"{manifest.stage}, complete, made with {versions}"))
    say(figure("inputs", f"{len(manifest.inputs):,} files"))
    say(figure("files", f"{len(manifest.files):,} files, {show_size(size)}, {state}"))
    say(figure("config", manifest.config_sha256[:16]))
    pairs = (f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in manifest.config.items())
    # A line breaks between options and not within one.
    options = ", ".join(pair.replace(" ", _NO_BREAK) for pair in pairs)
    for line in wrap(options, _WIDTH - 12, break_long_words=False, break_on_hyphens=False):
        say(figure("", line.replace(_NO_BREAK, " ")))
