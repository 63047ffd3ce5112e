"""Typed keyword arguments, written out of the declarations: `python -m tests.typed_options`.

A type checker cannot read the fields of a config off `**options`. So each stage has a generated
file `options.py` with a TypedDict of the same names and types, for `Unpack`; editors complete
from it, and a test compares it with what is declared.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from textwrap import wrap
from typing import get_args, get_type_hints

from glmdata.config.model import Config, options_of
from glmdata.config.sizes import Size

MODELS = {
    "dedup": ("dedup.config:DedupConfig",),
    "filter": ("filter.config:FilterConfig", "filter.classifier:ClassifierConfig"),
    "tokenizer": ("tokenizer.config:CountConfig", "tokenizer.config:TokenizerConfig"),
    "shard": ("shard.config:ShardConfig",),
    "mix": ("mix.config:MixConfig",),
    "export": ("export.config:MaterializeConfig", "export.config:ExportConfig"),
}
"""Folder of a stage -> its configs."""

_WIDTH = 100
_HEAD = '''"""Options as typed keywords, as `python -m tests.typed_options` writes them."""

from __future__ import annotations

from typing import {typing}
'''


def typed_options(stage: str) -> str:
    """The content of `options.py` of a stage."""
    classes = "".join(_typed_dict(_load(name)) for name in MODELS[stage])
    names = ("Literal", "TypedDict") if "Literal[" in classes else ("TypedDict",)
    return _HEAD.format(typing=", ".join(names)) + classes


def path_of(stage: str) -> Path:
    """Where that file lies."""
    return Path(__file__).parents[1] / "glmdata" / stage / "options.py"


def _load(name: str) -> type[Config]:
    module, _, attribute = name.partition(":")
    loaded: type[Config] = getattr(import_module(f"glmdata.{module}"), attribute)
    return loaded


def _typed_dict(model: type[Config]) -> str:
    name = model.__name__.replace("Config", "Options")
    lines = [
        "",
        "",
        f"class {name}(TypedDict, total=False):",
        f'    """The fields of `{model.__name__}`."""',
        "",
    ]
    hints = get_type_hints(model, include_extras=True)
    for key, (option, kind) in options_of(model).items():
        sized = Size in (hints[key], *get_args(hints[key]))
        names = ["int", "str"] if sized else [_spelled(kind.type)]
        lines += _field(key, " | ".join([*names, *(["None"] if kind.optional else [])]))
        lines += _documented(option.help[:1].upper() + option.help[1:])
    return "\n".join(lines) + "\n"


def _spelled(kind: object) -> str:
    if isinstance(kind, type) and not get_args(kind):
        return kind.__name__
    words = get_args(kind)
    if words and all(isinstance(word, str) for word in words):
        return f"Literal[{', '.join(f'{chr(34)}{word}{chr(34)}' for word in words)}]"
    return str(kind)


def _field(key: str, annotation: str) -> list[str]:
    line = f"    {key}: {annotation}"
    if len(line) <= _WIDTH:
        return [line]
    # Only words of a Literal are that many.
    words = annotation.removeprefix("Literal[").removesuffix("]").split(", ")
    return [f"    {key}: Literal[", *(f"        {word}," for word in words), "    ]"]


def _documented(help: str) -> list[str]:
    text = f'"""{help.removesuffix("...")}."""'
    return [f"    {line}" for line in wrap(text, _WIDTH - 4)]


def main() -> None:
    """Write all of them."""
    for stage in MODELS:
        path_of(stage).write_text(typed_options(stage), encoding="utf-8")


if __name__ == "__main__":
    main()
