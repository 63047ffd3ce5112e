"""`glmdata tokenizer`: what can be done with a finished vocabulary, one file a verb."""

from __future__ import annotations

import click

from glmdata.cli.verbs import Verbs

VERBS = {
    "count": "count pre-tokens once, to train from the counts as often as you like",
    "verify": "judge a vocabulary by the rules that make ids the same everywhere",
    "repair": "leave out the tokens that break them",
    "audit": "compare vocabularies on your text: one page to read and print",
    "export": "write the files that tiktoken, Hugging Face and llama.cpp read",
    "encode": "turn documents into ids, as Arrow files",
}


@click.group("tokenizer", cls=Verbs, verbs=VERBS, package="glmdata.cli.tokenizer")
def command() -> None:
    """Judge, mend, compare, export and use a vocabulary.

    A vocabulary is a folder of `glmdata train-tokenizer`, a .tiktoken file, a byte-level
    tokenizer.json, or one of cl100k_base, o200k_base, glm4, qwen2, llama3.
    """
