"""What was cut out of kept documents, to be shown or replayed.

>>> edits = dict(glmdata.dedup.read_edits("glmdata-out/dedup"))
>>> glmdata.dedup.apply_edits(original_text, edits[doc]) == kept_text
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from glmdata.errors import ConfigError, CorruptDataError
from glmdata.stage.rows import Row, shards, sound


@dataclass(frozen=True)
class Edit:
    """Bytes `start` to `end` of a text as UTF-8, cut because `count` kept documents have them.

    `rule` is `line`, `paragraph`, `template` or `substring`; equal passages have equal `hash` (of
    their normal form, 64 bits). Of a substring, `count` places up to this one have at least a part
    of it; of a template, `count` pages of the host have it.
    """

    rule: str
    start: int
    end: int
    count: int
    hash: int


def read_edits(stage: str | Path) -> Iterator[tuple[bytes, list[Edit]]]:
    """The edits of every document that has any, in input order, under its `doc` key of 16 bytes.

    A stage made without an option that cuts has none.
    """
    for doc, found in groupby(_rows(shards(Path(stage), "edits")), key=lambda row: row["doc"]):
        columns = ("rule", "start", "end", "count", "hash")
        yield doc, [Edit(**{name: row[name] for name in columns}) for row in found]


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text without the edits.

    Parameters
    ----------
    text
        The text as it stands in the input.
    edits
        In order and without overlap, as `read_edits` gives them.

    Raises
    ------
    ConfigError
        The edits are those of another text: they overlap, end behind its end or within a character.
    """
    data = text.encode()
    kept, at = [], 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(data):
            raise ConfigError(
                f"edit {edit.start}..{edit.end}: expected within {at}..{len(data)} of the text",
                hint="edits belong to the text as it stands in the input",
            )
        kept.append(data[at : edit.start])
        at = edit.end
    kept.append(data[at:])
    try:
        return b"".join(kept).decode()
    except UnicodeDecodeError as error:
        raise ConfigError(
            "edits that cut through a character",
            hint="edits belong to the text as it stands in the input",
        ) from error


def _rows(paths: Sequence[Path]) -> Iterator[Row]:
    # Imported here for the reason that stage/rows.py gives.
    import pyarrow as pa

    for path in paths:
        try:
            with pa.memory_map(str(path)) as source:
                file = pa.ipc.open_file(source)
                for number in range(file.num_record_batches):
                    yield from sound(file.get_batch(number)).to_pylist()
        except pa.ArrowException as error:
            raise CorruptDataError(f"{path}: damaged: {error}") from None
