"""The result of mixing: report.json, with names for what people ask first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.errors import CorruptDataError
from glmdata.mix.weights import Row, Wanted
from glmdata.stage.gates import FailedGate
from glmdata.stage.manifest import REPORT_FILE, RUN_FILE, read_object, read_report
from glmdata.stage.shown import Shown

MODES = ("causal", "gmask", "mask", "fim-psm", "fim-spm", "smask")
"""Names of the numbers in the column `mode` of a plan."""


@dataclass(frozen=True, repr=False)
class MixReport(Shown):
    """What was planned; `data` is report.json, equal for equal runs, `run` is run.json."""

    output: Path
    data: Mapping[str, Any]
    run: Mapping[str, Any]
    already_complete: bool = False

    @classmethod
    def read(cls, folder: Path, *, already_complete: bool = False) -> MixReport:
        """The report of a complete stage folder.

        Raises
        ------
        CorruptDataError, MissingFileError
            report.json is damaged or missing.
        """
        data = read_report(folder)
        missing = [key for key in ("documents", "tokens", "by_source") if key not in data]
        if missing:
            raise CorruptDataError(f"{folder / REPORT_FILE}: damaged: `{missing[0]}` is missing")
        run = folder / RUN_FILE
        return cls(folder, data, read_object(run) if run.exists() else {}, already_complete)

    def failed_gates(self) -> list[FailedGate]:
        """None: what cannot be reached is an error before anything is written."""
        return []


def table(rows: Sequence[Row], wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """What is in the store and what of it is wanted, a row a source, language and factor."""
    before, after = sum(row.tokens for row in rows), sum(want.tokens for want in wanted)
    return [
        {
            "source": row.source,
            "lang": row.lang,
            "factor": row.factor,
            "documents": row.documents,
            "empty": row.empty,
            "tokens": row.tokens,
            "longest": row.longest,
            "weight": want.weight,
            "wanted": want.tokens,
            "epochs": _share(want.tokens, row.tokens),
            "share_before": _share(row.tokens, before),
            "share_after": _share(want.tokens, after),
        }
        for row, want in zip(rows, wanted, strict=True)
    ]


def full_report(
    rows: list[dict[str, Any]], facts: Mapping[str, Any], row_length: int
) -> dict[str, Any]:
    """report.json of a plan; `rows` is the table, `facts` what the compiled module tells."""
    realised = sum(group["tokens"] for group in facts["groups"])
    for row, group in zip(rows, facts["groups"], strict=True):
        row |= {
            "documents_taken": group["documents"],
            "passes": group["passes"],
            "most_passes": group["most"],
            "realised": group["tokens"],
            "error": group["tokens"] - row["wanted"],
            "epochs": _share(group["tokens"], row["tokens"]),
            "share_after": _share(group["tokens"], realised),
        }
    documents = sum(row["documents"] + row["empty"] for row in rows)
    taken = sum(row["documents_taken"] for row in rows)
    by_shape = [{**shape, "mode": MODES[shape["mode"]]} for shape in facts["rows"]]
    # Fewer rows of a mode and length cannot hold its tokens, however they are packed.
    least = [-(-(shape["tokens"] + shape["added"]) // shape["row_length"]) for shape in by_shape]
    least_places = sum(
        rows * shape["row_length"] for rows, shape in zip(least, by_shape, strict=True)
    )
    places = sum(shape["rows"] * shape["row_length"] for shape in by_shape)
    padding = sum(shape["padding"] for shape in by_shape)
    return {
        "format_version": 1,
        "stage": "mix",
        "documents": {
            "in": documents,
            "kept": taken,
            "removed": documents - taken,
            "quarantined": 0,
            "empty": sum(row["empty"] for row in rows),
            "passes": sum(row["passes"] for row in rows),
            "cut": facts["cut"],
            "longer_than_a_row": facts["longer_than_a_row"],
        },
        "tokens": {
            "store": sum(row["tokens"] for row in rows),
            "wanted": sum(row["wanted"] for row in rows),
            "realised": realised,
            "added": sum(shape["added"] for shape in by_shape),
        },
        "rows": sum(shape["rows"] for shape in by_shape),
        "least_rows": sum(least),
        "padding": {
            "tokens": padding,
            "share": _share(padding, places),
            "least_share": _share(least_places - (places - padding), least_places),
        },
        "by_shape": by_shape,
        "by_source": rows,
        "sources": _by_source(rows, row_length),
    }


def _by_source(rows: Sequence[Mapping[str, Any]], row_length: int) -> dict[str, dict[str, int]]:
    """Sums by source, and how far they may be from what was wanted."""
    sources: dict[str, dict[str, int]] = {}
    for row in rows:
        sums = sources.setdefault(
            row["source"],
            {"tokens": 0, "wanted": 0, "realised": 0, "error": 0, "allowed_error": row_length},
        )
        for key in ("tokens", "wanted", "realised", "error"):
            sums[key] += row[key]
        sums["allowed_error"] = max(sums["allowed_error"], row["longest"])
    return sources


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0
