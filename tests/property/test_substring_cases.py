"""Pairs of small texts: what of the second goes because the first says it too."""

from __future__ import annotations

from pathlib import Path

import pytest

from glmdata.dedup import apply_edits, read_edits
from glmdata.reference import substrings as twin
from tests.property.stages import run

LEAST = 10
ZH = "渡船在黎明离开北岸码头。"
ZH2 = "整个乐团站在甲板上面听着潮水的声音。"
EN = "The ferry left the northern quay at dawn with all of its crew."
EN2 = "Nobody on deck had slept at all during that long night."
CODE = "```\nfor ship in harbour: ship.load(cargo, crew, water, bread, rope)\n```\n"
WRAPPED = EN.replace(" at", "\nat")
RAIN = "It rained a lot yesterday."

Case = tuple[str, str, str, str]

CUT: list[Case] = [
    ("zh sentence", ZH, f"昨日大雨滂沱。{ZH}明日放晴。", "昨日大雨滂沱。明日放晴。"),
    ("zh line", ZH, f"昨日大雨滂沱，\n{ZH}\n明日放晴，", "昨日大雨滂沱，\n明日放晴，"),
    ("zh paragraph", ZH, f"昨日大雨滂沱\n\n{ZH}\n\n明日放晴", "昨日大雨滂沱\n\n明日放晴"),
    (
        "zh two lines",
        f"{ZH}\n{ZH2}",
        f"昨日大雨滂沱，忽停，\n{ZH}\n{ZH2}",
        "昨日大雨滂沱，忽停，\n",
    ),
    ("zh blanks", ZH, "昨日大雨滂沱忽停。渡 船 在 黎明 离开 北岸 码头！", "昨日大雨滂沱忽停。"),
    ("zh quoted", ZH, f"昨日大雨滂沱忽停。“{ZH}”", "昨日大雨滂沱忽停。"),
    ("zh clause", f"甲板很湿；{ZH}", f"昨日大雨滂沱；{ZH}明日天晴", "昨日大雨滂沱；明日天晴"),
    ("zh begins within", f"那艘{ZH}{ZH2}", f"小小的这条{ZH}{ZH2}", f"小小的这条{ZH}"),
    (
        "zh section",
        f"# 甲\n\n## 航行\n\n{ZH}\n\n## 乙\n",
        f"昨日大雨滂沱，忽停，\n\n## 航行\n\n{ZH}\n",
        "昨日大雨滂沱，忽停，\n\n",
    ),
    ("en sentence", EN, f"{RAIN} {EN} So it goes.", f"{RAIN} So it goes."),
    ("en line", EN, f"{RAIN}\n{EN}\nSo it goes.", f"{RAIN}\nSo it goes."),
    ("en paragraph", EN, f"{RAIN}\n\n{EN}\n\nSo it goes.", f"{RAIN}\n\nSo it goes."),
    ("en capitals", EN, f"{RAIN} {EN.upper()}", f"{RAIN} "),
    ("en two lines", f"{EN} {EN2}", f"{RAIN}\n{EN}\n{EN2}\n", f"{RAIN}\n"),
    ("en wrapped", f"{EN} {EN2}", f"{RAIN} {WRAPPED}", f"{RAIN} \n"),
    ("en with code", f"{EN}\n\n{CODE}", f"{RAIN}\n\n{EN}\n\n{CODE}", f"{RAIN}\n\n"),
    ("zh tag", f"<p>{ZH}</p>", f"昨日大雨滂沱。<p>{ZH}</p>\n明日", "昨日大雨滂沱。\n明日"),
    ("en code alone", f"So:\n\n{CODE}", f"{RAIN} It did.\n\n{CODE}", f"{RAIN} It did.\n\n"),
    (
        "en ends within",
        f"{EN} They sang and nobody listened",
        f"{RAIN} {EN} They sang and everybody did.",
        f"{RAIN} They sang and everybody did.",
    ),
    (
        "en section",
        f"# One\n\n## The ferry\n\n{EN}\n\n## Two\n",
        f"{RAIN}\n\n## The ferry\n\n{EN}\n",
        f"{RAIN}\n\n",
    ),
]

KEPT: list[tuple[str, str, str]] = [
    ("zh short", "渡船在黎明离开码头。", "昨日有雨。渡船在黎明离开码头。"),
    ("zh half a sentence", ZH, "昨日有雨，渡船在黎明离开北岸码头的时候，谁也没有醒来。"),
    ("zh other order", ZH, "昨日有雨。北岸码头离开在黎明渡船。明日放晴。"),
    ("zh number", "第三条　渡船在黎明离开码头。", "第四条　渡船在黎明离开码头。"),
    ("zh title", "渡船黎明离岸\n昨日有雨。甲", "渡船黎明离岸\n昨日有雨。明日放晴，又有大雨"),
    ("zh heading", f"# 渡船黎明离开北岸码头\n\n{ZH2}", "# 渡船黎明离开北岸码头\n\n昨日有雨。"),
    ("zh introduced", f"甲：\n\n{ZH}", f"昨日大雨滂沱，又停：\n\n{ZH}"),
    (
        "zh introduces",
        "那么渡船在黎明离开北岸码头的次序：\n\n甲",
        "那么渡船在黎明离开北岸码头的次序：\n\n一",
    ),
    ("zh closing tag", f"p>{ZH}", f"<p>昨日大雨滂沱，又停。</p>{ZH[:-1]}的时候"),
    ("en short", "The ferry left the quay at dawn.", f"{RAIN} The ferry left the quay at dawn."),
    ("en half a sentence", EN, f"{RAIN} They say {EN[:-1]} and nobody else."),
    ("en other words", EN, f"{RAIN} {EN.replace('northern', 'southern')}"),
    ("en address", EN, f"{RAIN} https://example.com/a?{EN.replace(' ', '-')[:-1]}-end"),
    ("en number", f"1. {EN}", f"2. So {EN[:-1]} once"),
    ("en heading", f"## {EN[:-1]}\n\n{EN2}", f"## {EN[:-1]}\n\n{RAIN}"),
    ("en torn code", CODE, f"{RAIN}\n\n{CODE.replace('```', '```python', 1)}"),
    ("en indented", f"    {EN}\n", f"{RAIN}\n\n    {EN}\n    so_it_goes()\n"),
    ("en abbreviation", EN, f"{RAIN} They say it, e.g. {EN}"),
    ("en initial", EN, f"{RAIN} So it was told by J. {EN}"),
    ("en wrapped", "quay " + EN2, f"It left the\nquay {EN2[0].lower()}{EN2[1:-1]} and day"),
]

ALL = [*CUT, *((name, first, text, text) for name, first, text in KEPT)]


@pytest.mark.parametrize(("name", "first", "text", "left"), ALL, ids=[case[0] for case in ALL])
def test_what_stays_is_text(tmp_path: Path, name: str, first: str, text: str, left: str) -> None:
    documents = [
        {"id": str(n), "text": each, "source": "web"} for n, each in enumerate((first, text))
    ]
    options = {"keep": "first", "threshold": 1.0, "containment": None}
    stage = run(tmp_path, documents, substring_dedup=LEAST, **options)
    assert stage.kept == {0, 1}, "the texts are too much alike to tell"
    edits = {stage.position[doc]: found for doc, found in read_edits(stage.path)}
    assert 0 not in edits
    assert apply_edits(text, edits.get(1, [])) == left
    # The twin alone says so too.
    found = twin.cut({0: first, 1: text}, [0, 1], LEAST, {0: "", 1: ""}, {})
    cuts = found[1].cuts if 1 in found else []
    assert [(edit.start, edit.end) for edit in edits.get(1, [])] == [cut[:2] for cut in cuts]
