"""Writes what was measured: record/<date>-<processor>-<cores>c/.

    raw.csv        one line a figure: case, corpus, tool, version, run, measure, value
    summary.md     medians, ratios and goals, made from raw.csv
    machine.txt    processor, memory, system, compilers, packages of the rivals, load
    commands.txt   case, tool and command, without the folders of this machine
    scale.png      time and memory over documents, where the scale case ran

A case that runs again on the same day replaces its earlier rows and leaves those of other cases.
"""

import csv
import datetime
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from statistics import median

Table = dict

SHOWN = ("train_s", "count_s", "peak_mb")
"""Figures of a process that times its own work which the summary shows, beside speeds."""


@dataclass(frozen=True)
class Row:
    """One figure of one run."""

    case: str
    corpus: str
    tool: str
    version: str
    run: int
    measure: str
    value: float


class Record:
    """Collects the figures of this session; `write` puts them beside those of the same day."""

    def __init__(self, benches: Path, cases: Table, rivals: Table, python: Path) -> None:
        """`cases` and `rivals` are the whole tables, `python` is that of benches/.venv."""
        self._cases = cases
        self._rivals = rivals
        self._python = python
        self._load = os.getloadavg()[0]
        self._root = benches.parent
        self.version = version(self._root)
        name = f"{datetime.date.today().isoformat()}-{slug(processor())}-{os.cpu_count()}c"
        self.folder = benches / "record" / name
        self._rows: list[Row] = []
        self._commands: list[tuple[str, ...]] = []

    def add(self, case: str, tool: str, command: str, rows: Iterable[Row]) -> None:
        """Take the figures of one run."""
        self._rows += rows
        if (case, tool, command) not in self._commands:
            self._commands.append((case, tool, command))

    def write(self) -> None:
        """Write the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        earlier, commands = self._earlier()
        order = {name: number for number, name in enumerate(self._cases)}
        rows = sorted(earlier + self._rows, key=lambda row: order[row.case])
        commands = sorted(commands + self._commands, key=lambda line: order[line[0]])
        with (self.folder / "raw.csv").open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(field.name for field in fields(Row))
            for row in rows:
                out.writerow([*astuple(row)[:-1], f"{row.value:.6g}"])
        text = "".join("\t".join(line) + "\n" for line in commands)
        (self.folder / "commands.txt").write_text(text)
        load = (self._load, os.getloadavg()[0])
        (self.folder / "machine.txt").write_text(machine(self._root, self._python, load))
        (self.folder / "summary.md").write_text(summary(rows, self._cases, self._rivals))
        if any(self._cases[row.case]["kind"] == "scale" for row in rows):
            plot = Path(__file__).with_name("plot.py")
            subprocess.run([self._python, plot, self.folder], check=True)

    def comparison(self, cases: Iterable[str]) -> list[str]:
        """A line for each rival of each case of this session: medians and their ratio."""
        rows = [row for row in self._rows if row.case in cases]
        return comparison(rows, self._cases)

    def _earlier(self) -> tuple[list[Row], list[tuple[str, ...]]]:
        """What the folder holds of other cases."""
        path = self.folder / "raw.csv"
        if not path.exists():
            return [], []
        others = self._cases.keys() - {row.case for row in self._rows}
        with path.open(newline="") as file:
            lines = [line for line in csv.reader(file) if line[0] in others]
        rows = [Row(*line[:4], int(line[4]), line[5], float(line[6])) for line in lines]
        commands = (self.folder / "commands.txt").read_text().splitlines()
        split = [tuple(line.split("\t")) for line in commands]
        return rows, [line for line in split if line[0] in others]


def summary(rows: list[Row], cases: Table, rivals: Table) -> str:
    """The record for people."""
    text = ["# " + ", ".join(sorted({row.version for row in rows if row.tool == "glmdata"})), ""]
    text += [
        "Medians, with the smallest and the largest run in brackets. See `benches/README.md`.",
        "",
    ]
    for name, case in cases.items():
        mine = [row for row in rows if row.case == name]
        if not mine:
            continue
        text += [f"## {name}: {case['about']}", ""]
        for corpus in dict.fromkeys(row.corpus for row in mine):
            here = [row for row in mine if row.corpus == corpus]
            if case["kind"] != "scale":
                text += [f"Corpus {corpus}.", "", *table(here, case["kind"]), ""]
        if case["kind"] == "scale":
            text += [*scale_table(mine), ""]
        text += goal_lines(mine, case)
        seen = [tool for tool in dict.fromkeys(row.tool for row in mine) if tool in rivals]
        for tool in seen:
            text += [f"- {tool}: {rivals[tool]['settings']}. Differs: {rivals[tool]['differs']}."]
        text += [""] if seen else []
    return "\n".join(text).rstrip() + "\n"


def comparison(rows: list[Row], cases: Table) -> list[str]:
    """Ours beside each rival, by the figure that the goal of a case is about."""
    lines = ["| work | corpus | figure | ours | rival | its figure | ratio |", "|" + "---|" * 7]
    for name, corpus in dict.fromkeys((row.case, row.corpus) for row in rows):
        measure = cases[name].get("goal", {}).get("measure")
        here = [row for row in rows if (row.case, row.corpus) == (name, corpus)]
        ours = values(here, "glmdata", measure or "")
        for tool in dict.fromkeys(row.tool for row in here if row.tool != "glmdata"):
            theirs = values(here, tool, measure or "")
            if ours and theirs:
                ratio = median(theirs) / median(ours)
                cells = [name, corpus, str(measure), spread(ours), titled(here, tool)]
                better = 1 / ratio if str(measure).endswith("mb_s") else ratio
                cells += [spread(theirs), f"{better:,.1f}x"]
                lines.append("| " + " | ".join(cells) + " |")
    return lines if len(lines) > 2 else []


def values(rows: list[Row], tool: str, measure: str) -> list[float]:
    """All runs of one figure."""
    return [row.value for row in rows if row.tool == tool and row.measure == measure]


def spread(found: list[float]) -> str:
    """Median (smallest to largest)."""
    if len(found) < 2:
        return f"{found[0]:,.4g}" if found else ""
    return f"{median(found):,.4g} ({min(found):,.4g} to {max(found):,.4g})"


def table(rows: list[Row], kind: str) -> list[str]:
    """One line a tool for whole processes, one line a figure for what processes say."""
    tools = list(dict.fromkeys(row.tool for row in rows))
    if kind == "process":
        lines = [
            "| tool | runs | wall s | processor s | peak MB | MB/s | removed | wall / ours \
| processor / ours |"
        ]
        lines += ["|" + "---|" * 9]
        ours = median(values(rows, "glmdata", "wall_s"))
        ours_used = median(processor_seconds(rows, "glmdata"))
        for tool in tools:
            wall = values(rows, tool, "wall_s")
            used = processor_seconds(rows, tool)
            cells = [
                titled(rows, tool),
                str(len(wall)),
                spread(wall),
                spread(used),
                spread([max(values(rows, tool, "peak_mb"))]),
                spread([median(values(rows, tool, "mb_s"))]),
                spread(values(rows, tool, "removed")[:1]),
                f"{median(wall) / ours:,.1f}",
                f"{median(used) / ours_used:,.1f}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
        return lines
    lines = ["| tool | figure | runs | value |", "|---|---|---|---|"]
    for tool in tools:
        measures = dict.fromkeys(row.measure for row in rows if row.tool == tool)
        for measure in measures:
            if kind == "quality" or measure in SHOWN or measure.endswith("_mb_s"):
                found = values(rows, tool, measure)
                cells = [titled(rows, tool), measure, str(len(found)), spread(found)]
                lines.append("| " + " | ".join(cells) + " |")
    return lines


def processor_seconds(rows: list[Row], tool: str) -> list[float]:
    """User and system time of every run."""
    both = (values(rows, tool, measure) for measure in ("user_s", "system_s"))
    return [sum(pair) for pair in zip(*both, strict=True)]


def titled(rows: list[Row], tool: str) -> str:
    """A rival with its version; ours stands in the title."""
    versions = {row.version for row in rows if row.tool == tool}
    return tool if tool == "glmdata" else f"{tool} {' '.join(sorted(versions))}"


def scale_table(rows: list[Row]) -> list[str]:
    """One line a size."""
    lines = [
        "| documents | MB | runs | seconds | us/document | processor us/document \
| MB/s | peak MB | bytes/document |"
    ]
    lines += ["|" + "---|" * 9]
    for size in dict.fromkeys(row.corpus for row in rows):
        here = [row for row in rows if row.corpus == size]
        figure = {
            m: values(here, "glmdata", m) for m in ("input_mb", "wall_s", "us_per_doc", "peak_mb")
        }
        megabytes, peak = figure["input_mb"][0], max(figure["peak_mb"])
        cells = [
            f"{int(size):,}",
            f"{megabytes:,.0f}",
            str(len(figure["wall_s"])),
            spread(figure["wall_s"]),
            f"{median(figure['us_per_doc']):.2f}",
            f"{median(processor_seconds(here, 'glmdata')) / int(size) * 1e6:.2f}",
            f"{megabytes / median(figure['wall_s']):,.1f}",
            f"{peak:,.0f}",
            f"{peak * 1e6 / int(size):,.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def goal_lines(rows: list[Row], case: Table) -> list[str]:
    """The goals of a case and whether this record meets them, as far as it tells."""
    goal = case.get("goal")
    if not goal:
        return []
    lines = []
    measure = goal["measure"]
    for corpus in dict.fromkeys(row.corpus for row in rows):
        here = [row for row in rows if row.corpus == corpus]
        ours = values(here, "glmdata", measure)
        if not ours:
            continue
        if "times" in goal and (theirs := values(here, goal["rival"], measure)):
            # Of speeds ours is to be the larger figure, of times the smaller.
            found = median(theirs) / median(ours)
            found = 1 / found if measure.endswith("mb_s") else found
            wanted = goal["times"]
            lines.append(f"Goal {wanted:g}x {goal['rival']}: {found:.1f}x, {met(found >= wanted)}.")
        if "at_least" in goal:
            found, wanted = median(ours), goal["at_least"]
            lines.append(
                f"Goal {measure} {wanted:g} on {corpus}: {found:.0f}, {met(found >= wanted)}."
            )
    if "within" in goal and len({row.corpus for row in rows}) > 1:
        each = [
            median(values([row for row in rows if row.corpus == corpus], "glmdata", measure))
            for corpus in dict.fromkeys(row.corpus for row in rows)
        ]
        found, wanted = max(each) / min(each), goal["within"]
        lines.append(
            f"Goal time a document within {wanted:g}x over all sizes: {found:.2f}x, "
            f"{met(found <= wanted)}."
        )
    return [*lines, ""] if lines else []


def met(condition: bool) -> str:
    """A verdict."""
    return "met" if condition else "MISSED"


def output_of(*command: str, folder: Path | None = None) -> str:
    """What a command prints, or nothing if there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    except OSError:
        return ""
    return done.stdout.strip()


def version(root: Path) -> str:
    """Release and commit of glmdata, `+changes` where files differ from the commit."""
    release = re.search(r'^version = "(.*)"', (root / "Cargo.toml").read_text(), re.MULTILINE)
    commit = output_of("git", "rev-parse", "--short", "HEAD", folder=root)
    # A record of the same day must not make the next one look changed.
    elsewhere = ("--", ".", ":!benches/record")
    changed = output_of(
        "git", "status", "--porcelain", "--untracked-files=no", *elsewhere, folder=root
    )
    return f"glmdata {release[1] if release else ''} {commit}{'+changes' if changed else ''}"


def processor() -> str:
    """The name the processor gives itself."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*: (.*)", info.read_text())
        if found:
            return found[1].strip()
    return output_of("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()


def slug(name: str) -> str:
    """Lower case, dashes."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*?\)|cpu|processor|@.*", "", name.lower())).strip(
        "-"
    )


def machine(root: Path, python: Path, load: tuple[float, float]) -> str:
    """What the figures depend on; no host name."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    lines = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory": f"{memory / 1e9:.1f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "rustc": output_of("rustc", "--version"),
        "glmdata": version(root),
        "load at start and end": " ".join(f"{value:.2f}" for value in load),
    }
    text = "".join(f"{key}: {value}\n" for key, value in lines.items())
    return text + "\nbenches/.venv\n" + output_of(str(python), "-m", "pip", "freeze") + "\n"
