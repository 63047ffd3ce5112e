"""`glmdata benchmark-pack`: benchmark items as hashes, to be handed on."""

from __future__ import annotations

import click

from glmdata.cli.output import say, say_json
from glmdata.filter import benchmark_pack


@click.command("benchmark-pack", epilog="Exit codes: 0 done, 2 usage, 4 storage, 70 internal.")
@click.argument("inputs", metavar="PATH...", nargs=-1)
@click.option("--output", required=True, metavar="FILE", help="the pack, a file *.jsonl")
@click.option(
    "--benchmark-field", metavar="NAME", help="column with the question; unset: as in the filter"
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(
    inputs: tuple[str, ...], output: str, benchmark_field: str | None, as_json: bool
) -> None:
    """Write benchmark items as hashes of their words, from which no text can be read.

    PATH is a file or folder of items, or another pack. Give the pack to `glmdata filter
    --benchmark`: it finds what the files find. Names of items stand in the pack as they are.
    """
    items = benchmark_pack(inputs, output, benchmark_field=benchmark_field)
    if as_json:
        say_json({"items": items, "output": output})
    else:
        say(f"{output}: {items:,} items")
