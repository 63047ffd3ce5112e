"""Build the site into dist/docs: `make docs`, which also installs what this needs.

The pages are the README, the guides of docs/ and what is generated from declarations; they are put
together in dist/docs-source and made into HTML by Zensical, which takes a broken link for an error.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from docs.site import codes, files, signals, verbs

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SOURCE = ROOT / "dist/docs-source"
TARGET = ROOT / "dist/docs"

HAND_WRITTEN = {
    "README.md": "index.md",
    "README.zh-CN.md": "zh.md",
    "docs/INPUTS.md": "guides/inputs.md",
    "docs/LINES-AND-URLS.md": "guides/lines-and-urls.md",
    "docs/FILTER.md": "guides/filter.md",
    "docs/OFFENCE.md": "guides/offence.md",
    "docs/TOKENIZER.md": "guides/tokenizer.md",
    "docs/MIXING.md": "guides/mixing.md",
    "docs/LOADING.md": "guides/loading.md",
    "docs/BROWSE.md": "guides/browse.md",
    "docs/COMING-FROM.md": "guides/coming-from.md",
    "docs/ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "docs/LOG.md": "project/history.md",
    "fuzz/README.md": "project/fuzzing.md",
}
"""A page of the repository -> its place in the site."""

SHOWN = {
    "examples/train_tiny_glm.py": ("project/train-tiny-glm.md", "python"),
    "pipelines/glm4.toml": ("reference/recipes.md", "toml"),
}
"""A file that pages link to -> the page that shows it."""

SHORT = {
    "guides/lines-and-urls.md": "Addresses and passages",
    "guides/offence.md": "Offensive passages",
    "guides/tokenizer.md": "Vocabularies",
    "project/history.md": "History",
}
"""What the navigation calls pages of long titles."""

UNSEARCHED = frozenset({"project/history.md", "project/changelog.md"})
"""What was tried and when: true of its day, so no answer to who searches."""

_LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(#[^)\s]*)?(?=\))")


def generated() -> dict[str, str]:
    """Path -> text of the pages that are made of declarations."""
    with tempfile.TemporaryDirectory() as place:
        written = files.written(Path(place))
    return {
        **{f"reference/{path}": text for path, text in verbs.verb_pages().items()},
        **{f"reference/{path}": text for path, text in signals.recipe_pages().items()},
        "reference/signals.md": signals.signal_page(),
        "reference/presets.md": signals.preset_page(),
        "reference/files.md": files.file_page(written),
        "reference/exit-codes.md": codes.code_page(),
        **{f"api/{path}": text for path, text in codes.api_pages().items()},
    }


def hand_written() -> dict[str, str]:
    """Path -> text of the pages of the repository, their links led to pages of the site."""
    records = {
        path.relative_to(ROOT).as_posix(): f"project/records/{path.parent.name}.md"
        for path in sorted((ROOT / "benches/record").glob("*/summary.md"))
    }
    known = {**HAND_WRITTEN, **records, **{name: page for name, (page, _) in SHOWN.items()}}
    pages = {}
    for name, place in {**HAND_WRITTEN, **records}.items():
        text = _LINK.sub(partial(_led, name=name, known=known), (ROOT / name).read_text("utf-8"))
        hidden = "---\nsearch:\n  exclude: true\n---\n" if place in UNSEARCHED else ""
        pages[place] = hidden + text
    for name, (place, kind) in SHOWN.items():
        if place.startswith("project/"):
            body = (ROOT / name).read_text("utf-8")
            pages[place] = f"# {Path(name).name}\n\n```{kind}\n{body}```\n"
    return pages


def _led(found: re.Match[str], name: str, known: Mapping[str, str]) -> str:
    """A link of a page of the repository as it is in the site."""
    target = (ROOT / name).parent.joinpath(found[1]).resolve().relative_to(ROOT).as_posix()
    target = target.replace("glmdata/engine/pipelines/", "pipelines/")
    if target not in known:
        raise SystemExit(f"error: {name} links to {found[1]}, which is no page of the site")
    up = "../" * known.get(name, "").count("/")
    return f"{up}{known[target]}{found[2] or ''}"


def navigation(pages: Mapping[str, str]) -> list[dict[str, object]]:
    """The pages in their order; no two pages are titled alike."""

    def entries(*places: str) -> list[dict[str, str]]:
        return [{SHORT.get(place) or _title(pages[place]): place} for place in places]

    def below(folder: str) -> list[str]:
        return [place for place in pages if place.startswith(folder)]

    guides = [place for place in HAND_WRITTEN.values() if place.startswith("guides/")]
    reference = ["recipes", "signals", "presets", "files", "exit-codes"]
    project = [place for place in HAND_WRITTEN.values() if place.startswith("project/")]
    records = sorted(below("project/records/"))
    return [
        {"Home": "index.md"},
        {"中文": "zh.md"},
        {"Guides": entries(*guides)},
        {
            "Reference": [
                {"Commands": entries(*below("reference/commands/"))},
                *entries(*(f"reference/{name}.md" for name in reference)),
            ]
        },
        {"Python API": entries("api/index.md", *(p for p in below("api/") if p != "api/index.md"))},
        {
            "Project": [
                *entries(*project, "project/train-tiny-glm.md"),
                {"Records of benches": [{Path(place).stem: place} for place in records]},
            ]
        },
    ]


def _title(text: str) -> str:
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"error: a page without a title: {text[:80]!r}")
    return found[1].removeprefix("glmdata ").removeprefix("glmdata.")


def _inline(value: object) -> str:
    """A value of TOML on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_inline(k)} = {_inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def assemble(place: Path = SOURCE) -> dict[str, str]:
    """Write what Zensical reads; the pages by path."""
    shutil.rmtree(place, ignore_errors=True)
    pages = {**hand_written(), **generated()}
    for path, text in pages.items():
        target = place / "pages" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    shutil.copy(HERE / "extra.css", place / "pages/extra.css")
    settings = (HERE / "zensical.toml").read_text("utf-8")
    nav = f"[project]\nnav = {_inline(navigation(pages))}\n"
    (place / "zensical.toml").write_text(settings.replace("[project]\n", nav, 1), encoding="utf-8")
    return pages


def main() -> None:
    """Build the site, or end with what is wrong."""
    assemble()
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run([*command, "-f", str(SOURCE / "zensical.toml")], cwd=SOURCE, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.returncode)
    shutil.rmtree(TARGET, ignore_errors=True)
    shutil.move(SOURCE / "site", TARGET)
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}/index.html\n")


if __name__ == "__main__":
    main()
