"""`glmdata dedup --script-fold`: traditional and simplified Chinese are compared as one script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from glmdata.reference.script_fold import fold_script
from tests.conftest import Crawl
from tests.e2e.conftest import Glmdata

STAGE = Path("glmdata-out/dedup")
LIBRARY = (
    "這座圖書館建於民國初年，收藏了許多珍貴的歷史文獻與地圖。館員每天清晨開門，為讀者準備熱茶。\n"
    "樓上的閱覽室面對著一條安靜的河，窗邊的書桌總是坐滿了學生。據說當年戰爭時，館長把最重要的書籍"
    "裝進木箱，運往鄉間的廟裡藏了起來，直到勝利之後才重新擺上書架。\n如今這些書頁雖已發黃，字跡卻依然清晰。"
)
VERDICT = (
    "本院經審理認為，檢察機關提出的證據與證人的陳述前後一致，足以認定案發當晚被告人在場。\n"
    "辯護人提出的幾點意見，本院逐一審查後認為與查明的事實不符，不予採納。\n"
    "綜合全案證據，本院認定被告人{}，並依照有關條款作出如下判決，自送達之日起十日內可以上訴。"
)


def decided(glmdata: Glmdata, *options: str) -> dict[str, int]:
    done = glmdata("dedup", "--input", "crawl/", "--fresh", "--fuzzy-short", *options)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads((STAGE / "report.json").read_text())
    return {rule: n for rule, n in found["removed_by_rule"].items() if n}


def kept(stage: Path) -> list[str]:
    tables = [pa.ipc.open_file(str(path)).read_all() for path in sorted(stage.glob("data/part-*"))]
    return [text for table in tables for text in table["text"].to_pylist()]


def test_both_scripts_are_one_if_asked_for(glmdata: Glmdata, crawl: Crawl) -> None:
    edited = LIBRARY.replace("安靜", "寬闊")
    crawl({"text": LIBRARY}, {"text": fold_script(LIBRARY)}, {"text": fold_script(edited)})
    assert decided(glmdata) == {"fuzzy": 1}
    assert decided(glmdata, "--script-fold") == {"exact-normalised": 1, "fuzzy": 1}
    (text,) = kept(STAGE)
    assert text in (LIBRARY, fold_script(LIBRARY), fold_script(edited))


@pytest.mark.parametrize("memory", ["200MiB", "2GiB"])
def test_what_turns_the_sense_is_seen_through_both_scripts(
    glmdata: Glmdata, crawl: Crawl, memory: str
) -> None:
    guilty, acquitted = VERDICT.format("有罪"), VERDICT.format("無罪")
    crawl({"text": guilty}, {"text": fold_script(acquitted)}, {"text": fold_script(guilty)})
    removed = decided(glmdata, "--script-fold", "--memory", memory)
    assert removed == {"exact-normalised": 1}
    assert fold_script(acquitted) in kept(STAGE)


def test_source_code_is_not_folded(glmdata: Glmdata, crawl: Crawl) -> None:
    code = "".join(f'names["歷史{n}"] = "這是第{n}個"\n' for n in range(30))
    crawl({"text": code, "source": "code"}, {"text": fold_script(code), "source": "code"})
    assert "exact-normalised" not in decided(glmdata, "--script-fold")


def test_long_texts_are_folded_piece_by_piece(glmdata: Glmdata, crawl: Crawl) -> None:
    long = "\n".join(f"第{n}章　{LIBRARY}" for n in range(4_000))
    assert len(long.encode()) > 2**20
    crawl({"text": long}, {"text": fold_script(long)})
    assert decided(glmdata, "--script-fold") == {"exact-normalised": 1}


def test_an_index_is_made_for_one_way(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": LIBRARY})
    assert decided(glmdata, "--index", "index") == {}
    done = glmdata("dedup", "--input", "crawl/", "--fresh", "--script-fold", "--index", "index")
    assert done.code == 2
    assert "expected script_fold False, as it was made with, found True" in done.err


def test_code_alone_is_told(glmdata: Glmdata, crawl: Crawl) -> None:
    crawl({"text": LIBRARY})
    decided(glmdata, "--script-fold", "--shingle", "code")
    notes = json.loads((STAGE / "report.json").read_text())["notes"]
    assert "--script-fold has no effect with --shingle code: code is not folded" in notes
    decided(glmdata, "--script-fold")
    notes = json.loads((STAGE / "report.json").read_text())["notes"]
    assert not any("--script-fold" in note for note in notes)
