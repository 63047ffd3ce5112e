"""`glmdata tokenizer repair`: leave out what breaks the rules, write the rest."""

from __future__ import annotations

from pathlib import Path

import click

from glmdata.cli.output import say, say_json
from glmdata.cli.terminal import visible
from glmdata.stage.atomic import write_json
from glmdata.stage.listing import refuse_occupied
from glmdata.stage.lock import writing
from glmdata.tokenizer.repair import Repaired, repair
from glmdata.tokenizer.verify import spelled

_LISTED = 20


@click.command("repair")
@click.argument("source", metavar="DIR|FILE|NAME")
@click.option("--output", required=True, metavar="DIR", help="an empty or new folder")
@click.option("--json", "as_json", is_flag=True, help="print JSON with all dropped tokens")
def command(source: str, output: str, as_json: bool) -> None:
    """Leave out the tokens that break rule C1, and those merged from them.

    Pattern and special tokens stay as they are, special tokens with their ids unless these are
    ranks; the other ids close up. repair.json lists what went, and the old id of each new one.
    """
    folder = Path(output)
    refuse_occupied(folder)
    repaired = repair(source)
    content = {
        "source": repaired.place,
        "sha256": repaired.tokenizer.sha256,
        "ranks_before": len(repaired.kept) + len(repaired.dropped),
        "ranks": len(repaired.kept),
        "dropped": [{"id": rank, "token": spelled(token)} for rank, token in repaired.dropped],
        "moved": {name: {"old": old, "new": new} for name, (old, new) in repaired.moved.items()},
    }
    with writing(folder):
        repaired.tokenizer.save(folder)
        write_json(folder / "repair.json", {**content, "old_ids": list(repaired.kept)})
    if as_json:
        say_json(content)
    else:
        _print(repaired, folder)


def _print(repaired: Repaired, folder: Path) -> None:
    before = len(repaired.kept) + len(repaired.dropped)
    say(f"{'before':10}{before:,} ranks in {repaired.place}")
    say(f"{'dropped':10}{len(repaired.dropped):,}")
    for rank, token in repaired.dropped[:_LISTED]:
        text = visible(token.decode("utf-8", "replace"), one_line=True)
        say(f"  {rank:>9,}  {spelled(token)}  {text!r}")
    if len(repaired.dropped) > _LISTED:
        say(f"  and {len(repaired.dropped) - _LISTED:,} more in repair.json")
    for name, (old, new) in repaired.moved.items():
        say(f"{'moved':10}{visible(name, one_line=True)} from {old:,} to {new:,}")
    say(f"{'ranks':10}{repaired.tokenizer.n_ranks:,}; {repaired.tokenizer.rows:,} rows")
    say(f"{'where':10}{folder}")
