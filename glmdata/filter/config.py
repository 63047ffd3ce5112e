"""The options of the filter: the only place of their names, defaults and help.

A field is also the key in `[filter]` of glmdata.toml, the flag of `glmdata filter`, the keyword of
`glmdata.filter.run` and the attribute the compiled module reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from glmdata.config import documents
from glmdata.config.fields import option
from glmdata.filter.classifier import PAIR
from glmdata.stage.score_table import KINDS

PRESETS = (
    "glm4",
    "c4",
    "mc4",
    "gopher",
    "fineweb",
    "fineweb2-zh",
    "chinese-web",
    "books",
    "wiki",
    "paper",
    "code",
    "offensive-model",
    "none",
)
"""Files of presets/ that a user may name, the default first."""

_PRESET_NAMES = ", ".join(PRESETS)


@dataclass(frozen=True, init=False)
class ScoreConfig(documents.DocumentConfig):
    """What is measured of documents, and how they are read."""

    lang_id: Literal["keep", "fill", "replace"] = option(
        "fill",
        help="languages: keep, fill in where there is none, or replace by what the text is in",
        expected="keep, fill or replace",
        group="input",
        metavar="WHAT",
    )
    lang_model: str | None = option(
        None,
        help="fastText model of languages; unset: the one that comes with glmdata",
        expected="a path",
        group="input",
        metavar="FILE",
    )
    lang_threshold: float = option(
        0.5,
        help="below this probability a language is und",
        expected="a probability from 0 to 1",
        group="input",
        metavar="P",
        ge=0,
        le=1,
    )
    mojibake: Literal["repair", "keep"] = option(
        "repair",
        help="text read in a wrong encoding: repair, or remove where that is not certain; or keep",
        expected="repair or keep",
        group="input",
        metavar="WHAT",
    )
    classifier: list[str] = option(
        [],
        help="name and folder of a classifier, whose column p_NAME rules may ask for; may repeat",
        expected="a list of name=folder or name=folder@sha256, names of a-z, 0-9 and _",
        group="removing",
        metavar="NAME=DIR",
        each=PAIR,
    )
    benchmark: list[str] = option(
        [],
        help="file, pack or folder of benchmark items that no kept document may hold; may repeat",
        expected="a list of paths",
        group="removing",
        metavar="PATH",
    )
    benchmark_field: str = option(
        "text,question,Question,query,prompt,problem",
        help="column with the question of a benchmark item, or several between commas",
        expected="a column name, or several between commas",
        group="removing",
        metavar="NAME",
        min_length=1,
    )
    benchmark_report: bool = option(
        False,
        help="only list documents with benchmark items, in report.json; remove none for them",
        expected="true or false",
        group="removing",
        metavar="",
    )
    jieba: bool = option(
        False,
        help="measure words as jieba cuts them too; on where a rule asks for jieba_...",
        expected="true or false",
        group="input",
        metavar="",
    )
    offence: bool = option(
        False,
        help="ask the model of offensive passages too; on where a rule asks for offence_...",
        expected="true or false",
        group="input",
        metavar="",
    )


@dataclass(frozen=True, init=False)
class FilterConfig(ScoreConfig):
    """What is removed. Two runs with equal configs over equal inputs write equal bytes."""

    max_source_loss: float | None = documents.max_source_loss()
    preset: Literal[
        "glm4",
        "c4",
        "mc4",
        "gopher",
        "fineweb",
        "fineweb2-zh",
        "chinese-web",
        "books",
        "wiki",
        "paper",
        "code",
        "offensive-model",
        "none",
    ] = option(
        "glm4",
        help=f"rules that remove: {_PRESET_NAMES}",
        expected=_PRESET_NAMES,
        group="removing",
        metavar="NAME",
    )
    rules: str | None = option(
        None,
        help="TOML file of own rules, asked before those of the preset",
        expected="a path",
        group="removing",
        metavar="FILE",
    )
    kind: list[str] = option(
        [],
        help=f"what a source is ({', '.join(KINDS)}); may repeat",
        expected=f"a list of source=kind, a kind being one of {', '.join(KINDS)}",
        group="removing",
        metavar="SOURCE=KIND",
        each=rf"(?s:.+)=(?:{'|'.join(KINDS)})",
    )
    pii: Literal["keep", "mask", "drop"] = option(
        "keep",
        help="personal data: keep, mask in kept documents, or drop documents with it",
        expected="keep, mask or drop",
        group="removing",
        metavar="WHAT",
    )
    tag: bool = option(
        False,
        help="only score: nothing is decided and no document is written",
        expected="true or false",
        group="removing",
        metavar="",
    )
    format: Literal["arrow", "parquet", "jsonl.zst"] = documents.format()
    write: Literal["all", "decisions"] = documents.write()
    removed_text: bool = documents.removed_text()
