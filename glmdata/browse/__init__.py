"""A local page over a workspace: look documents up, see why each went, mark what is wrong.

It is served to this machine alone, reads what the stages have written, measures nothing anew, and
writes nothing but `labels.jsonl`, from which `glmdata calibrate --labelled` fits thresholds.
"""

from __future__ import annotations

from glmdata.browse.server import Server

__all__ = ["Server"]
