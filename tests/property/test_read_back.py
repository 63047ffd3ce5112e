"""Every file that is read back, damaged in every way: no verb may be surprised.

Allowed are the same result, a refused option or input, a damaged file that is named, too little
memory. Never an internal error, an abort, or a wait without an end.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import environment
from tests.property.server import Server
from tests.sealed import reseal

ALLOWED = {0, 1, 2, 3, 4, 5}

VERBS: dict[str, list[tuple[str, ...]]] = {
    "dedup": [
        ("show", "w/dedup", "--json"),
        ("explain", "5", "--stage", "w/dedup", "--json"),
        ("verify", "w/dedup"),
        ("dedup", "--input", "crawl/", "--output", "w/dedup"),
        ("dedup", "--rethreshold", "w/dedup", "--threshold", "0.9", "--output", "new"),
        ("filter", "--workspace", "w", "--output", "new"),
        ("report", "--workspace", "w", "--output", "new"),
    ],
    "filter": [
        ("show", "w/filter", "--json"),
        ("explain", "5", "--stage", "w/dedup", "--json"),
        ("verify", "w/filter"),
        ("filter", "--workspace", "w", "--output", "w/filter"),
        ("filter", "--rescore-from", "w/filter", "--preset", "none", "--output", "new"),
        ("calibrate", "0.1", "--stage", "w/filter"),
        ("shard", "--tokenizer", "w/tokenizer", "--workspace", "w", "--output", "new"),
        ("report", "--workspace", "w", "--output", "new"),
    ],
    "tokenizer": [
        ("show", "w/tokenizer", "--json"),
        ("verify", "w/tokenizer"),
        ("tokenizer", "verify", "w/tokenizer"),
        ("tokenizer", "export", "w/tokenizer", "--format", "huggingface", "--output", "new"),
        ("tokenizer", "repair", "w/tokenizer", "--output", "new"),
        ("tokenizer", "verify", "w/tokenizer/tokenizer.json"),
        ("shard", "--tokenizer", "w/tokenizer", "--workspace", "w", "--output", "new"),
    ],
    "shard": [
        ("show", "w/shard", "--json"),
        ("verify", "w/shard"),
        ("mix", "--workspace", "w", "--row-length", "64", "--output", "new"),
        ("export", "--input", "w/shard", "--output", "new"),
        ("materialize", "--input", "w/mix", "--output", "new"),
    ],
    "mix": [
        ("show", "w/mix", "--json"),
        ("verify", "w/mix"),
        ("materialize", "--input", "w/mix", "--output", "new"),
        ("export", "--input", "w/mix", "--output", "new"),
        ("report", "--workspace", "w", "--output", "new"),
    ],
    "materialize": [("show", "w/materialize", "--json"), ("verify", "w/materialize")],
    "begun": [("dedup", "--input", "crawl/", "--output", "w/begun")],
    "half": [("filter", "--input", "crawl/", "--output", "w/half", "--preset", "none")],
    "rules": [("filter", "--input", "crawl/", "--rules", "w/rules/r.toml", "--output", "new")],
    "recipe": [("run", "w/recipe/r.toml", "--input", "crawl/", "--workspace", "new")],
}
"""By the folder that is damaged: what reads it."""

RECIPE = (
    "[pipeline]\ninput = ['crawl/']\n[dedup]\n[filter]\nwrite = 'all'\npreset = 'none'\n"
    "[tokenizer]\nbase = 'none'\nnumbers = false\nvocab_size = 300\nmin_documents = 0\n"
    "[shard]\n[mix]\nrow_length = 64\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Server]]:
    """A finished workspace in `whole`, a stage begun, a filter interrupted, and a server."""
    folder = tmp_path_factory.mktemp("read-back")
    (folder / "crawl").mkdir()
    text = "渔民第{0}次在河口修补渔网，and mends {0} nets at the harbour. "
    texts = [text.format(n) * 3 for n in range(30)]
    records = [{"id": str(n), "text": text} for n, text in enumerate([*texts, texts[0]])]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "crawl/a.jsonl").write_text("\n".join([*lines, "{broken"]) + "\n")
    whole = folder / "whole"
    for name in ("rules", "recipe"):
        (whole / name).mkdir(parents=True)
    (whole / "recipe/r.toml").write_text(RECIPE)
    (whole / "rules/r.toml").write_text('[[rule]]\nname = "a"\ndrop_when = "n_chars < 20"\n')
    server = Server(folder)
    try:
        for arguments in (
            ("run", "whole/recipe/r.toml", "--workspace", "whole", "--max-bad", "1"),
            ("materialize", "--input", "whole/mix", "--output", "whole/materialize"),
        ):
            asked = tuple(part for part in arguments if part not in ("--max-bad", "1"))
            assert server.run(asked) == 0, (folder / "err").read_text()
        manifest = json.loads((whole / "dedup/manifest.json").read_text())
        begun = {key: manifest[key] for key in ("config", "config_sha256", "inputs")}
        for entry in begun["inputs"]:
            entry["modified_ns"] = int(entry["modified_ns"])
        (whole / "begun/.work").mkdir(parents=True)
        reseal(whole / "begun/.work/start.json", begun)
        (whole / "begun/.lock").write_text(json.dumps({"pid": 1, "host": "nobody"}))
        _interrupted_filter(folder)
        yield folder, server
    finally:
        server.close()


def _interrupted_filter(folder: Path) -> None:
    code = (
        "from glmdata import _native, filter\n"
        "def stop(*_, **__): raise SystemExit(0)\n"
        "_native.filter_apply = stop\n"
        "filter.run('crawl/', 'whole/half', preset='none')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment(), timeout=120, check=False
    )
    assert done.returncode == 0
    assert (folder / "whole/half/.work/start.json").exists()


def swapped(rng: random.Random, content: Any) -> Any:
    """The same JSON with one value of another kind, gone, or nested deeply."""
    spots: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = value.keys() if isinstance(value, dict) else range(len(value))
        for key in list(keys):
            spots.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(content)
    if not spots:
        return None
    holder, key = rng.choice(spots)
    if rng.random() < 0.2:
        del holder[key]
    else:
        others = [None, 0, -1, 2**70, 1.5, "", "x", "..", [], {}, [[]], {"a": 1}, True, "\ud800"]
        holder[key] = rng.choice(others)
    return content


def damaged(rng: random.Random, path: Path) -> str:
    """Damage a file; says how."""
    data = path.read_bytes()
    ways = ["flip", "cut", "gone", "empty", "zeros", "noise"]
    if path.suffix == ".json" or path.name == ".lock":
        ways += ["swap"] * 6 + ["deep", "deep-inside", "list", "unsealed"]
    if path.suffix == ".toml":
        ways += ["deep", "line"] * 2
    way = rng.choice(ways)
    if way == "flip":
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 1, 3])):
            if flipped:
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        data = bytes(flipped)
    elif way == "cut":
        data = data[: rng.randrange(len(data) + 1)]
    elif way == "gone":
        path.unlink()
        return way
    elif way == "empty":
        data = b""
    elif way == "zeros":
        at = rng.randrange(len(data) + 1)
        data = data[:at] + bytes(64) + data[at + 64 :]
    elif way == "noise":
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.randbytes(40) + data[at + 40 :]
    elif way in ("swap", "unsealed"):
        content = swapped(rng, json.loads(data))
        if way == "unsealed" and isinstance(content, dict):
            # As an earlier version wrote it, and somebody edited it.
            content.pop("sealed", None)
        data = json.dumps(content).encode()
    elif way == "deep":
        deep = b"[" * 100_000
        data = b"a = " + deep if path.suffix == ".toml" else deep + b"]" * 100_000
    elif way == "deep-inside":
        data = data.rstrip()[:-1] + b', "z": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"
    elif way == "list":
        data = b"[1, 2]"
    elif way == "line":
        lines = data.splitlines(keepends=True)
        lines[rng.randrange(len(lines))] = rng.choice(
            [b"", b"x\n", b"[a]\n", b"\xff\n", b"a = 1\n"]
        )
        data = b"".join(lines)
    path.write_bytes(data)
    return way


def digests(folder: Path) -> dict[str, str]:
    """What a verb wrote, without what differs between runs."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "manifest.json", "report.html")
    }


def fresh(folder: Path) -> None:
    for name in ("w", "new"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(folder / "whole", folder / "w")


def attack(folder: Path, server: Server, kept: str, files: list[str], rounds: int) -> list[str]:
    rng = random.Random(f"{kept} {rounds}")
    plain: dict[tuple[str, ...], dict[str, str]] = {}
    for arguments in VERBS[kept]:
        fresh(folder)
        if kept == "begun":
            (folder / "w/begun/.lock").unlink()
        assert server.run(arguments) in ALLOWED, (arguments, (folder / "err").read_text())
        plain[arguments] = digests(folder / "new") if (folder / "new").exists() else {}
    wrong = []
    for name in files:
        for number in range(rounds):
            fresh(folder)
            way = damaged(rng, folder / "w" / kept / name)
            # One verb a round: each gets its share of the ways.
            arguments = VERBS[kept][number % len(VERBS[kept])]
            code = server.run(arguments)
            case = f"{kept}/{name} {way}: {' '.join(arguments)}: exit {code}"
            said = (folder / "err").read_text(errors="replace")
            if code not in ALLOWED or "Traceback" in said:
                wrong.append(f"{case}\n{said[-1500:]}")
            elif code == 0 and kept not in ("rules", "recipe") and arguments[0] != "report":
                made = digests(folder / "new") if (folder / "new").exists() else {}
                if made != plain[arguments]:
                    wrong.append(f"{case}: another result, without a word")
    return wrong


def targets(folder: Path, kept: str) -> list[str]:
    base = folder / "whole" / kept
    return sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file())


@pytest.mark.parametrize("kept", sorted(VERBS))
def test_a_few_damages_surprise_no_verb(place: tuple[Path, Server], kept: str) -> None:
    folder, server = place
    files = targets(folder, kept)
    rng = random.Random(kept)
    chosen = rng.sample(files, min(4, len(files)))
    assert attack(folder, server, kept, chosen, 4) == []


@pytest.mark.slow
@pytest.mark.parametrize("kept", sorted(VERBS))
def test_two_hundred_damages_a_file_surprise_no_verb(place: tuple[Path, Server], kept: str) -> None:
    folder, server = place
    assert attack(folder, server, kept, targets(folder, kept), 200) == []
