"""`glmdata show`: what a stage folder holds, and whether its files are all there."""

from __future__ import annotations

import json
from pathlib import Path

import click

from glmdata.cli.exported import print_export
from glmdata.cli.filter_summary import print_filter_summary
from glmdata.cli.mix_summary import print_mix_summary
from glmdata.cli.output import say, say_json
from glmdata.cli.summary import print_summary
from glmdata.cli.token_store import print_token_store
from glmdata.cli.vocabulary import print_vocabulary
from glmdata.config.sizes import show_size
from glmdata.config.workspace import find_workspace
from glmdata.dedup import DedupReport
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.export import EXPORT, MATERIALIZE, ExportReport
from glmdata.filter import FilterReport
from glmdata.mix import MixReport
from glmdata.shard import ShardReport
from glmdata.stage.manifest import Manifest, read_manifest
from glmdata.tokenizer.report import TokenizerReport


@click.command("show")
@click.argument("folder", required=False, metavar="[DIR]")
@click.option("--json", "as_json", is_flag=True, help="print manifest and report as JSON")
def command(folder: str | None, as_json: bool) -> None:
    """Print what a stage folder holds: counts, sources, config, files.

    DIR is a stage folder; unset: dedup in the workspace. Files are checked by size; a missing one
    is exit 4.
    """
    path = Path(folder) if folder else find_workspace().stage("dedup")
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
        _print_manifest(manifest, state)
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
    if faults:
        raise CorruptDataError(
            f"{path}: {len(faults)} of {len(manifest.files)} files damaged: {faults[0]}",
            hint="make the stage anew with --fresh",
        )


def _print_manifest(manifest: Manifest, state: str) -> None:
    size = sum(entry["bytes"] for entry in manifest.files)
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    say(f"{'stage':12}{manifest.stage}, complete, made with {versions}")
    say(f"{'inputs':12}{len(manifest.inputs):,} files")
    say(f"{'files':12}{len(manifest.files):,} files, {show_size(size)}, {state}")
    say(f"{'config':12}{manifest.config_sha256[:16]}")
    for key, value in manifest.config.items():
        say(f"  {key} = {json.dumps(value, ensure_ascii=False)}")
    say()
