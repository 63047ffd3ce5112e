"""What single options refuse beyond their kind: every `each`, `pattern`, `check` and misfit."""

from __future__ import annotations

import pytest

from glmdata.config.model import Config
from glmdata.dedup.config import DedupConfig
from glmdata.engine import PipelineConfig
from glmdata.errors import ConfigError
from glmdata.filter import FilterConfig
from glmdata.mix import MixConfig
from glmdata.tokenizer.config import TokenizerConfig

RIGHT: list[tuple[type[Config], dict[str, object]]] = [
    (DedupConfig, {"source_rule": ["*.gov.cn=law", "a=b=c"]}),
    (DedupConfig, {"num_perm": 512, "bands": "64x8"}),
    (DedupConfig, {"bands": "32x8"}),
    (DedupConfig, {"shingle": "word:999"}),
    (DedupConfig, {"keep": "newest:date"}),
    (FilterConfig, {"source_rule": ["*.gov.cn=law"]}),
    (FilterConfig, {"classifier": ["toxic=models/t", "q_2=a=b@0123abcd"]}),
    (FilterConfig, {"kind": ["web=poetry", "a=b=law"]}),
    (MixConfig, {"weight": ["book=2", "web/zh=0", "a=b=1e3"]}),
    (MixConfig, {"weight": {"book": 2, "web/zh": 0.5}}),
    (MixConfig, {"floor": {"zh": 0.5, "en": 0.5}}),
    (MixConfig, {"infill_mask": 0.3, "infill_sentence": 0.7}),
    (MixConfig, {"fim_tokens": ["a", "b", "c"]}),
    (MixConfig, {"fim_tokens": []}),
    (TokenizerConfig, {"weight": ["zh=2.5", "en-GB=1"]}),
    (PipelineConfig, {"input": ["crawl/", "--"]}),
]

WRONG: list[tuple[type[Config], str, list[dict[str, object]]]] = [
    (DedupConfig, "source_rule", [{"source_rule": [rule]} for rule in ("law", "=law", "a=", "")]),
    (DedupConfig, "num_perm", [{"num_perm": n} for n in (8, 17, 100, 2048)]),
    (DedupConfig, "bands", [{"bands": b} for b in ("32", "0x8", "032x8", "32x8\n", "33x8", "")]),
    (DedupConfig, "bands", [{"bands": "16x8", "num_perm": 64}, {"bands": "20000x1"}]),
    (DedupConfig, "shingle", [{"shingle": s} for s in ("word:0", "word:", "char:1000", "mixed\n")]),
    (DedupConfig, "keep", [{"keep": k} for k in ("best:", "oldest", "newest:a\nb")]),
    (FilterConfig, "source_rule", [{"source_rule": ["law"]}, {"source_rule": "a=b"}]),
    (FilterConfig, "classifier", [{"classifier": [c]} for c in ("a", "=m", "A=m", "a=", "1=m")]),
    (FilterConfig, "kind", [{"kind": [kind]} for kind in ("web", "web=webs", "=law", "web=law ")]),
    (MixConfig, "weight", [{"weight": [w]} for w in ("a", "=1", "a=", "a=-1", "a=nan", "a=inf")]),
    (MixConfig, "weight", [{"weight": {"a": [1]}}, {"weight": "a=1"}, {"weight": {"a": -1}}]),
    (MixConfig, "floor", [{"floor": ["zh=0.6", "en=0.6"]}, {"floor": {"zh": 1.5}}]),
    (MixConfig, "floor", [{"floor": ["zh=-0.1"]}, {"floor": ["=0.1"]}]),
    (MixConfig, "infill_sentence", [{"infill_sentence": 0.8}]),
    (MixConfig, "fim_tokens", [{"fim_tokens": ["a"]}, {"fim_tokens": ["a", "b"]}]),
    (TokenizerConfig, "weight", [{"weight": [w]} for w in ("zh", "zh=", "zh=-1", "zh = 2", "=1")]),
    (PipelineConfig, "input", [{"input": ["-"]}, {"input": ["crawl/", ""]}]),
]


@pytest.mark.parametrize(("model", "options"), RIGHT)
def test_right_values_pass(model: type[Config], options: dict[str, object]) -> None:
    assert model(**options).stated().keys() == options.keys()


@pytest.mark.parametrize(("model", "key", "cases"), WRONG)
def test_wrong_values_are_refused(
    model: type[Config], key: str, cases: list[dict[str, object]]
) -> None:
    for options in cases:
        with pytest.raises(ConfigError, match=f"^{key}: expected "):
            model(**options)
