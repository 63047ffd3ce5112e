"""The reference of exit codes and errors, and of the Python API."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from typing import Any

import glmdata.errors
from docs.site.page import cell, code, filled, page, table
from docs.site.verbs import shown_default
from glmdata.cli import exit_codes
from glmdata.cli.main import code_of
from glmdata.config.model import Config, options_of
from glmdata.errors import GlmdataError

ROOT = Path(__file__).parents[2]

MODULES = (
    *("glmdata.dedup", "glmdata.filter", "glmdata.tokenizer", "glmdata.shard", "glmdata.mix"),
    *("glmdata.rows", "glmdata.rows.torch", "glmdata.export", "glmdata.verify"),
    *("glmdata.engine", "glmdata.report", "glmdata.errors"),
)
"""Modules for people, as data goes through them."""


def meanings() -> dict[int, tuple[str, str]]:
    """Exit code -> its name, and what is said of it below its declaration."""
    body = ast.parse(inspect.getsource(exit_codes)).body[1:]
    found = {}
    for assigned, told in zip(body[::2], body[1::2], strict=True):
        name = ast.unparse(assigned).partition(" ")[0]
        found[getattr(exit_codes, name)] = (name, str(ast.literal_eval(ast.unparse(told))))
    return found


def error_classes() -> list[type[BaseException]]:
    """What glmdata raises on purpose."""
    members = inspect.getmembers(glmdata.errors, inspect.isclass)
    return [k for _, k in members if issubclass(k, GlmdataError)]


def code_page() -> str:
    """`reference/exit-codes.md`."""
    rows = [(str(number), cell(told)) for number, (_, told) in sorted(meanings().items())]
    errors = []
    for kind in error_classes():
        number = code_of(kind)
        about = cell(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0])
        ends = "" if number is None else str(number)
        errors.append(
            (f"[`{kind.__name__}`](../api/errors.md#glmdata.errors.{kind.__name__})", ends, about)
        )
    return page(
        "Exit codes",
        "By the code a script learns what to mend. The message is on standard error, with a "
        "`hint:` line where a way out is known; results alone are on standard output.",
        table(("code", "meaning"), rows),
        "## Errors in Python",
        "Functions raise these; the command line ends with the code beside them.",
        table(("class", "code", "when"), errors),
    )


def api_pages() -> dict[str, str]:
    """Path -> text of a page a module: its public names, from their docstrings."""
    pages = {f"{module.removeprefix('glmdata.')}.md": _module(module) for module in MODULES}
    rows = [
        (f"[`{module}`]({module.removeprefix('glmdata.')}.md)", cell(_first(module)))
        for module in MODULES
    ]
    told = (
        "`import glmdata` loads no stage: each is loaded when it is first named. "
        "`glmdata.Tokenizer` and `glmdata.TokenRows` stand for `glmdata.tokenizer.Tokenizer` and "
        "`glmdata.rows.TokenRows`."
    )
    pages["index.md"] = page("Python API", told, table(("module", "for"), rows))
    return pages


def _first(module: str) -> str:
    tree = ast.parse(_file(module).read_text("utf-8"))
    return (ast.get_docstring(tree) or "").split("\n\n")[0]


def _file(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def public_names(module: str) -> dict[str, str]:
    """Public name -> the dotted path of where it is defined."""
    tree = ast.parse(_file(module).read_text("utf-8"))
    origins = {
        alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("glmdata.")
        for alias in node.names
    }
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            break
    else:
        defined = (ast.ClassDef, ast.FunctionDef)
        names = [n.name for n in tree.body if isinstance(n, defined) and n.name[0] != "_"]
    return {name: origins.get(name, f"{module}.{name}") for name in names}


def value_of(module: str, name: str) -> Any:
    """What a public name stands for; None in a module that needs torch, which need not be there."""
    return None if module.endswith(".torch") else getattr(importlib.import_module(module), name)


def _module(module: str) -> str:
    docstring = ast.get_docstring(ast.parse(_file(module).read_text("utf-8"))) or ""
    parts = [_prose(docstring)]
    for name, origin in public_names(module).items():
        value = value_of(module, name)
        if value is not None and not callable(value):
            # A name of a stage, say: its value is all there is to it.
            parts.append(f"## {name} {{ #{module}.{name} }}\n\n{code(repr(value)[:200])}")
            continue
        options = ["      heading_level: 2", f"      heading: {name}", f"      toc_label: {name}"]
        if inspect.isclass(value) and issubclass(value, Config):
            options.append("      members: false")
        parts.append("\n".join([f"::: {origin}", "    options:", *options]))
        if inspect.isclass(value) and issubclass(value, Config):
            parts.append(_fields(value))
    return page(module, *parts)


def _fields(config: type[Config]) -> str:
    """The fields of a config: what a run takes as keywords."""
    rows = [
        (
            code(name),
            shown_default(field.option),
            cell(f"{field.option.help} (expected: {field.option.expected})"),
        )
        for name, field in options_of(config).items()
    ]
    return filled(("field", "default", "meaning"), rows)


def _prose(docstring: str) -> str:
    """A docstring in Markdown: examples and lists of files are blocks."""
    found = []
    for paragraph in docstring.split("\n\n"):
        if paragraph.startswith(">>>"):
            found.append(f"```pycon\n{paragraph}\n```")
        elif all(
            line.startswith("    ") or "  " in line.strip() for line in paragraph.splitlines()
        ):
            found.append(f"```text\n{inspect.cleandoc(paragraph)}\n```")
        else:
            found.append(paragraph)
    return "\n\n".join(found)
