"""Six things to doubt before anything else is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from glmdata.report.collect import Corpus

HEAVY_LOSS = 0.5
"""A source that loses more than this share of its documents in a stage is named."""

HEAVY_RULE = 0.2
"""A rule of the filter that removes more than this share of all documents is named."""

BAD_SHARE = 0.001
"""More unreadable records than this are worth a look; the default of `--max-bad`."""

MAX_EPOCHS = 4.0
"""Repeats beyond which a document adds little (arXiv 2305.16264)."""


@dataclass(frozen=True)
class Flag:
    """A question and its answer."""

    question: str
    raised: bool
    answer: str
    command: str
    """What shows the figures behind the answer."""


def flags(corpus: Corpus) -> list[Flag]:
    """The six, in the order in which they matter."""
    return [
        _sums(corpus),
        _unreadable(corpus),
        _sources(corpus),
        _unasked(corpus),
        _rules(corpus),
        _asked(corpus),
    ]


def _sums(corpus: Corpus) -> Flag:
    faults = list(_faults(corpus))
    names = ", ".join(stage.name for stage in corpus.stages)
    answer = "; ".join(faults) or f"in = kept + removed + quarantined in {names}"
    command = f"glmdata show {corpus.stages[0].folder}"
    return Flag("Is every document accounted for?", bool(faults), answer, command)


def _faults(corpus: Corpus) -> Iterator[str]:
    kept = None
    for stage in corpus.stages:
        counts = stage.documents
        total = counts["kept"] + counts["removed"] + counts["quarantined"]
        if counts["in"] != total:
            yield f"{stage.name}: {counts['in']:,} in, {total:,} accounted for"
        # The tokenizer reads what shards read too, and passes nothing on.
        if kept is not None and counts["in"] != kept:
            yield f"{stage.name} read {counts['in']:,} documents, the stage before kept {kept:,}"
        if stage.name != "tokenizer":
            kept = counts["kept"]


def _unreadable(corpus: Corpus) -> Flag:
    first = corpus.stages[0]
    bad, total = first.documents["quarantined"], max(first.documents["in"], 1)
    why = ", ".join(f"{n:,} {kind}" for kind, n in first.report["quarantine"].items())
    answer = f"{bad:,} of {total:,} records ({bad / total:.3%})" + (f": {why}" if why else "")
    command = f"ls {first.folder / 'quarantine'}"
    return Flag("Could much not be read?", bad / total > BAD_SHARE, answer, command)


def _sources(corpus: Corpus) -> Flag:
    lost = [
        (counts["removed"] / counts["in"], source, stage.name)
        for stage in corpus.cleaning
        for source, counts in stage.report["by_source"].items()
        if counts["in"] and counts["removed"] / counts["in"] > HEAVY_LOSS
    ]
    named = "; ".join(f"{source} lost {share:.0%} in {stage}" for share, source, stage in lost[:8])
    answer = named or f"no source lost more than {HEAVY_LOSS:.0%} of its documents in a stage"
    command = f"glmdata show {corpus.stages[0].folder}"
    return Flag("Did a source nearly vanish?", bool(lost), answer, command)


def _unasked(corpus: Corpus) -> Flag:
    stage = corpus.get("filter")
    question = "Were the rules put to every document?"
    if stage is None:
        return Flag(question, False, "no filter has run", "glmdata filter --help")
    said = [str(text) for text in stage.report.get("warnings", [])]
    answer = "; ".join(said) or "every rule had what it asks for, in the languages it is made for"
    return Flag(question, bool(said), answer, f"glmdata show {stage.folder}")


def _rules(corpus: Corpus) -> Flag:
    stage = corpus.get("filter")
    question = "Does one rule remove too much?"
    if stage is None:
        return Flag(question, False, "no filter has run", "glmdata filter --help")
    total = max(stage.documents["in"], 1)
    shares = {rule: n / total for rule, n in stage.report["removed_by_rule"].items()}
    heavy = {rule: share for rule, share in shares.items() if share > HEAVY_RULE}
    most = max(shares, key=lambda rule: shares[rule], default=None)
    answer = "; ".join(f"{rule} removes {share:.1%}" for rule, share in heavy.items())
    if not answer and most is not None:
        answer = f"the strictest, {most}, removes {shares[most]:.1%}"
    return Flag(question, bool(heavy), answer or "no rule", f"glmdata show {stage.folder}")


def _asked(corpus: Corpus) -> Flag:
    question = "Is the result what was asked for?"
    tokenizer, mix = corpus.get("tokenizer"), corpus.get("mix")
    said, short = [], False
    command = f"glmdata show {corpus.stages[-1].folder}"
    if tokenizer is not None:
        ranks, asked = tokenizer.report["ranks"], tokenizer.report["ranks_asked"]
        short = ranks < asked
        said.append(f"{ranks:,} of {asked:,} tokens could be learned")
    if mix is not None:
        epochs = max((row["epochs"] for row in mix.report["by_source"]), default=0.0)
        short = short or epochs > MAX_EPOCHS
        said.append(f"no source is repeated more than {epochs:.2f} times")
    return Flag(question, short, "; ".join(said) or "no vocabulary or mixture yet", command)
