"""Every signal of the compiled pass is the slow twin's, whatever the script."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glmdata import _native
from glmdata.reference import code_lines as twin_code
from glmdata.reference import form as twin_form
from glmdata.reference import formulas as twin_formulas
from glmdata.reference import garbage as twin_garbage
from glmdata.reference import offence as twin_offence
from glmdata.reference import prose as twin_prose
from glmdata.reference import scripts as twin_scripts
from glmdata.reference import signals as twin
from tests.property.texts import ALPHABETS, ANY_TEXT, KNOWN

LINES = [
    'The cat sat on the mat. It was happy! "Was it?" Yes.',
    "One more line that ends with a citation.[12][edit]",
    "This site uses cookies to be useful to you.",
    "Please enable JavaScript to have this page work.",
    "Lorem ipsum dolor sit amet, that is all.",
    "a b { c } d e f.",
    "- a bullet with words",
    "• another one…",
    "and so on...",
    "你好，世界。今天天气很好！",
    "请访问https://example.com/a_b?c=d(e)，谢谢（见下）。",
    "他说：“走吧。”",
    "ที่นี่มีแมว",
    "see http://a.b/http://c.d and ftp://x",
    "```python",
    "import os",
    "~~~",
    "console.log(hello, world and more)",
    "let total_of_items => something good with (it)",
    "カタカナ",
    "电话13812345678，a.b@mailbox.cn，QQ：1234567",
    "def f(x):",
    "    return x_1 == y[0];",
    "}",
    "});",
    '<div class="a">text</div>',
    "color: red;",
    "  indented: yes = 1",
    "\tat com.a.B.c(B.java:3)",
    '  File "a.py", line 3, in x',
    "/app/main.go:27 +0x1d4",
    "(1) the boiler was old;",
    "package main",
    "Fuck you, you shithead! Scunthorpe, DICKHEADS, dickheads2, moby dick, 你他妈的傻逼 bitch中",
    "三级片区、三级片、办证大厅、办证、k粉x、xk粉",
    "const a = b => c(d);",
    "| a | b |",
    "# heading (with brackets)",
    "👩‍👩‍👧 emoji 🙂",
    "x" * 300,
    "word " * 12,
    "Dear {{ name }}, ${count} of {% x %} and {{ never closed %s %d",
    "your text here: null ： [Insert 一 here] 暂无内容 ：NULL please enable javascript",
    "=" * 12 + "啊" * 11 + "ab" * 9,
    "$$",
    "y = x^2 + \\frac{a}{b};",
    "$$x$$, and so on.",
    "\\[ a_1 = b",
    "\\] behind",
    "\\begin{align*}",
    "n and so on",
    "\\end{align*}",
    "\\begin{theorem}",
    "\\emph{Remark.} Let $f(x) = \\(g_1\\)$ be 设 $若x$ so, for $5 and $6.",
    "解：由 $a=1$，\\(b=2\\) 得 `code` 与 ``more `code` ``。",
    "| --- | --- |",
    "a | b | c",
    "name\tprice\tstock",
    "left     middle     right",
    "one   two   " + "and what it is for, " * 8,
    "one   two   " + "and what it is for, " * 12,
    "The first sentence is a long one by itself.   So is the second one here.   And the third.",
    "甲\t乙\t" + "说明" * 60,
    "- [ ] item -{ x } of (3) things",
    "1. 第一",
    "（2）第二 200 g 盐",
    "### 12) heading # with marks",
    "> > quoted 3 cups of it",
    "> the one thing that everybody quotes again",
    "100 ml of milk, 2 eggs",
    "盐 适量，糖 2勺",
    "3 kg for ¥5",
    "Anna: Is it you?",
    "Anna: It is me.",
    "“走吧。”",
    "床前明月光，疑是地上霜。",
    "举头望明月，低头思故乡。",
    "the light is in the water and we are on our way",
    "and I have nobody to tell it to,",
    "他说话的声音像从很远的地方来的",
    "The mayor said that the bridge will... Read more »",
    "市长表示新桥将在明年……[详细]",
    "    make install",
    "\tgo on",
    "<br/> <hr>",
    "***",
    'e.g. this. And "that." so',
    "keyword list, cheap shoes, best shoes",
    "see https://example.com/" + "long" * 60 + " end",
    'Fuck off, `fuck off`, "fuck off" and “死全家” or 死全家',
    "代开发票，办证刻章，套现，跑分",
    "online poker, free spins, casino bonus",
    "online poker, sports betting and a casino bonus",
    "caf\ufffd \ufffd\ufffd or cafÃ? donâ€™t Â\xa0 itâ??s 锟斤拷 烫烫烫烫",
    "404 Not Found: page not found, please log in. Forgot password?",
    "页面不存在，请先登录，返回首页，请先登录",
    "Buy now, best price! Personal loan, WhatsApp +44 7700 900123",
    "联系微信：abc12345，价格优惠，欢迎来电，办证大厅，QQ：x",
    "add to cart ￥39 in stock, sku `sku`",
    "他#idiom#地笑了，的确好。的，是，。",
    "the of and to with to be of the have of shoes",
    "4fA9" * 12,
    "VGhlIGNhdCBzYXQgb24gdGhlIG1hdC4gVGhlIGNhdCBz+/==",
    "usr/lib/x1" * 6,
    "<p>It was a long evening and we talked about <em>our plans</em> for the coming year.</p>",
    "<strong>释名</strong><br/>猴葵。",
    '<div class="x" v-if="y"><a href="https://a.b/c?d=e">Go</a></div>',
    '<P ALIGN=center title="中">One more sentence between <a href="x">tags</a>...</P> <br >',
    "<li>Apples</li>",
    "<tr><td>3</td><TD>4</TD></tr>",
    "</p>",
    "so `$a_1 + b_2 = c_3$` and `\\( Y\\)` and `` $$x$$ `` hold, not `$x` or `a$b$`",
    "what a day &#128555;&#65039; f&uuml;r &quot;us&quot; all.&#8221; &value; &#xD800; &hellip;",
    "    *p = &amp;x[3] &lt; y;",
    "1. <b>bold</b>, <thing> and a <b and </b c",
    "",
    "",
    " \t ",
    "\u3000",
]
PAGES = st.lists(
    st.one_of(
        st.sampled_from(LINES), st.sampled_from(LINES), ANY_TEXT.filter(lambda t: "\n" not in t)
    ),
    max_size=14,
).map("\n".join)
SEEN = ["ab", "c", "d", "好", "的", "ab.", "ok"]
UNSEEN = [
    "\u200b",
    "\u200c\u2060",
    "\ufeff\ufe0f",
    "https://example.com/a/long/address",
    "\ud7b0\u3164",
]
WORDS = st.lists(st.sampled_from(SEEN * 4 + UNSEEN), max_size=80).map(" ".join)
TABLE = settings(derandomize=True, deadline=None, max_examples=300)


def check(text: str) -> None:
    assert dict(_native.signals(text)) == twin.signals(text)


def test_names_and_order() -> None:
    assert [name for name, _ in _native.signals("")] == list(twin.signals(""))


@TABLE
@given(ANY_TEXT)
def test_any_text(text: str) -> None:
    check(text)


@TABLE
@given(PAGES)
def test_pages(text: str) -> None:
    check(text)


FORMS = st.lists(
    st.sampled_from(
        [
            "床前明月光，疑是地上霜。",
            "举头望明月",
            "春晓",
            "黑色台灯架",
            "昔我往矣，杨柳依依。",
            "the light is in the water",
            "and I have nobody to tell it to,",
            "Best Price For Shoes",
            "他的声音像从很远的地方来的",
            "Anna: Is it you?",
            "Ben: It is.",
            "“走吧。”",
            "- 200 g flour",
            "盐 适量 1勺",
            "3 cups $4",
            "no end…",
            "",
            "",
        ]
    ),
    max_size=12,
).map("\n".join)


@TABLE
@given(FORMS)
def test_forms(text: str) -> None:
    check(text)


@TABLE
@given(st.text(alphabet="$\\\\`()[]{}x1 \t|-.#>*a中。<\n", max_size=40))
def test_formulas_and_signs(text: str) -> None:
    check(text)


TAGS = ("<", "</", ">", "/>", "p", "TD", "b ", "br", " a=", "://", "x", "中", "一二三四", " ", "\t")
TAGS += ("&", "&amp;", "&#9;", "&#128555;", "&#x", "4e2d;", "&#49;", "&eacute;", "&x;", "a&nbsp;")
TAGS += (
    "`$a$`",
    "`\\(",
    "\\)`",
    "one two three four",
    "<p>",
    "</p>",
    "<b>",
    "`",
    "$",
    "\n",
    ".",
    "; ",
    "{ ",
)


@TABLE
@given(st.lists(st.sampled_from(TAGS), max_size=16).map("".join))
def test_tags(text: str) -> None:
    check(text)


@TABLE
@given(WORDS)
def test_repetition(text: str) -> None:
    check(text)


@pytest.mark.parametrize("name", sorted(ALPHABETS))
def test_every_script(name: str) -> None:
    check(ALPHABETS[name] * 2)


# One block of four by day, all of them by night.
@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_every_code_point_counts_as_the_twins(every: int) -> None:
    for start in range(0, len(KNOWN), 512 * every):
        block = [chr(code) for code in KNOWN[start : start + 512]]
        text = "\n".join(f"a{character}b {character} 中{character}" for character in block)
        if dict(_native.signals(text)) != twin.signals(text):
            for character in block:
                check(f"a{character}b {character} 中{character}")


def test_long_repetitive_documents() -> None:
    rng = random.Random(4)
    for size in (30, 300, 3_000):
        words = [rng.choice(["aa", "bb", "cc", "dd", "的", "了"]) for _ in range(size)]
        passage = " ".join(words[:40])
        check(" ".join(words) + "\n" + passage + "\n\n" + passage + "\n\n" + passage)


EVERYTHING = (
    "be with\n" + "\n".join(LINES * 2) + "".join(map(ALPHABETS.__getitem__, sorted(ALPHABETS)))
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (twin, "STOP_WORDS", twin.STOP_WORDS - {"with"}),
        (twin, "WINDOW", 12),
        (twin, "POLICY", twin.LOREM_IPSUM),
        (twin, "ALONE", {"han", "kana"}),
        (twin_scripts, "TERMINAL", twin_scripts.TERMINAL[2:]),
        (twin_scripts, "KANA", twin_scripts.KANA[:-1]),
    ],
)
def test_a_planted_mutation_is_seen(
    module: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    twin_scripts.script_of.cache_clear()
    with pytest.raises(AssertionError):
        check(EVERYTHING + "\U0001aff0")
    twin_scripts.script_of.cache_clear()


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (twin_prose, "SHORT_LINE", 3),
        (twin_prose, "TEXT_LINE", 300),
        (twin_prose, "LAST_CHARACTERS", 2),
        (twin_form, "WORDS", {"a"}),
        (twin_form, "CURRENCIES", ""),
        (twin_form, "UNITS", {"kg"}),
        (twin_formulas, "ENVIRONMENTS", {"math"}),
    ],
)
def test_a_planted_mutation_of_prose_is_seen(
    module: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    prose = "\n".join(line for line in LINES if line not in ("```python", "~~~"))
    texts = [
        prose,
        prose + "\n\n" + prose,
        "200 ml\n3 g\n3 kg for ¥5\n1 cup",
        "1 oz\n3 g\n3 kg for ¥5\n1 cup",
        "the one\n" * 3,
    ]
    assert any(dict(_native.signals(text)) != twin.signals(text) for text in texts)


@TABLE
@given(
    st.text(st.sampled_from("p/:\u0301\u0e31é中q7_ .\n"), max_size=6),
    st.text("é\u0301q/7", max_size=4),
)
def test_words_at_the_end_of_an_address(before: str, after: str) -> None:
    """A word that begins within an address ends where the word ends, not where the address does."""
    check(f"{before}p://{after}")
    check(f"{before}://p{after}")


@pytest.mark.parametrize(
    ("name", "value"), [("POINTS", 4), ("OPERATORS", ("==",)), ("STATEMENTS", ("def ",))]
)
def test_a_planted_mutation_of_code_lines_is_seen(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin_code, name, value)
    with pytest.raises(AssertionError):
        check("\n".join(line for line in LINES if line not in ("```python", "~~~")))


WASTE = [line for line in LINES if line not in ("```python", "~~~", "$$")]


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (twin_garbage, "SPAM", ("topic",)),
        (twin_garbage, "NAME_LEAST", 40),
        (twin_garbage, "LOST", re.compile("â€")),
        (twin_garbage, "LONG_WORD", 400),
        (twin_garbage, "ODD_PAIRS", {"the": "of"}),
        (twin_offence, "OPENING", ""),
        (twin_offence, "DEALS", ()),
        (twin_offence, "DEALS_LEAST", 30),
        (twin_offence, "DEALS_SEVERE", 1),
    ],
)
def test_a_planted_mutation_of_garbage_is_seen(
    module: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    twin_offence.deals.cache_clear()
    texts = ["\n".join(WASTE), *LINES, "online poker, free spins, casino bonus, kill yourself"]
    assert any(dict(_native.signals(text)) != twin.signals(text) for text in texts)
    twin_offence.deals.cache_clear()


def test_the_sample_has_every_signal() -> None:
    """No signal is 0 throughout: each was compared where it says something."""
    text = "\n".join(LINES) + "\n\n" + "\n".join(LINES) + "\n\n" + ALPHABETS["hangul"]
    text += "\n\nsame paragraph\n\nsame paragraph\nΔ"
    poem = "春\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
    found = [
        twin.signals(text),
        twin.signals(poem),
        twin.signals("Anna: Yes.\nAnna: No, 3 g.\na\nb"),
        twin.signals("\n".join(WASTE)),
    ]
    names = found[0]
    assert [name for name in names if not any(signals[name] for signals in found)] == []
