"""Measures glmdata and its rivals on the same texts, in turns, and keeps what was seen.

`python benches/run.py dedup` runs every case of `cases.toml` in that suite but those of `--scale`.
Rivals are those of `rivals.toml`, each an adapter script of `rivals/` in an environment of its own
(`benches/.venv`); glmdata is the one of the environment this script runs in. Every run is a whole
process (`measure.py`); `record.py` writes the record folder. Texts come from the folder that
BENCH_DATA names.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow
from figures import figures
from measure import CommandError, measured
from record import Record, Row

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BENCHES = Path(__file__).resolve().parent
ROOT = BENCHES.parent
VENV = BENCHES / ".venv"
DATA = "BENCH_DATA"
SCALE_DISK = 20e9
Table = dict  # a table of the two TOML files


class BenchError(Exception):
    """What the person at the keyboard can put right."""


def tables(name: str) -> Table:
    """A TOML file of this folder."""
    return tomllib.loads((BENCHES / name).read_text(encoding="utf-8"))


def in_turns(runs: dict[str, int]) -> list[tuple[str, int]]:
    """(tool, number of the run), every tool spread evenly over the whole time."""
    order = [((i + 0.5) / n, tool, i) for tool, n in runs.items() for i in range(n)]
    return [(tool, i) for _, tool, i in sorted(order, key=lambda turn: turn[0])]


def make_environment(rivals: Table) -> Path:
    """The Python of `benches/.venv`, made anew when a requirement has changed."""
    wanted = "\n".join(sorted({line for rival in rivals.values() for line in rival["require"]}))
    stamp = VENV / "requirements.txt"
    python = VENV / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        say("making benches/.venv")
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *wanted.split("\n")]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return python


CRATES = {
    "sketch_speed": "glmdata-dedup",
    "encode_speed": "glmdata-bpe",
    "train_speed": "glmdata-bpe",
    "compression": "glmdata-bpe",
    "signal_speed": "glmdata-text",
    "read_speed": "glmdata-io",
}
"""Programs that are examples of a crate."""


def example(name: str) -> str:
    """Path of a Rust program that times one step; built if needed."""
    say(f"building {name}")
    command = ["cargo", "build", "--quiet", "--release", "--message-format=json"]
    command += ["-p", CRATES[name], "--example", name]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    built = [json.loads(line) for line in done.stdout.splitlines()]
    return next(line["executable"] for line in reversed(built) if line.get("executable"))


def say(text: str) -> None:
    """To standard error."""
    print(text, file=sys.stderr, flush=True)


def in_parts(path: Path, parts: int) -> Path:
    """A folder with the lines of a file in `parts` files of about equal size."""
    folder = path.with_suffix(f".{parts}-parts")
    if folder.exists():
        return folder
    folder.mkdir()
    size = path.stat().st_size
    with path.open("rb") as lines:
        for part in range(parts):
            with (folder / f"{part:02}.jsonl").open("wb") as out:
                while lines.tell() < size * (part + 1) // parts:
                    out.write(lines.readline())
    return folder


class Bench:
    """Runs cases in a temporary folder."""

    def __init__(
        self, folder: Path, python: Path, cases: Table, rivals: Table, record: Record
    ) -> None:
        self._folder = folder
        self._record = record
        self._rivals = rivals
        self._python = python
        wanted = dict.fromkeys(case["program"] for case in cases.values())
        self._programs = {name: example(name) for name in wanted if name in CRATES}
        if "encode_speed" in self._programs:
            # Rivals that carry no ranks find them beside their output.
            ranks = str(folder / "cl100k_base.tiktoken")
            subprocess.run([self._programs["encode_speed"], "--write-ranks", ranks], check=True)
        # Nothing that steers glmdata from outside, or lets a rival import from elsewhere.
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GLMDATA_")}
        self._ours = clean
        self._theirs = {key: value for key, value in clean.items() if key != "PYTHONPATH"}

    def run(self, name: str, case: Table, runs: int | None) -> None:
        """Run a case on all its corpora."""
        if case["kind"] == "scale":
            self._scale(name, case)
        if case["kind"] == "quality":
            self._quality(name, case)
        for corpus in case["corpus"]:
            path = self._text(corpus)
            turns = {"glmdata": runs or case["runs"]}
            for rival in case["rivals"]:
                if rival in self._rivals:
                    turns[rival] = min(runs or 99, self._rivals[rival]["runs"])
            for tool, number in in_turns(turns):
                try:
                    self._once(name, case, corpus, path, tool, number)
                except CommandError as error:
                    if tool == "glmdata":
                        raise
                    # A rival that crashes leaves a row that says so, and the others go on.
                    say(f"{name:16} {corpus:10} {tool:11} run {number + 1}: failed: {error}")
                    failed = Row(name, corpus, tool, self._version(tool), number, "failed", 1.0)
                    self._record.add(name, tool, "(failed)", [failed])
            self._record.write()

    def _text(self, corpus: str) -> Path:
        """The decompressed corpus, or of `a:30+b:30` the first 30 MB of text of each."""
        if ":" in corpus:
            return self._slices(corpus)
        packed = Path(os.environ[DATA]) / f"{corpus}.jsonl.zst"
        path = self._folder / f"{corpus}.jsonl"
        if not packed.exists():
            raise BenchError(f"{corpus}.jsonl.zst not found in the folder that {DATA} names")
        if not path.exists():
            unpacked = pyarrow.input_stream(str(packed), compression="zstd")
            with unpacked, path.open("wb") as out:
                shutil.copyfileobj(unpacked, out, 1 << 20)
        return path

    def _slices(self, corpus: str) -> Path:
        path = self._folder / f"{re.sub('[:+]', '-', corpus)}.jsonl"
        if path.exists():
            return path
        with path.open("wb") as out:
            for name, megabytes in (part.split(":") for part in corpus.split("+")):
                taken = 0
                with self._text(name).open("rb") as lines:
                    for line in lines:
                        if taken >= int(megabytes) * 1_000_000:
                            break
                        taken += len(json.loads(line)["text"].encode())
                        out.write(line)
        return path

    def _once(
        self, name: str, case: Table, corpus: str, path: Path, tool: str, number: int
    ) -> None:
        """One run of one tool: measure it, note its figures, remove its output."""
        output = self._folder / "output"
        threads = str(case["threads"])
        if tool == "glmdata":
            values = {"input": str(path), "output": str(output), "threads": threads}
            program = self._programs.get(case["program"])
            script = case["program"].endswith(".py")
            ours = [str(BENCHES / case["program"])] if script else ["-m", case["program"]]
            start = [program] if program else [sys.executable, *ours]
            command = start + [word.format(**values) for word in case["ours"]]
            environment = {**self._ours, "RAYON_NUM_THREADS": threads}
        else:
            rival = self._rivals[tool]
            source = in_parts(path, case["threads"]) if rival.get("split") else path
            adapter = str(BENCHES / "rivals" / rival["adapter"])
            command = [str(self._python), adapter, str(source), str(output), threads]
            environment = {**self._theirs, "RAYON_NUM_THREADS": threads}
        result = measured(command, environment, self._folder)
        said = figures(result.lines, rival=tool != "glmdata")
        values = {
            "wall_s": result.wall_s,
            "user_s": result.user_s,
            "system_s": result.system_s,
            "peak_mb": result.peak_mb,
            # A verb of ours prints a summary for people; what it did stands in its manifest.
            **({} if command[1:3] == ["-m", "glmdata"] else dict(said)),
            **outcome(output),
        }
        shutil.rmtree(output, ignore_errors=True)
        if case["kind"] == "scale":
            values["us_per_doc"] = result.wall_s / values["documents"] * 1e6
            values["input_mb"] = path.stat().st_size / 1e6
        elif case["kind"] == "process":
            values["mb_s"] = path.stat().st_size / 1e6 / result.wall_s
        self._record.add(
            name,
            tool,
            self._plain(command),
            [
                Row(name, corpus, tool, self._version(tool), number, *pair)
                for pair in values.items()
            ],
        )
        shown = case.get("goal", {}).get("measure", "wall_s")
        shown = shown if shown in values else "wall_s"
        say(f"{name:16} {corpus:10} {tool:11} run {number + 1}: {shown} {values[shown]:.2f}")

    def _quality(self, name: str, case: Table) -> None:
        """Learn from some repositories, and count tokens on the others."""
        learned, held = self._folder / "learned", []
        learned.mkdir()
        for corpus, left_out in case["texts"].items():
            apart = self._folder / f"{corpus}-held.jsonl"
            with (
                self._text(corpus).open("rb") as lines,
                (learned / f"{corpus}.jsonl").open("wb") as out,
                apart.open("wb") as beside,
            ):
                for line in lines:
                    repository = json.loads(line)["id"].split("@")[0]
                    (beside if repository in left_out else out).write(line)
            held += [str(apart)] if left_out else []
        compare = [self._programs["compression"]]
        for vocabulary, options in case["vocabularies"].items():
            output = self._folder / vocabulary
            command = [sys.executable, "-m", "glmdata", "train-tokenizer", "--input", str(learned)]
            command += ["--output", str(output), "--threads", str(case["threads"]), *options]
            result = measured(command, self._ours, self._folder)
            report = json.loads((output / "report.json").read_text())
            values = {
                "wall_s": result.wall_s,
                "peak_mb": result.peak_mb,
                "text_mb": report["text_bytes"] / 1e6,
                "ranks": report["ranks"],
            }
            self._note(name, vocabulary, command, values)
            compare += ["--ranks", f"{vocabulary}={output / 'tokenizer.tiktoken'}"]
        result = measured(compare + held, self._ours, self._folder)
        self._note(name, "bytes per token", compare + held, dict(figures(result.lines)))

    def _note(self, name: str, corpus: str, command: list[str], values: Table) -> None:
        version = self._version("glmdata")
        rows = [Row(name, corpus, "glmdata", version, 0, *pair) for pair in values.items()]
        self._record.add(name, "glmdata", self._plain(command), rows)
        self._record.write()

    def _scale(self, name: str, case: Table) -> None:
        """Let a generated file grow, and run on it at each size."""
        if shutil.disk_usage(self._folder).free < SCALE_DISK:
            raise BenchError("the scale case needs 20 GB of disk in the temporary folder (TMPDIR)")
        path = self._folder / "generated.jsonl"
        generator = subprocess.Popen(
            [self._python, BENCHES / "corpus.py", path, str(case["seed"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._theirs,
        )
        with generator:
            for size, runs in case["sizes"]:
                say(f"{name}: generating {size:,} documents")
                print(size, file=generator.stdin, flush=True)
                if generator.stdout.readline().strip() != str(size):
                    raise BenchError(f"corpus.py ended before it had written {size:,} documents")
                for number in range(runs):
                    self._once(name, case, str(size), path, "glmdata", number)
                self._record.write()
        path.unlink()

    def _version(self, tool: str) -> str:
        return self._record.version if tool == "glmdata" else self._rivals[tool]["version"]

    def _plain(self, command: list[str]) -> str:
        """The command without where this machine keeps things."""
        text = " ".join(command)
        places = {
            **{path: name for name, path in self._programs.items()},
            str(self._folder): "$TMP",
            str(self._python): "benches/.venv/bin/python",
            str(sys.executable): "python",
            str(ROOT) + "/": "",
        }
        for place, word in places.items():
            text = text.replace(place, word) if place else text
        return text


def outcome(output: Path) -> dict[str, float]:
    """Counts in the manifest of a finished stage folder."""
    manifest = output / "manifest.json"
    if not manifest.exists():
        return {}
    counts = json.loads(manifest.read_text(encoding="utf-8"))["counts"]
    return {"documents": counts["in"], "removed": counts["removed"]}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    suites = sorted({case["suite"] for case in tables("cases.toml").values()})
    parser.add_argument("suite", choices=[*suites, "all"])
    parser.add_argument("--case", action="append", help="this case only; may repeat")
    parser.add_argument("--runs", type=int, help="runs of ours, and at most as many of each rival")
    parser.add_argument("--rivals", help="these only, by comma; an empty string for none")
    parser.add_argument("--scale", action="store_true", help="the scale cases, and no others")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> tuple[Table, Table]:
    """Cases and rivals that the command line asks for."""
    known = {n: c for n, c in tables("cases.toml").items() if options.suite in (c["suite"], "all")}
    rivals = {n: r for n, r in tables("rivals.toml").items() if "adapter" in r}
    for word in options.case or []:
        if word not in known:
            raise BenchError(f"--case {word}: expected one of {', '.join(known)}")
    cases = {
        name: case
        for name, case in known.items()
        if (name in options.case if options.case else (case["kind"] == "scale") == options.scale)
    }
    if options.rivals is not None:
        words = [word for word in options.rivals.split(",") if word]
        for word in words:
            if word not in rivals:
                raise BenchError(f"--rivals {word}: expected some of {', '.join(rivals)}")
        rivals = {name: rivals[name] for name in words}
    if any(case["corpus"] for case in cases.values()) and not os.environ.get(DATA):
        raise BenchError(
            f"{DATA} is unset: expected the folder that holds crawl-01.jsonl.zst and others"
        )
    return cases, rivals


def main() -> int:
    """Parse, run, write the record; its path goes to standard output."""
    try:
        options = arguments()
        cases, rivals = chosen(options)
        python = make_environment(tables("rivals.toml"))
        record = Record(BENCHES, tables("cases.toml"), tables("rivals.toml"), python)
        with tempfile.TemporaryDirectory(prefix="glmdata-bench-") as folder:
            bench = Bench(Path(folder), python, cases, rivals, record)
            for name, case in cases.items():
                bench.run(name, case, options.runs)
    except (BenchError, CommandError) as error:
        say(f"error: {error}")
        return 2
    print("\n".join(record.comparison(cases)))
    print(record.folder.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
