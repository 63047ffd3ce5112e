"""Make a small bilingual crawl to try things on: `python -m glmdata.sample FOLDER`.

About 3,100 documents in Chinese, English and both, put together from the sentence patterns below
by a seeded generator, so that every machine gets the same texts. The crawl has what real ones have:
exact copies, copies under another time stamp or navigation bar, exercises that differ in their
numbers only (and are not duplicates), boilerplate, empty and unfinished pages, addresses of people
who do not exist, and a few broken lines; in JSON lines, plain, .gz and .zst, and Parquet. Files
that are already there with the same content are left alone.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

SEED = 2406
N_ARTICLES = 460
"""Original articles in each of the three kinds: Chinese, English, mixed."""

Document = dict[str, str]

_ZH = {
    "who": "渔民 木匠 老师 气象员 牧民 工程师 校长 园丁 医生 面包师 船长 画家 邮递员",
    "place": "河口 山谷 旧城墙边 海岛上 高原湖畔 车站旁 南方小镇 梯田里 码头 林场 古桥下",
    "time": "清晨 去年秋天 雨季开始时 春分那天 午后 丰收之后 第一场雪后 三月里 台风过境后",
    "act": "修补 记录 寻找 搬运 测量 讲述 种下 清点 观察 设计 收集 重新安装",
    "thing": "渔网 旧地图 水车 星图 种子 风力计 木船 手稿 果树苗 石碑 陶罐 信号灯 候鸟",
    "why": "担心明年的干旱 想留下村里的故事 答应过祖父 要赶在潮水之前 好奇它的来历",
}
_ZH_PATTERNS = (
    "{time}，{place}的{who}开始{act}{thing}，因为他{why}。",
    "没有人知道{who}为什么要{act}{thing}，直到{time}大家在{place}又见到他。",
    "“{thing}比我们想的更重要，”{who}在{place}说，他{why}。",
    "{who}把{thing}带到{place}，{time}和另一位{who2}一起{act2}{thing2}。",
    "{place}的人都记得，{time}有一位{who}独自{act}了所有的{thing}。",
    "如果不是{who2}{why}，{place}的{thing}恐怕早就没有人去{act}了。",
)
_EN = {
    "who": "fisherman carpenter teacher shepherd engineer gardener baker captain painter potter",
    "place": "river-mouth valley city-wall island station-yard terrace harbour camp bridge hill",
    "time": "yesterday afterwards then twice together again early quietly later alone",
    "act": "mend record search carry measure describe plant count observe design collect",
    "thing": "nets maps wheels charts seeds gauges boats notes trees lamps jars cranes stones",
    "why": "worried hesitated remembered insisted agreed promised waited listened doubted",
}
_EN_PATTERNS = (
    "The {who} came to the {place} to {act} the {thing}, but {why} {time}.",
    "Nobody asked why the {who} would {act} the {thing} until the {who2} {why} {time}.",
    '"We never had enough {thing}," said the {who} near the {place}, and {why} {time}.',
    "By the {place} the {who} and some {who2} learned to {act} {thing} and {thing2} {time}.",
    "Those who {why} still {act2} the {thing} of the {place}, as every {who} did {time}.",
    "It took the {who} all day to {act} the {thing2}; the {place} was quiet and {who2}s {why}.",
)
_BOILERPLATE_ZH = (
    "本站内容仅供学习交流，转载请注明出处。如有问题，请通过站内信与管理员联系。返回首页。"
)
_BOILERPLATE_EN = (
    "This page uses cookies to remember your settings. Sign in to comment. Back to the front page."
)
_ADVICE_ZH = (
    "请问甲站和乙站之间的铁路有多少千米？先把所有的时间换成同一个单位，再想一想火车真正行驶了多久；"
    "不要忘记停下来装货的时候车轮并没有转动。把每一步计算都写在本子上，用铅笔画一条线段表示两站之间的距离，"
    "标出停车的地方，最后估一估答案是否合理，例如和你家乡附近的两座城市比较一下，再与同桌交换检查。"
)
_ADVICE_EN = (
    "How long is the line between the two stations? First bring all times to the same unit, then "
    "think about how long the train was really moving, since no wheel turns while goods are "
    "loaded. Write every step into your notebook, draw a segment for the line with a pencil, mark "
    "the place where the train stood still, and say at last whether your answer is reasonable, "
    "for instance by comparing it with two towns that you know, before you swap with a partner."
)

_UNFINISHED = (
    "{title}\n暂无内容",
    "{title}\n页面建设中，敬请期待。",
    "{title}\nLorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "{title}\nDear {{{{ name }}}}, your {{{{ order }}}} is {{{{ status }}}}.",
    "{title}",
)


def documents(seed: int = SEED) -> dict[str, list[Document]]:
    """The documents by source: `news-zh`, `news-en`, `wiki`, `exercises`, `web`."""
    draw = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    chinese = [_article(draw, _chinese) for _ in range(N_ARTICLES)]
    english = [_article(draw, _english) for _ in range(N_ARTICLES)]
    mixed = [_article(draw, _chinese, _english) for _ in range(N_ARTICLES)]
    news_zh = [*_with_copies(draw, chinese, _stamped_zh), *[_BOILERPLATE_ZH] * 40]
    news_en = [*_with_copies(draw, english, _stamped_en), *[_BOILERPLATE_EN] * 40]
    wiki = _with_copies(draw, mixed, _stamped_en)
    # Copies across sources, as when a site republishes what another one wrote.
    wiki += draw.sample(chinese, 60) + draw.sample(english, 60)
    tables = {
        "news-zh": news_zh,
        "news-en": news_en,
        "wiki": wiki,
        "exercises": [_exercise(draw, number) for number in range(1, 241)],
        "web": [_signed(draw) for _ in range(60)] + [_unfinished(draw) for _ in range(60)],
    }
    result = {}
    for source, texts in tables.items():
        draw.shuffle(texts)
        result[source] = [
            {"id": f"{source}-{number:05}", "text": text, "source": source, **_lang(text)}
            for number, text in enumerate(texts)
        ]
    return result


def _lang(text: str) -> Document:
    """The language where a page has one; pages in both have none."""
    han = sum("\u4e00" <= character <= "\u9fff" for character in text)
    latin = sum(character.isascii() and character.isalpha() for character in text)
    if min(han, latin) * 5 > max(han, latin):
        return {}
    return {"lang": "zh" if han > latin else "en"}


def write(folder: Path, seed: int = SEED) -> tuple[int, list[Path]]:
    """Write the crawl into a folder; returns the number of records and the files."""
    tables = documents(seed)
    broken = [
        b'{"id": "cut-off", "text": "the line ends in the mid',
        b"not JSON",
        b'{"id": "no-text"}',
        b'{"id": "bytes", "text": "\xff\xfe"}',
        b'{"id": "number", "text": 42}',
    ]
    files = {
        "news-zh/2024-01.jsonl": b"\n".join([_lines(tables["news-zh"]).rstrip(), *broken, b""]),
        # No time stamp in the header, so that the bytes are the same on every day.
        "news-en/2024-01.jsonl.gz": gzip.compress(_lines(tables["news-en"]), mtime=0),
        "wiki/dump.jsonl.zst": _zstd(_lines(tables["wiki"])),
        "exercises/book.parquet": _parquet(tables["exercises"]),
        "web/pages.jsonl": _lines(tables["web"]),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A rewritten file would look like a changed input to the next run.
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    n_records = sum(map(len, tables.values())) + len(broken)
    return n_records, [folder / name for name in files]


def _article(draw: random.Random, *sentences: Callable[[random.Random], str]) -> str:
    paragraphs = []
    for number in range(draw.randint(3, 5)):
        sentence = sentences[number % len(sentences)]
        gap = "" if sentence is _chinese else " "
        paragraphs.append(gap.join(sentence(draw) for _ in range(draw.randint(4, 7))))
    return "\n".join(paragraphs)


def _chinese(draw: random.Random) -> str:
    return _filled(draw, _ZH_PATTERNS, _ZH)


def _english(draw: random.Random) -> str:
    return _filled(draw, _EN_PATTERNS, _EN)


def _filled(draw: random.Random, patterns: tuple[str, ...], words: dict[str, str]) -> str:
    chosen = {name: draw.choice(options.split()) for name, options in words.items()}
    again = {f"{name}2": draw.choice(options.split()) for name, options in words.items()}
    return draw.choice(patterns).format(**chosen, **again)


def _with_copies(
    draw: random.Random, articles: list[str], stamped: Callable[[random.Random, str], str]
) -> list[str]:
    """The articles, a third of them again as they are, half of them again under another stamp."""
    exact = draw.sample(articles, len(articles) // 3)
    near = [stamped(draw, text) for text in draw.sample(articles, len(articles) // 2)]
    return [*articles, *exact, *near]


def _stamped_zh(draw: random.Random, text: str) -> str:
    day = f"{draw.randint(1, 12)}月{draw.randint(1, 28)}日"
    clock = f"{draw.randint(0, 23)}:{draw.randint(10, 59)}"
    return f"发布时间：{day} {clock} 阅读：{draw.randint(10, 9999)}\n{text}"


def _stamped_en(draw: random.Random, text: str) -> str:
    clock = f"{draw.randint(1, 28)} May 2024, {draw.randint(0, 23)}:{draw.randint(10, 59)}"
    return f"Posted on {clock}. {draw.randint(2, 99)} comments.\n{text}"


def _exercise(draw: random.Random, number: int) -> str:
    """One of 240 exercises that differ in their numbers only, and so in what they ask."""
    speed, hours, rest = draw.randint(12, 95), draw.randint(2, 9), draw.randint(5, 55)
    if number % 2:
        return (
            f"练习{number}：一列货车以每小时{speed}千米的速度从甲站开往乙站，途中因为装货"
            f"停留了{rest}分钟，一共用了{hours}小时到达。{_ADVICE_ZH}"
        )
    return (
        f"Exercise {number}. A freight train leaves the first station at a steady {speed} "
        f"kilometres an hour, waits {rest} minutes on the way while it is loaded, and reaches the "
        f"second station after {hours} hours in all. {_ADVICE_EN}"
    )


def _signed(draw: random.Random) -> str:
    """A page that ends with how to reach who wrote it."""
    if draw.random() < 0.5:
        phone = f"13{draw.randrange(10**9):09}"
        return f"{_article(draw, _chinese)}\n联系电话：{phone}，站长敬上。"
    name = f"{draw.choice(_EN['who'].split())}{draw.randrange(100)}"
    return f"{_article(draw, _english)}\nWrite to {name}@harbour-post.net about any of this."


def _unfinished(draw: random.Random) -> str:
    """A page somebody meant to write."""
    title = _chinese(draw)[:12]
    return draw.choice(_UNFINISHED).format(title=title)


def _lines(table: Iterable[Document]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in table)


def _zstd(data: bytes) -> bytes:
    """Two frames, as appending to a .zst file makes them; the cut may fall inside a line."""
    import pyarrow as pa

    codec = pa.Codec("zstd")
    half = len(data) // 2
    frames = (codec.compress(part, asbytes=True) for part in (data[:half], data[half:]))
    return b"".join(frames)


def _parquet(table: list[Document]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    target = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(table), target, compression="zstd")
    return target.getvalue()


def main() -> None:
    """Write the sample into the folder named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("error: expected one folder\nhint: python -m glmdata.sample crawl/")
    folder = Path(sys.argv[1])
    if (
        folder.exists()
        and any(folder.iterdir())
        and not (folder / "exercises/book.parquet").exists()
    ):
        sys.exit(f"error: {folder}: holds other files\nhint: name an empty or new folder")
    n_records, files = write(folder)
    sys.stdout.write(f"{folder}: {n_records:,} records in {len(files)} files\n")


if __name__ == "__main__":
    main()
