"""Write the page and the cards of a workspace."""

from __future__ import annotations

import os
from pathlib import Path

from glmdata.config.workspace import find_workspace
from glmdata.report.card import croissant, dataset_card
from glmdata.report.collect import collect
from glmdata.report.flags import flags
from glmdata.report.page import page
from glmdata.report.samples import draw
from glmdata.stage.atomic import write_bytes, write_json
from glmdata.stage.card import CARD_FILE, CROISSANT_FILE
from glmdata.stage.lock import writing

FOLDER = "report"
PAGE_FILE = "report.html"


def write(
    workspace: str | os.PathLike[str] | None = None, output: str | os.PathLike[str] | None = None
) -> Path:
    """Write report.html, README.md (a Hugging Face dataset card) and croissant.json.

    The page is one file that needs no network and runs no script. It is made anew from the stage
    folders each time; no stage reads it.

    Parameters
    ----------
    workspace
        The folder of all stages; None: as for `glmdata.dedup.run`.
    output
        The folder to write to; None: `report` in the workspace.

    Returns
    -------
    Path
        Of report.html.

    Raises
    ------
    ConfigError
        No stage of the workspace is complete.
    CorruptDataError, StorageError
        As their names say.
    """
    corpus = collect(find_workspace(workspace).folder)
    folder = Path(output) if output is not None else corpus.workspace / FOLDER
    html = page(corpus, flags(corpus), draw(corpus))
    with writing(folder):
        write_bytes(folder / CARD_FILE, dataset_card(corpus).encode())
        write_json(folder / CROISSANT_FILE, croissant(corpus))
        write_bytes(folder / PAGE_FILE, html.encode(errors="backslashreplace"))
    return folder / PAGE_FILE
