"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import Literal, TypedDict


class FilterOptions(TypedDict, total=False):
    """The fields of `FilterConfig`."""

    text_field: str
    """Column with the text."""
    source_field: str
    """Column with the source; without it: the first folder below the input."""
    lang_field: str
    """Column with the language."""
    links: Literal["follow", "inside"]
    """Follow all links, or only those inside of a tree to its own files."""
    split: Literal["file", "line", "blank"]
    """A document of a .txt is a file, a line, or what stands between blank lines."""
    max_record: int | str
    """Longer records are quarantined."""
    zst_window: int | str
    """Largest window of a .zst; each file being read takes as much memory."""
    max_bad: float
    """Exit 3 when more than this share (and more than 10) is quarantined."""
    id_field: str
    """Column with the document id."""
    url_field: str
    """Column with the address."""
    source_rule: list[str]
    """Path or host pattern and its source; the first match wins; may repeat."""
    lang_id: Literal["keep", "fill", "replace"]
    """Languages: keep, fill in where there is none, or replace by what the text is in."""
    lang_model: str | None
    """FastText model of languages; unset: the one that comes with glmdata."""
    lang_threshold: float
    """Below this probability a language is und."""
    mojibake: Literal["repair", "keep"]
    """Text read in a wrong encoding: repair, or remove where that is not certain; or keep."""
    classifier: list[str]
    """Name and folder of a classifier, whose column p_NAME rules may ask for; may repeat."""
    benchmark: list[str]
    """File, pack or folder of benchmark items that no kept document may hold; may repeat."""
    benchmark_field: str
    """Column with the question of a benchmark item, or several between commas."""
    benchmark_report: bool
    """Only list documents with benchmark items, in report.json; remove none for them."""
    jieba: bool
    """Measure words as jieba cuts them too; on where a rule asks for jieba_."""
    offence: bool
    """Ask the model of offensive passages too; on where a rule asks for offence_."""
    max_source_loss: float | None
    """Exit 1 when a source loses more than this share; unset: no limit."""
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
    ]
    """Rules that remove: glm4, c4, mc4, gopher, fineweb, fineweb2-zh, chinese-web, books, wiki,
    paper, code, offensive-model, none."""
    rules: str | None
    """TOML file of own rules, asked before those of the preset."""
    kind: list[str]
    """What a source is (web, book, wiki, paper, docs, law, poetry, question, code); may repeat."""
    pii: Literal["keep", "mask", "drop"]
    """Personal data: keep, mask in kept documents, or drop documents with it."""
    tag: bool
    """Only score: nothing is decided and no document is written."""
    format: Literal["arrow", "parquet", "jsonl.zst"]
    """Arrow, parquet or jsonl.zst."""
    write: Literal["all", "decisions"]
    """All, or decisions: no kept documents."""
    removed_text: bool
    """Store the text of removed documents too."""


class ClassifierOptions(TypedDict, total=False):
    """The fields of `ClassifierConfig`."""

    text_field: str
    """Column with the text."""
    label_field: str
    """Column with the label."""
    positive: str
    """The label that is looked for; every other one is not."""
    split_field: str | None
    """Column that says train of texts to learn from; unset: eight in ten, by hash."""
    epochs: int
    """Passes over the texts."""
    rate: float
    """Learning rate at the beginning."""
    dimension: int
    """Length of the vectors."""
    least: int
    """Terms in fewer texts are left out."""
    seed: int
    """Of the vectors that learning begins with."""
