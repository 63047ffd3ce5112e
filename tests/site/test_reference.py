"""Everything that is declared has its entry in the reference, and nothing else has."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from docs.site import build, codes, files, signals, verbs
from docs.site.page import cell
from glmdata import _native
from glmdata.cli import exit_codes
from glmdata.cli.config import MODELS
from glmdata.cli.main import VERBS
from glmdata.config.model import Config, options_of
from glmdata.filter.presets import preset_rules


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Schema]:
    return files.written(tmp_path_factory.mktemp("run"))


def first_cells(text: str) -> set[str]:
    """Names in the first cells of all tables of a page."""
    rows = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_verb_has_a_page() -> None:
    pages = verbs.verb_pages()
    found = verbs.commands()
    assert set(VERBS) <= set(found)
    assert {f"tokenizer {verb}" for verb in ("verify", "audit", "export")} <= set(found)
    for verb in found:
        assert f"# glmdata {verb}\n" in pages[f"commands/{verbs.slug(verb)}.md"]
        assert f"`glmdata {verb}`" in pages["commands/index.md"]


@pytest.mark.parametrize("verb", verbs.commands())
def test_every_option_has_a_row(verb: str) -> None:
    text = verbs.verb_pages()[f"commands/{verbs.slug(verb)}.md"]
    flags = {flag for option in verbs.options(verbs.commands()[verb]) for flag in option.opts}
    named = {name for name in first_cells(text) if name.startswith("--")}
    assert flags - {"--help"} <= named


def test_every_field_of_a_stage_is_an_option_with_what_it_expects() -> None:
    for verb, stage in verbs.STAGE_OF.items():
        text = verbs.verb_pages()[f"commands/{verb}.md"]
        given = {str(o.name): verbs.declared(o) for o in verbs.options(verbs.commands()[verb])}
        for model in MODELS[stage]:
            for name, field in options_of(model).items():
                assert given[name] is field.option
                assert cell(field.option.expected) in text


def test_every_signal_has_a_row(written: dict[str, pa.Schema]) -> None:
    told = {signal.name for signal in signals.signals()}
    assert told >= {name for name, _ in _native.signals("")}
    (scores,) = (schema for name, schema in written.items() if name.startswith("filter/scores/"))
    assert told <= set(scores.names)
    rows = first_cells(signals.signal_page())
    assert told <= rows
    assert all(signal.about and signal.unit for signal in signals.signals())


def test_units_are_those_of_the_values(written: dict[str, pa.Schema]) -> None:
    (scores,) = (schema for name, schema in written.items() if name.startswith("filter/scores/"))
    for signal in signals.signals():
        whole = signal.unit == signals.UNITS["count"]
        assert scores.field(signal.name).type == (pa.uint64() if whole else pa.float64())


def test_every_preset_and_rule_has_its_place() -> None:
    text = signals.preset_page()
    rows = first_cells(text)
    for name in signals.presets():
        assert f"\n## {name}\n" in text
        assert {rule.name.rpartition("/")[2] for rule in preset_rules(name)} <= rows


def test_every_rule_of_a_file_is_read() -> None:
    text = signals.preset_page()
    for name, source in signals.presets().items():
        part = text[text.index(f"\n## {name}\n") + 1 :].split("\n## ")[0]
        rows = re.findall(r"^\| (?!rule|---)", part, re.MULTILINE)
        assert len(rows) == len(re.findall(r"^\[\[", source, re.MULTILINE)), name
        assert re.search(r"^> \S", part, re.MULTILINE), f"{name} names no source"


def test_every_column_of_a_run_has_a_meaning(written: dict[str, pa.Schema]) -> None:
    text = files.file_page(written)
    measured = {signal.name for signal in signals.signals()}
    for schema in filter(None, written.values()):
        assert set(schema.names) - measured <= first_cells(text)


def test_a_column_without_a_meaning_is_refused(written: dict[str, pa.Schema]) -> None:
    name = "dedup/clusters.arrow"
    odd = {**written, name: written[name].append(pa.field("colour", pa.string()))}
    with pytest.raises(files.UndeclaredError, match=r"dedup/clusters.arrow: colour"):
        files.columns(odd)
    with pytest.raises(files.UndeclaredError, match=r"dedup/odd.arrow"):
        files.columns({**written, "dedup/odd.arrow": written[name]})


def test_every_exit_code_and_error_has_a_row() -> None:
    numbers = {n for name, n in vars(exit_codes).items() if name.isupper()}
    assert set(codes.meanings()) == numbers
    text = codes.code_page()
    assert all(f"| {number} | " in text for number in numbers)
    assert all(f"`{kind.__name__}`" in text for kind in codes.error_classes())


def test_every_public_name_of_a_module_is_on_its_page() -> None:
    pages = codes.api_pages()
    for module in codes.MODULES:
        text = pages[f"{module.removeprefix('glmdata.')}.md"]
        names = codes.public_names(module)
        assert names
        for name, origin in names.items():
            value = codes.value_of(module, name)
            if isinstance(value, type) and issubclass(value, Config):
                assert set(options_of(value)) <= first_cells(text)
            assert f"::: {origin}\n" in text or f"## {name} {{" in text


def test_every_guide_is_a_page() -> None:
    guides = {f"docs/{path.name}" for path in (build.ROOT / "docs").glob("*.md")}
    assert guides <= set(build.HAND_WRITTEN)


def test_generated_pages_are_not_committed() -> None:
    assert "/dist/" in (build.ROOT / ".gitignore").read_text().splitlines()
    assert build.TARGET.is_relative_to(build.ROOT / "dist")
    assert build.SOURCE.is_relative_to(build.ROOT / "dist")
    assert not list(Path(build.ROOT / "docs").rglob("signals.md"))
