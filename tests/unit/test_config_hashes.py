"""What configs hash to, in every version: a stage is complete or resumed by this.

A new option, or a new default, changes the hash of its config. Then renew it here, and let
CHANGELOG say that finished stages of that kind are refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from glmdata.config.limits import RunLimits
from glmdata.config.model import Config
from glmdata.dedup.config import DedupConfig, config_sha256
from glmdata.engine import PipelineConfig
from glmdata.export import ExportConfig
from glmdata.filter import ClassifierConfig, FilterConfig, ScoreConfig
from glmdata.mix import MixConfig
from glmdata.shard import ShardConfig
from glmdata.tokenizer.audit.config import AuditConfig
from glmdata.tokenizer.config import CountConfig, TokenizerConfig

DEDUP = {
    "preset": "high-recall",
    "threshold": "1",
    "max_record": "1GB",
    "keep": "best:score",
    "source_rule": ("*.gov.cn=law",),
    "fuzzy_short": "yes",
    "line_dedup": "30",
    "containment": "0.9",
    "lang_field": "语言",
}
FILTER = {"preset": "mc4", "kind": ["a=book"], "jieba": "on", "lang_threshold": 1, "max_bad": "0.5"}
MIX = {
    "weight": {"book": 2, "web/zh": 0.5},
    "target_tokens": "300B",
    "seed": 2**64 - 1,
    "temperature": "1.5",
}

HASHES: list[tuple[type[Config], dict[str, Any], str]] = [
    (DedupConfig, {}, "f3a8c4e23cbec511916768e95ba446412130575f3533b3236c3d3c2025b9ed79"),
    (DedupConfig, DEDUP, "9dd8c95790e819265569af4a496a4702409e173b9bf221ae80b89ca562ce7803"),
    (ScoreConfig, {}, "3212237df5f9b9792e02d1f25f25b7fec367c24d7634c2ca4db4112cfaaaa1c7"),
    (FilterConfig, {}, "3ad0ab17461e52c3b097ce52a6a46793f78236bf896eeacda2ba503e6a4a2696"),
    (FilterConfig, FILTER, "b9ea3de722054016138304bce30e531983b2aac23977b2715a7bf414f22d131f"),
    (ClassifierConfig, {}, "89972d85697bf2847dc8fdfc5c16f9631569232606148d5d8fa6f8e32c77da95"),
    (MixConfig, {}, "175345ac09f7ad9d52b42587f68f8623b02c0f0603930726b44ed10d9a422f1f"),
    (MixConfig, MIX, "f16a1aeb100d4d5110e0037b78520965b44e522eabc2c120e7c036627971e89b"),
    (CountConfig, {}, "b8806b8d6437e5f8707ac9de61eaa13a057e19a6798f0e1fb0a15845e7d5b605"),
    (TokenizerConfig, {}, "17f983c60a2af5627fd11f01a48dccdf1126782953c5a814f6683beeb63c39ef"),
    (AuditConfig, {}, "96090ac6c2057a2037fcd91aa9fe5df1663b8e0575254697d036a0d035e012c6"),
    (ShardConfig, {}, "3373c004f196caaee95a5aed1cdfc82be73bddf7210669d0c3b7fd614335f955"),
    (ExportConfig, {}, "4e2971c1ae54139a459da3c9c980c6cbf67fb3020be47bfa61977d4d05a9eac6"),
    (RunLimits, {}, "b1bbf1ff24298141754602dc3db39f0c7c9f97a1b9739e2c272811fc23f47876"),
    (PipelineConfig, {}, "e2fdbbadf38a54248c8aa35cecc918df2ce79234c585cecfce3bc7ed53702ce5"),
]


@pytest.mark.parametrize(("model", "options", "digest"), HASHES)
def test_hashes_are_those_of_earlier_versions(
    model: type[Config], options: dict[str, Any], digest: str
) -> None:
    assert config_sha256(model(**options).values()) == digest


def test_a_config_read_back_from_a_manifest_is_the_same() -> None:
    for model, options, _ in HASHES:
        config = model(**options)
        assert model(**json.loads(json.dumps(config.values()))) == config


def test_deduplication_hashes_itself() -> None:
    assert DedupConfig(**DEDUP).sha256() == config_sha256(DedupConfig(**DEDUP).values())
