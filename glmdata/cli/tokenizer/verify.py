"""`glmdata tokenizer verify`: one call, and the first faults."""

from __future__ import annotations

from dataclasses import asdict

import click

from glmdata.cli import exit_codes
from glmdata.cli.output import say, say_json
from glmdata.cli.terminal import visible
from glmdata.tokenizer.verify import Verdict, verify

_MEANING = {
    "C1": "tokens that lower ranks do not merge from two parts",
    "C2": "tokens that no merging reaches",
    "C3": "gaps, repeated or empty tokens, bytes without a token",
    "specials": "special tokens with the id of another token",
}


@click.command("verify")
@click.argument("source", metavar="DIR|FILE|NAME")
@click.option("--limit", default=20, show_default=True, metavar="N", help="findings to list")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(source: str, limit: int, as_json: bool) -> int:
    """Judge a vocabulary by the rules that make ids the same everywhere.

    Where they hold, tiktoken, Hugging Face tokenizers and llama.cpp give equal ids. Exit codes: 0
    all rules hold, 1 one is broken, 2 not byte-level BPE, 4 unreadable.
    """
    verdict = verify(source, limit=limit)
    if as_json:
        content = {**asdict(verdict), "valid": verdict.valid}
        say_json(content)
    else:
        _print(verdict)
    return exit_codes.DONE if verdict.valid else exit_codes.GATE_FAILED


def _print(verdict: Verdict) -> None:
    say(f"{'where':10}{verdict.place}")
    say(f"{'ranks':10}{verdict.ranks:,}, and {verdict.special_tokens:,} special tokens")
    if verdict.sha256 is not None:
        say(f"{'sha256':10}{verdict.sha256}")
    asked = verdict.broken["C3"] == 0
    for rule, meaning in _MEANING.items():
        count = verdict.broken[rule]
        if rule in ("C1", "C2") and not asked:
            found = "not asked: the ranks are ambiguous"
        else:
            found = f"{count:,} {meaning}" if count else "holds"
        say(f"{rule:10}{found}")
    for finding in verdict.findings:
        rank = "" if finding.rank is None else f"{finding.rank:,}"
        text = "" if finding.text is None else f"  {visible(finding.text, one_line=True)!r}"
        say(f"  {finding.rule:9}{rank:>9}  {visible(finding.detail)}{text}")
    more = sum(verdict.broken.values()) - len(verdict.findings)
    if more:
        say(f"  and {more:,} more: see --limit")
