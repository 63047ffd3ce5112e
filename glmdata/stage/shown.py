"""How a stage's report looks in Python: a line, a page of a notebook, tables of polars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glmdata.config.spelling import unknown
from glmdata.errors import ConfigError
from glmdata.stage.manifest import BY_SOURCE, DOCUMENTS_FOLDER

if TYPE_CHECKING:
    import polars as pl

KEPT = "kept"
"""The name of the table of kept documents, which lie in the stage folder itself."""

_AMOUNTS = ("ranks", "tokens", "rows", "sequences", "pre_tokens")
_MAX_ROWS = 12


class Shown:
    """What every report has beside its figures.

    `output` is the stage folder and `data` its report.json.
    """

    output: Path
    data: Mapping[str, Any]

    def __repr__(self) -> str:
        from glmdata.stage.page import plain  # not what a run of the command line needs

        figures = ", ".join(f"{value} {name}".strip() for name, value in self._figures())
        return f"<{type(self).__name__} {plain(str(self.output))}: {figures}>"

    def _repr_html_(self) -> str:
        """The figures, what removed documents, and sources, as notebooks show them."""
        parts = [f"<b>{_safe(repr(self)[1:-1])}</b>"]
        removed = {rule: n for rule, n in self.data.get("removed_by_rule", {}).items() if n}
        if removed:
            rows = sorted(removed.items(), key=lambda item: (-item[1], item[0]))
            parts.append(_html(("rule", "removed"), rows))
        sources = self.data.get("by_source")
        if isinstance(sources, Mapping) and sources:
            names = [
                name for name, value in next(iter(sources.values())).items() if _is_count(value)
            ]
            table = [(name, *(counts[key] for key in names)) for name, counts in sources.items()]
            parts.append(_html(("source", *names), table))
        told = [*self.data.get("warnings", []), *self.data.get("notes", [])]
        parts += [f"<div>{_safe(text)}</div>" for text in told]
        return "\n".join(parts)

    def to_polars(self, table: str = "removed") -> pl.DataFrame:
        """A table of the stage folder as a polars DataFrame; all of it is read.

        Parameters
        ----------
        table
            `removed`, `decisions`, `scores`, `edits`, `pairs`, `clusters`, `quarantine` or `kept`:
            those that the stage has written. docs/FILTER.md and the schema of the files say what
            their columns are.

        Raises
        ------
        ConfigError
            The stage has no such table.

        Examples
        --------
        >>> report.to_polars("removed").group_by("rule").len()   # doctest: +SKIP
        """
        import polars as pl

        from glmdata.stage.rows import readable

        known = dict(self._tables())
        if table not in known:
            raise unknown(f"{self.output}: no table `{table}`", table, known)
        files = known[table]
        if not files:
            raise ConfigError(f"{self.output / table}: expected files, found none")
        if files[0].suffix == ".jsonl":
            return pl.concat(map(pl.read_ndjson, files)) if _any_bytes(files) else pl.DataFrame()
        read = pl.read_parquet if files[0].suffix == ".parquet" else pl.read_ipc
        frames = [read(readable(path)) for path in files]
        return pl.concat(frames, rechunk=False)

    def _tables(self) -> Iterator[tuple[str, list[Path]]]:
        """The tables that are there, and their files."""
        from glmdata.stage.rows import shards

        if rows := shards(self.output, ""):
            yield KEPT, rows
        of_sources = self.data.get("stage") in BY_SOURCE
        for folder in sorted(path for path in self.output.glob("*") if path.is_dir()):
            files = shards(folder, "") or sorted(folder.glob("part-*.jsonl"))
            if files and not folder.name.startswith("."):
                is_kept = folder.name == DOCUMENTS_FOLDER and not of_sources
                yield KEPT if is_kept else folder.name, files
        for path in sorted(self.output.glob("*.arrow")):
            if not path.name.startswith("part-"):
                yield path.stem, [path]

    def _figures(self) -> Iterator[tuple[str, str]]:
        documents = self.data.get("documents")
        if isinstance(documents, Mapping) and {"in", "kept", "removed"} <= set(documents):
            yield (
                "",
                f"{documents['in']:,} in = {documents['kept']:,} kept + {documents['removed']:,} "
                f"removed + {documents.get('quarantined', 0):,} quarantined",
            )
        for name in _AMOUNTS:
            value = self.data.get(name)
            if isinstance(value, int):
                yield name, f"{value:,}"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _any_bytes(files: list[Path]) -> bool:
    return any(path.stat().st_size for path in files)


def _safe(text: object) -> str:
    """A text that was crawled perhaps, as HTML."""
    from html import escape

    from glmdata.stage.page import plain

    return escape(plain(str(text)))


def _html(head: tuple[str, ...], rows: list[Any]) -> str:
    cells = "".join(f"<th>{_safe(name)}</th>" for name in head)
    lines = [f"<table><thead><tr>{cells}</tr></thead><tbody>"]
    for name, *counts in rows[:_MAX_ROWS]:
        shown = "".join(f"<td>{count:,}</td>" for count in counts)
        lines.append(f"<tr><th>{_safe(name)}</th>{shown}</tr>")
    lines.append("</tbody></table>")
    if len(rows) > _MAX_ROWS:
        lines.append(f"<div>and {len(rows) - _MAX_ROWS:,} more</div>")
    return "\n".join(lines)
