"""The scores of a complete filter stage, for a run that decides otherwise and measures nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glmdata import _native
from glmdata.errors import ConfigError
from glmdata.filter.classifier import Classifier
from glmdata.filter.config import FilterConfig
from glmdata.filter.language import LanguageModel
from glmdata.filter.presets import lexicons
from glmdata.filter.rules import Rule, columns_of, signal_names
from glmdata.stage.atomic import storage_errors, sync_folder
from glmdata.stage.folder import StageFolder
from glmdata.stage.hashing import refuse_changed
from glmdata.stage.inputs import Source, source_of
from glmdata.stage.listing import Listing, describe_change, listing_sha256
from glmdata.stage.losses import LOSSES, NO_LOSSES
from glmdata.stage.manifest import RUN_FILE, read_manifest, read_object, read_report
from glmdata.stage.rows import readable
from glmdata.stage.upstream import judged, kept_of, parent_of

STAGE = "filter"

MEASURED_WITH = (
    "text_field",
    "id_field",
    "source_field",
    "lang_field",
    "lang_id",
    "lang_model",
    "lang_threshold",
    "url_field",
    "source_rule",
    "links",
    "split",
    "max_record",
    "zst_window",
    "benchmark_field",
    "jieba",
    "offence",
    "mojibake",
)
"""Options that change scores; a run with `rescore_from` takes them over."""


_BEFORE = {"lang_id": "keep", "mojibake": "keep"}
"""What versions did that did not know an option, where its default is another one."""


def reading_of(source: Source) -> dict[str, Any]:
    """The options by which an earlier stage read the inputs, if they are read again."""
    manifest = read_manifest(source.stage) if source.judged and source.stage else None
    if manifest is None:
        return {}
    return {key: manifest.config[key] for key in MEASURED_WITH if key in manifest.config}


@dataclass(frozen=True)
class Scored:
    """A complete filter stage whose scores another run takes over."""

    path: Path
    config: Mapping[str, Any]
    """The options of the run; those it did not know yet as they are when nobody gives them."""
    lexicons: Mapping[str, str]
    """Name and hash of the lists it measured with."""
    columns: list[str]
    """Of its scores."""
    run: Mapping[str, Any]
    parents: list[Mapping[str, Any]]
    inputs_sha256: str
    manifest_inputs: list[Mapping[str, Any]]
    files: list[Mapping[str, Any]]
    report: Mapping[str, Any]
    judge: Path | None = None
    """A stage over the same inputs; only what it kept is taken over."""

    @classmethod
    def of(cls, path: Path, input: object) -> Scored:
        """The stage in a folder; `input` must be None beside it."""
        manifest = StageFolder(path, STAGE).complete()
        if manifest is None or manifest.stage != STAGE:
            raise ConfigError(
                f"{path}: expected a complete filter stage", hint="run `glmdata filter` first"
            )
        if input is not None:
            raise ConfigError("input: expected none together with rescore_from, found one")
        import polars as pl

        refuse_changed(path, (e for e in manifest.files if e["path"].startswith("scores/")))
        parts = sorted((path / "scores").glob("part-*.arrow"))
        return cls(
            path=path,
            config={**FilterConfig().values(), **_BEFORE, **manifest.config},
            lexicons={k: v for k, v in manifest.versions.items() if k in lexicons(True)},
            columns=list(pl.read_ipc_schema(readable(parts[0]))) if parts else [],
            run=read_object(path / RUN_FILE),
            parents=list(manifest.parents),
            inputs_sha256=manifest.inputs_sha256,
            manifest_inputs=list(manifest.inputs),
            files=[e for e in manifest.files if e["path"].startswith(("scores/", "quarantine/"))],
            report=read_report(path),
        )

    def judged(self, stage: Path) -> Scored:
        """The same, of what another stage has kept of the same inputs.

        Raises
        ------
        ConfigError
            It is not complete, or read other inputs, or read them by other fields.
        """
        manifest = StageFolder(stage, stage.name).complete() if read_manifest(stage) else None
        if manifest is None:
            raise ConfigError(f"judged_by: expected a complete stage in {stage}")
        if manifest.inputs_sha256 != self.inputs_sha256:
            change = describe_change(
                self.manifest_inputs, [dict(entry) for entry in manifest.inputs]
            )
            raise ConfigError(
                f"judged_by: {stage} read other inputs than {self.path} measured: {change}"
            )
        for key in MEASURED_WITH:
            if manifest.config.get(key, self.config[key]) != self.config[key]:
                raise ConfigError(
                    f"{key}: expected {self.config[key]!r} as in {self.path}, "
                    f"found {manifest.config[key]!r} in {stage}"
                )
        return replace(self, judge=stage, parents=[parent_of(manifest)])

    def source(self) -> Source:
        """What was read: kept documents of a stage, or files.

        Raises
        ------
        ConfigError
            The stage that was read is there no more.
        """
        if self.judge is not None and (manifest := read_manifest(self.judge)) is not None:
            return judged(self.judge, manifest)
        if self.run.get("stage") is None:
            return source_of(list(self.run["inputs"]))
        stage = Path(self.run["stage"])
        manifest = StageFolder(stage, stage.name).complete() if read_manifest(stage) else None
        if manifest is None:
            raise ConfigError(
                f"{self.path}: the stage it was made from is gone: {stage}",
                hint="run `glmdata filter --input` on the texts",
            )
        return kept_of(stage, manifest, judges=True)

    def classifiers(self) -> dict[str, Classifier]:
        """The columns that were asked for; nobody is asked again."""
        pairs = (entry.split("@") for entry in self.config["classifier"])
        return {name: Classifier(Path(), digest) for name, digest in pairs}

    def language_model(self) -> LanguageModel | None:
        """What told the languages; nobody is asked again."""
        digest = self.config["lang_model"]
        return LanguageModel(Path(), digest) if digest else None

    def refuse_other_measure(self, options: Mapping[str, Any]) -> None:
        """Refuse options that would give other scores."""
        if options.get("classifier"):
            raise ConfigError(
                "classifier: expected none together with rescore_from, found one",
                hint="texts must be read for this: run `glmdata filter --input` with it",
            )
        if options.get("benchmark"):
            raise ConfigError(
                "benchmark: expected none together with rescore_from, found one",
                hint="texts must be read for this: run `glmdata filter --input` with it",
            )
        for key in MEASURED_WITH:
            if options[key] != self.config[key]:
                raise ConfigError(
                    f"{key}: expected {self.config[key]!r} as in {self.path}, "
                    f"found {options[key]!r}",
                    hint="texts must be measured for this: run `glmdata filter --input` with it",
                )

    def refuse_missing(self, rules: Sequence[Rule]) -> None:
        """Refuse rules that ask for a signal which this stage was scored without.

        Raises
        ------
        ConfigError
            Names the rule, the signal and what to do.
        """
        missing = set(signal_names()).difference(self.columns)
        for rule in rules:
            for name in sorted(missing.intersection(columns_of(rule.condition))):
                raise ConfigError(
                    f"rule {rule.name}: expected a column `{name}` in the scores of {self.path}, "
                    "found none: they were made by an earlier version",
                    hint="measure the texts anew with `glmdata filter --input`, "
                    "or choose rules that do not ask for it",
                )

    def refuse_changes(self, listing: Listing) -> None:
        """Refuse inputs that are not those which were scored."""
        if listing_sha256(listing) != self.inputs_sha256:
            change = describe_change(self.manifest_inputs, listing)
            raise ConfigError(
                f"{self.path}: the inputs changed since: {change}",
                hint="run `glmdata filter --input` on them",
            )

    def copy_to(self, folder: Path) -> dict[str, Any]:
        """Put the scores into another folder; the same facts as measuring gives."""
        if self.judge is not None:
            return self._take_to(folder, self.judge)
        import shutil

        for entry in self.files:
            target = folder / entry["path"]
            with storage_errors("copy to", target):
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(self.path / entry["path"], target)
                with target.open("rb") as file:
                    os.fsync(file.fileno())
                sync_folder(target.parent)
        return {
            **self._facts(),
            "files": self.files,
            "quarantined": self.report["documents"]["quarantined"],
            "losses": {key: self.report[key] for key in LOSSES if key in self.report},
        }

    def _take_to(self, folder: Path, judge: Path) -> dict[str, Any]:
        """The scores of what was kept; what could not be read was told by the one who judged."""
        entries = [e["path"] for e in self.files if e["path"].startswith("scores/")]
        scores = [str(self.path / path) for path in entries]
        taken = json.loads(_native.filter_take(scores, str(judge), str(folder)))
        return {**self._facts(), "files": taken["files"], "quarantined": 0, "losses": NO_LOSSES}

    def _facts(self) -> dict[str, Any]:
        return {
            "inputs": self.manifest_inputs,
            "notes": self.report["notes"],
            "benchmark": self.report.get("benchmark"),
            "fields": self.report.get("fields"),
            "run": {"rescored_from": str(self.path.absolute())},
        }
