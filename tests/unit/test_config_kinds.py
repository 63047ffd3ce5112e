"""What every kind of field takes and refuses, from flags, variables, TOML and Python alike."""

from __future__ import annotations

import copy
import pickle
from collections import deque
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from glmdata.config.fields import option
from glmdata.config.model import Config, options_of
from glmdata.config.sizes import Count, Size
from glmdata.errors import ConfigError

TEXTS: dict[str, Any] = {"help": "", "expected": "the right", "group": "run", "metavar": "X"}


@dataclass(frozen=True, init=False)
class Sample(Config):
    text: str = option("text", **TEXTS, min_length=1)
    path: str | None = option(None, **TEXTS)
    mode: str = option("one", **TEXTS, pattern=r"one|two:.+")
    name: Literal["fast", "slow"] = option("fast", **TEXTS)
    number: float = option(0.5, **TEXTS, ge=0, le=1)
    above: float = option(1, **TEXTS, gt=0)
    whole: int = option(2, **TEXTS, ge=0)
    seed: int | None = option(None, **TEXTS, ge=0, le=2**64 - 1)
    size: Size = option("64MiB", **TEXTS, ge=1)
    count: Count | None = option(None, **TEXTS, ge=1)
    truth: bool = option(False, **TEXTS)
    texts: list[str] = option([], **TEXTS)
    pairs: list[str] = option([], **TEXTS, each=r".+=\d")
    even: int = option(0, **TEXTS, check=lambda n: n % 2 == 0)


@dataclass(frozen=True, init=False)
class Wider(Sample):
    least: int = option(1, **TEXTS)

    def _misfit(self) -> str | None:
        return "least" if self.least > self.whole else None


class Text(str):
    """A text of another class, as libraries return them."""


TAKEN: list[tuple[str, list[object], object]] = [
    ("text", ["a", " ", "文本", "1", "true", "null", "x\n"], None),
    ("text", [Text("a"), np.str_("a")], "a"),
    ("path", ["", "null", "none", "a/b"], None),
    ("path", [None], None),
    ("mode", ["one", "two:x", "two:three"], None),
    ("name", ["fast", "slow"], None),
    ("name", [Text("slow"), np.str_("slow")], "slow"),
    ("number", [0.5, "0.5", " 0.5", "+.5", "5e-1", "0.50", np.float32(0.5)], 0.5),
    ("number", [1, "1", 1.0, np.int64(1), "1\n"], 1.0),
    ("above", [1e300, "1e300", 1e300], 1e300),
    ("above", ["1_000"], 1000.0),
    ("whole", [64, "64", " 64 ", "+64", "64.0", "64.00", 64.0, np.int64(64), np.uint8(64)], 64),
    ("whole", ["1_000", "\t1000", "1000\u3000"], 1000),
    ("whole", [2**64 - 1, str(2**64 - 1)], 2**64 - 1),
    ("seed", [None], None),
    ("seed", [2**64 - 1, str(2**64 - 1)], 2**64 - 1),
    ("size", ["1.5GiB", 3 * 2**29, "1536 mib", str(3 * 2**29), float(3 * 2**29)], 3 * 2**29),
    ("size", [" 8 GB "], 8 * 10**9),
    ("count", ["1.5T", "1500B", 1_500_000_000_000, 1.5e12], 1_500_000_000_000),
    ("count", [None], None),
    ("truth", [True, 1, 1.0, "true", "True", "TRUE", "yes", "on", "t", "Y", "1"], True),
    ("truth", [False, 0, 0.0, "false", "False", "no", "OFF", "f", "n", "0"], False),
    ("truth", [np.True_], True),
    ("texts", [["a"], ("a",), {"a"}, frozenset({"a"}), deque(["a"]), {"a": 1}.keys()], ["a"]),
    ("texts", [[Text("a")], np.array(["a"])], ["a"]),
    ("texts", [[], ()], []),
    ("texts", [["", "a,b"]], ["", "a,b"]),
    ("pairs", [["a=1", "b=c=2"]], ["a=1", "b=c=2"]),
    ("even", [2, "2"], 2),
]
"""Field, values it takes, and what they become; None for themselves."""

REFUSED: list[tuple[str, list[object]]] = [
    ("text", ["", None, 1, 0.5, True, b"a", ["a"], Path("a")]),
    ("path", [1, True, b"a", Path("a"), []]),
    ("mode", ["", "One", "one ", "one\n", "two:", "two:a\nb", "three", 1, None]),
    ("name", ["", "Fast", " fast", "medium", 0, True, None, ["fast"], b"fast"]),
    ("number", [1.5, -0.1, "1.5", "", " ", "half", "0,5", "nan", "inf", "1 0", "1__0", None]),
    ("number", [float("nan"), float("inf"), True, False, [0.5], {}, 1j, b"0.5"]),
    ("above", [0, 0.0, -1, "0", "inf", "1e400", float("inf"), float("nan"), 10**400]),
    ("whole", [-1, "-1", 64.5, "64.5", "64.", "1e2", "0x40", "6 4", "1__0", "_1", "1,000", ""]),
    ("whole", ["true", True, False, None, float("nan"), float("inf"), b"64", [64], "64MiB"]),
    ("whole", ["1" * 5000, 2**64, 10**30]),
    ("seed", [2**64, -1, "null", "none", ""]),
    ("size", [0, "0", -1, "-1MiB", "1e3", "12 parsecs", "", None, True, b"64", 1.5, [64]]),
    ("size", ["1" * 5000, "99999999999999GiB", 10**30]),
    ("count", [0, "0", "1GiB", "", True, "many", "99999999999T"]),
    ("truth", ["", "perhaps", " true", "true\n", 2, -1, 0.5, None, [], "2", b"true"]),
    ("texts", ["a", "", None, 1, [1], [None], ["a", 1], [b"a"], [["a"]], {"a": "b"}, range(2)]),
    ("pairs", [["a=1", "b"], [""], ["=1"], ["a=12"], ["a=1\n"], "a=1"]),
    ("even", [1, "3"]),
]


@pytest.mark.parametrize(("key", "values", "becomes"), TAKEN)
def test_what_is_taken(key: str, values: list[object], becomes: object) -> None:
    for value in values:
        held = getattr(Sample(**{key: value}), key)
        wanted = value if becomes is None else becomes
        assert held == wanted, value
        # Exactly that type: manifests and the compiled module take no stand-ins.
        assert type(held) is type(wanted), value
        if isinstance(held, list):
            assert [type(item) for item in held] == [str] * len(held), value


@pytest.mark.parametrize(("key", "values"), REFUSED)
def test_what_is_refused(key: str, values: list[object]) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=f"^{key}: expected the right, found "):
            Sample(**{key: value})


def test_every_field_is_in_both_tables() -> None:
    assert {key for key, *_ in TAKEN} == {key for key, _ in REFUSED} == set(options_of(Sample))


def test_a_list_may_be_read_once_only() -> None:
    assert Sample(texts=(letter for letter in "ab")).texts == ["a", "b"]


def test_defaults_are_judged_like_any_other_value() -> None:
    sample = Sample()
    assert (sample.size, sample.above) == (2**26, 1.0)
    assert type(sample.above) is float


def test_a_default_is_nobody_s_to_change() -> None:
    Sample().texts.append("a")
    assert Sample().texts == []


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^unknown option `trith`\n|`trith`$") as caught:
        Sample(trith=1)
    assert caught.value.hint == "did you mean `truth`?"


def test_values_that_do_not_go_together_are_refused() -> None:
    assert Wider(least=2).least == 2
    with pytest.raises(ConfigError, match=r"^least: expected the right, found 3$"):
        Wider(least=3)


def test_a_config_cannot_be_changed() -> None:
    sample = Sample()
    with pytest.raises(FrozenInstanceError):
        sample.text = "other"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del sample.text


def test_equal_options_make_equal_configs() -> None:
    assert Sample(number="0.50") == Sample(number=0.5) == Sample()
    assert Sample(whole=3) != Sample()
    assert Wider() != Sample()


def test_fields_of_a_base_come_first() -> None:
    assert list(options_of(Wider)) == [*options_of(Sample), "least"]
    assert list(Wider().values()) == list(options_of(Wider))


def test_what_was_given_is_remembered() -> None:
    sample = Sample(whole="2", truth=False)
    assert sample.stated() == {"whole": 2, "truth": False}
    changed = sample.changed(text="a")
    assert changed.stated() == {"text": "a", "whole": 2, "truth": False}
    assert sample.text == "text"
    with pytest.raises(ConfigError, match=r"^whole: expected"):
        sample.changed(whole=-1)


def test_copies_and_pickles_are_equal() -> None:
    sample = Sample(whole=7)
    for other in (copy.copy(sample), copy.deepcopy(sample), pickle.loads(pickle.dumps(sample))):
        assert other == sample
        assert other.given == {"whole"}


def configs(base: type[Config]) -> list[type[Config]]:
    return [model for child in base.__subclasses__() for model in (child, *configs(child))]


def test_every_config_is_frozen_and_judged() -> None:
    from glmdata import engine
    from glmdata.export import ExportConfig
    from glmdata.filter import ClassifierConfig
    from glmdata.tokenizer.audit.config import AuditConfig

    known = set(configs(Config))
    assert known >= {engine.PipelineConfig, ExportConfig, ClassifierConfig, AuditConfig}
    for model in known:
        assert model.__init__ is Config.__init__, f"{model}: needs init=False"
        assert vars(model)["__dataclass_params__"].frozen, model
