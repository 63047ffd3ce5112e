"""The options of an audit: the only place of their names, defaults and help."""

from __future__ import annotations

from dataclasses import dataclass

from glmdata.config.documents import ReadConfig
from glmdata.config.fields import option
from glmdata.config.sizes import Count


@dataclass(frozen=True, init=False)
class AuditConfig(ReadConfig):
    """What is read, and what tokens are judged by."""

    budget: Count = option(
        "1T",
        help="tokens of the training run for which the risk of rare tokens is estimated",
        expected="a number of tokens such as 300B",
        group="judging",
        metavar="N",
        ge=1,
    )
    lexicon: str | None = option(
        None,
        help="file of words, one a line, that no token should contain",
        expected="a path",
        group="judging",
        metavar="FILE",
    )
    cover: str | None = option(
        None,
        help="file of characters that should be one token each, beside GB 2312 and Big5",
        expected="a path",
        group="judging",
        metavar="FILE",
    )
