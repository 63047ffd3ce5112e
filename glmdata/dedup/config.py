"""The options of deduplication: the only place of their names, defaults and help.

A field is also the key in `[dedup]` of glmdata.toml, the flag of `glmdata dedup` (with `-` for
`_`), the keyword of `glmdata.dedup.run` and the attribute the compiled module reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from glmdata.config import documents
from glmdata.config.fields import option

BEST = "best:"
"""What a policy begins with that keeps the best by a column or a score."""

_KEEP = rf"longest|first|newest:.+|{BEST}.+"
_SHINGLE = r"mixed|code|(?:word|char):[1-9][0-9]{0,2}"
_BANDS = r"[1-9][0-9]{0,3}x[1-9][0-9]{0,3}"

PRESETS: dict[str, dict[str, object]] = {
    "default": {},
    "high-recall": {"num_perm": 512, "bands": "64x8"},
}
"""Values that a preset stands for; a value that is given goes before them."""

_CUTTING = ("line_dedup", "paragraph_dedup", "substring_dedup", "templates")


@dataclass(frozen=True, init=False)
class DedupConfig(documents.DocumentConfig):
    """What is a duplicate, and which copy stays. Two runs with equal configs write equal bytes."""

    date_field: str = documents.column("date,timestamp,published", "the date; see keep")
    index: str | None = option(
        None,
        help="folder of earlier crawls: their documents win, and this crawl is added",
        expected="a path",
        group="input",
        metavar="DIR",
    )
    scores: str | None = option(
        None,
        help="finished filter stage over the same inputs; --keep best:COLUMN is one of its scores",
        expected="a path",
        group="input",
        metavar="DIR",
    )
    max_source_loss: float | None = documents.max_source_loss()
    threshold: float = option(
        0.8,
        help="exact Jaccard similarity from which two texts are duplicates",
        expected="a number in (0, 1]",
        group="matching",
        metavar="T",
        gt=0,
        le=1,
    )
    scheme: Literal["fast-similarity", "datasketch"] = option(
        "fast-similarity",
        help="fast-similarity, or datasketch: the slower values of its MinHash",
        expected="fast-similarity or datasketch",
        group="matching",
        metavar="NAME",
    )
    num_perm: int = option(
        256,
        help="values of a sketch",
        expected="a power of two from 16 to 1024",
        group="matching",
        metavar="N",
        ge=16,
        le=1024,
        check=lambda n: n & (n - 1) == 0,
    )
    bands: str | None = option(
        None,
        help="bands x rows, such as 32x8; unset: chosen from threshold and num-perm",
        expected="BANDSxROWS with a product of at most num_perm, such as 32x8",
        group="matching",
        metavar="BxR",
        pattern=_BANDS,
    )
    preset: Literal["default", "high-recall"] = option(
        "default",
        help="default, or high-recall: num-perm 512 in 64x8 bands",
        expected="default or high-recall",
        group="matching",
        metavar="NAME",
    )
    shingle: str = option(
        "mixed",
        help="mixed, word:N, char:N or code; mixed fits Chinese, English and both",
        expected="mixed, word:N, char:N or code",
        group="matching",
        metavar="MODE",
        pattern=_SHINGLE,
    )
    script_fold: bool = option(
        False,
        help="compare traditional and simplified Chinese as one script; texts stay as they are",
        expected="true or false",
        group="matching",
        metavar="",
    )
    fuzzy_short: bool = option(
        False,
        help="compare texts of fewer than 20 shingles fuzzily too",
        expected="true or false",
        group="matching",
        metavar="",
    )
    containment: float | None = option(
        0.85,
        help="also remove a text of which a kept one holds this share; off: not",
        expected="a number in (0, 1], or off",
        group="matching",
        metavar="T",
        gt=0,
        le=1,
    )
    scope: Literal["global", "lang", "source"] = option(
        "global",
        help="global, lang or source: compare only within it",
        expected="global, lang or source",
        group="matching",
        metavar="SCOPE",
    )
    url_dedup: bool = option(
        False,
        help="keep one document of each address; tracking parameters and www. do not count",
        expected="true or false",
        group="matching",
        metavar="",
    )
    line_dedup: int | None = option(
        None,
        help="cut lines that more than N kept documents have, such as 30, out of all but the first",
        expected="a number of documents from 1",
        group="matching",
        metavar="N",
        ge=1,
        le=2**32 - 1,
    )
    paragraph_dedup: int | None = option(
        None,
        help="the same for paragraphs: lines between blank ones",
        expected="a number of documents from 1",
        group="matching",
        metavar="N",
        ge=1,
        le=2**32 - 1,
    )
    substring_dedup: int | None = option(
        None,
        help="cut passages of N units or more, such as 50, that stand elsewhere too; a unit is a "
        "word or a Chinese character",
        expected="a number of units from 10 to 65,536",
        group="matching",
        metavar="N",
        ge=10,
        le=2**16,
    )
    templates: Literal["off", "host"] = option(
        "off",
        help="host: cut navigation, footers and bars that pages of a host share out of all but the "
        "first; needs addresses",
        expected="off or host",
        group="matching",
        metavar="BY",
    )
    keep: str = option(
        "longest",
        help="longest (less bars and notices first, then the later date), first, newest:COLUMN or "
        "best:COLUMN",
        expected="longest, first, newest:COLUMN or best:COLUMN",
        group="keeping",
        metavar="RULE",
        pattern=_KEEP,
    )
    source_priority: list[str] = option(
        [],
        help="a source whose copies stay, best first; may repeat",
        expected="a list of sources",
        group="keeping",
        metavar="SOURCE",
    )
    variants: Literal["keep", "remove"] = option(
        "keep",
        help="keep or remove texts that differ in what they say, such as numbers",
        expected="keep or remove",
        group="keeping",
        metavar="RULE",
    )
    cluster: Literal["representative", "components"] = option(
        "representative",
        help="representative: removed only for a kept one; components: chains too",
        expected="representative or components",
        group="keeping",
        metavar="RULE",
    )
    format: Literal["arrow", "parquet", "jsonl.zst"] = documents.format()
    write: Literal["all", "decisions"] = documents.write()
    removed_text: bool = documents.removed_text()

    @classmethod
    def _completed(cls, values: Mapping[str, object]) -> Mapping[str, object]:
        # Resolved here, so that manifests and the compiled module see plain values only.
        return {**PRESETS.get(str(values.get("preset")), {}), **values}

    def _misfit(self) -> str | None:
        if self.bands is None:
            return None
        bands, rows = map(int, self.bands.split("x"))
        return "bands" if bands * rows > self.num_perm else None

    def cutting(self) -> list[str]:
        """The options by which kept texts are cut."""
        return [key for key in _CUTTING if getattr(self, key) not in (None, "off")]

    def sha256(self) -> str:
        """Hash of the canonical JSON: what must agree for two runs to be the same."""
        return config_sha256(self.values())


def config_sha256(config: dict[str, object]) -> str:
    """sha256 of a config's JSON with sorted keys and no white space, lower-case hex."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
