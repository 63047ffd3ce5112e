"""datatrove's four quality filters, one document after the other, as a pipeline asks them.

Every filter is asked of every document, as we measure every signal of each; a pipeline would not
ask the next one about a document that is gone.
"""

import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from texts import n_bytes, texts

STEP = 60


def main() -> None:
    """Print MB of text a second and how many documents pass all four."""
    strings = texts(sys.argv[1], STEP)
    filters = [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(),
        FineWebQualityFilter(),
    ]
    # The word tokenizer is loaded when it is first asked.
    for one in filters:
        one.filter(Document(text="A line to begin with.", id="0"))
    kept = 0
    begun = time.perf_counter()
    for number, text in enumerate(strings):
        answers = [one.filter(Document(text=text, id=str(number))) for one in filters]
        kept += all(answer is True for answer in answers)
    seconds = time.perf_counter() - begun
    print(f"score_mb_s,{n_bytes(strings) / seconds / 1e6:.3f}")
    print(f"asked,{len(strings)}")
    print(f"kept,{kept}")


if __name__ == "__main__":
    main()
