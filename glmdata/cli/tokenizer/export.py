"""`glmdata tokenizer export`: one vocabulary to the files of other programs."""

from __future__ import annotations

from pathlib import Path

import click

from glmdata.cli.output import say, say_json
from glmdata.errors import ConfigError
from glmdata.tokenizer import Tokenizer
from glmdata.tokenizer.export import FORMATS, export
from glmdata.tokenizer.vocabulary import DESCRIPTION_FILE


@click.command("export")
@click.argument("source", metavar="DIR|FILE|NAME")
@click.option(
    "--format",
    "formats",
    multiple=True,
    required=True,
    type=click.Choice([*FORMATS, "gguf"]),
    help="what to write; may repeat",
)
@click.option("--output", metavar="DIR", help="where; unset: DIR itself")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(source: str, formats: tuple[str, ...], output: str | None, as_json: bool) -> None:
    """Write the files that tiktoken, Hugging Face and llama.cpp read.

    tiktoken: tokenizer.tiktoken and tokenizer.toml. huggingface: tokenizer.json, and beside it what
    ends and fills a text. transformers: a folder for AutoTokenizer. gguf: tokenizer.gguf, without
    weights (pip install 'glmdata[gguf]'). Each is read again and compared before it is kept.
    """
    if output is None and not Path(source).is_dir():
        raise ConfigError(f"export: expected --output, since {source} is no folder, found none")
    folder = Path(output if output is not None else source)
    ours = (folder / DESCRIPTION_FILE).exists()
    if output is None and "huggingface" in formats and not ours:
        raise ConfigError(
            f"export: expected --output, since {source} has files of these names, found none"
        )
    tokenizer = Tokenizer.load(source)
    names = export(tokenizer, folder, formats)
    if as_json:
        content = {"sha256": tokenizer.sha256, "output": str(folder), "files": names}
        say_json(content)
        return
    for name in names:
        say(f"{(folder / name).stat().st_size:>12,}  {folder / name}")
