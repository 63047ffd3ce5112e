"""What a workspace holds, on one page, with what to doubt first; and cards that go with the data.

>>> import glmdata
>>> glmdata.report.write("glmdata-out")
PosixPath('glmdata-out/report/report.html')
"""

from __future__ import annotations

from glmdata.report.difference import Difference, difference
from glmdata.report.write import write

__all__ = ["Difference", "difference", "write"]
