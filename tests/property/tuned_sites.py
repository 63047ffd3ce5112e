"""Made-up sites that the rules on templates are tuned on."""

from __future__ import annotations

from tests.property.sites import (
    Maker,
    begun,
    ended,
    framed,
    inside,
    listed,
    refrain,
    related,
    scattered,
    sections,
    talk,
    with_bar,
)

LICENCE = "Licensed under the Harbour Licence, Version 2.0 (the Licence);"

TUNED: dict[str, tuple[int, Maker]] = {
    "xinwen.example": (
        24,
        with_bar(
            framed(
                ["首页", "国内", "国际", "财经", "正文"],
                [
                    "责任编辑：江水生",
                    "版权声明：本站文章未经授权不得转载。",
                    "阅读 ({})",
                    "关于我们",
                ],
                "zh",
            ),
            ["分享到：", "微信", "微博", "空间"],
        ),
    ),
    "daily.example": (
        24,
        with_bar(
            framed(
                [
                    "Skip to main content",
                    "Home",
                    "World",
                    "Business",
                    "We use cookies to improve your experience on this site.",
                ],
                [
                    "Most read",
                    "Ten quiet harbours",
                    "© 2019-2024 The Daily Quay. All rights reserved.",
                ],
                "en",
            ),
            ["Share this article", "Facebook", "Email", "Print"],
        ),
    ),
    "luntan.example": (
        20,
        framed(
            ["登录 | 注册 | 帮助", "查看: {} | 回复: {}", "只看楼主"],
            ["返回列表", "发表回复前请先登录", "GMT+8, 2024-05-01 10:{}"],
            "zh",
        ),
    ),
    "blog.example": (
        20,
        framed(
            ["My quiet harbour", "Notes of a ferry captain"],
            [
                "Views: {}",
                "Leave a Reply",
                "Your email address will not be published.",
                "Post Comment",
            ],
            "en",
        ),
    ),
    "wendang.example": (
        20,
        framed(
            ["- [首页](/)", "- [教程](/guide)", "- [接口](/api)"],
            ["上一篇", "下一篇", "---", "最后更新于 2024-03-{}", "在网站上编辑此页"],
            "zh",
        ),
    ),
    "lone.example": (
        16,
        framed([], ["Copyright the Northern Ferry Company. All rights reserved."], "en"),
    ),
    "wrapped.example": (
        16,
        framed(
            ["Northern Ferry Library", "Catalogue"],
            [
                "This page is part of the library of the northern ferry",
                "company and may be copied as long as the name of the",
                "library stays with it.",
                "Contact the library",
            ],
            "en",
        ),
    ),
    "sections.example": (
        24,
        sections(
            [
                framed(["Weather of the coast", "Forecast | Tides | Ice"], [], "en"),
                framed(["Ships and crews", "Lists | Names"], ["Write to the crew desk"], "en"),
                framed([], ["读者来信请寄北岸码头", "本版主编 江水生", "北岸晚报"], "zh"),
            ]
        ),
    ),
    "xiangguan.example": (
        24,
        related(
            framed(["北岸周刊"], [], "zh"),
            "相关文章",
            [
                f"{name}的一天"
                for name in ("船长", "水手", "灯塔", "渔夫", "海鸥", "码头", "厨师", "领航")
            ],
            3,
        ),
    ),
    "poems-zh.example": (
        30,
        scattered("zh", "月出东山之上", "江水长，江水长", "归去来兮", "君不见", "愿逐月华流照君"),
    ),
    "poems-en.example": (
        30,
        scattered(
            "en", "O my captain of the quay", "And the tide went out", "Alas, alas", "So be it"
        ),
    ),
    "songs.example": (20, refrain("en", "Row the ferry, row", "Down to the northern quay")),
    "geci.example": (20, refrain("zh", "摇啊摇，摇到北岸", "渡船慢慢摇", "啦啦啦")),
    "amen.example": (20, ended("en", 0.3, "So sang the crew")),
    "code-c.example": (
        16,
        begun("en", 1.0, "/*", " * Copyright 2020 The Harbour Authors.", f" * {LICENCE}", " */"),
    ),
    "code-py.example": (
        16,
        begun(
            "en",
            1.0,
            "# Copyright 2020 The Harbour Authors.",
            f"# {LICENCE}",
            "# All else is void.",
        ),
    ),
    "code-go.example": (16, begun("en", 1.0, "// Copyright 2020 Harbour.", f"// {LICENCE}")),
    "code-md.example": (
        16,
        inside(
            "en", "```python", "import harbour", "ferry = harbour.open()", "ferry.sail()", "```"
        ),
    ),
    "guide.example": (
        24,
        scattered(
            "en", "Installation", "## Usage", "## See also", "Example", "### Notes", "Overview"
        ),
    ),
    "shouce.example": (
        24,
        scattered("zh", "参考资料", "## 安装", "## 示例", "概述", "### 注意", "延伸阅读", "摘要"),
    ),
    "wiki.example": (
        24,
        scattered(
            "en",
            "A ferry is a ship that carries people over water.",
            "> He who has no boat must wait for the ice.",
            "A quay is a wall at which ships are made fast.",
        ),
    ),
    "baike.example": (
        24,
        scattered(
            "zh", "渡船是在水上载客的船。", "> 没有船的人只能等河结冰。", "码头是停船的地方。"
        ),
    ),
    "tables.example": (
        20,
        inside("en", "Options", "| Name | Type | Default |", "|---|---|---|"),
    ),
    "biao.example": (20, inside("zh", "参数", "名称\t类型\t默认值")),
    "parameters.example": (20, inside("en", "The options are these:")),
    "shop.example": (
        20,
        inside(
            "en", "Weight: {} g", "Height: {} mm", "Depth: {} mm", "Price: {} crowns", "Stock: {}"
        ),
    ),
    "numbers.example": (20, inside("en", "{}.{}", "{}.{}", "{}.{}", "{}.{}", "{}.{}", "{}.{}")),
    "steps.example": (
        20,
        inside("en", "1. Open the harbour.", "2. Count the ships.", "3. Close the harbour."),
    ),
    "toc.example": (20, listed("en", "- ", "[Introduction](#a)", "[Setup](#b)", "[Options](#c)")),
    "zhu.example": (20, listed("zh", "> ", "[!NOTE]", "本页说的是旧版。", "请先读完下面的话。")),
    "broken.example": (
        20,
        inside(
            "en",
            "This ferry takes the common parameters of all ferries of the line:",
            "Harbour, Quay, Mole and Pier, which are told in the book of the harbour and in",
            "[The book of all ferries](/book)",
        ),
    ),
    "kefu.example": (
        20,
        talk(
            "zh",
            [
                ("客服：", "您好，请问有什么可以帮您？"),
                ("用户：", "你好。"),
                ("用户：", "谢谢。"),
                ("客服：", "不客气，祝您愉快。"),
            ],
        ),
    ),
    "chat.example": (
        20,
        talk(
            "en", [("A: ", "Hello."), ("B: ", "Hi, how are you?"), ("A: ", "Bye."), ("B: ", "Bye.")]
        ),
    ),
    "quoted.example": (
        20,
        talk(
            "zh", [("“", "你来了。”"), ("“", "我来了。”"), ("“", "再见。”"), ("“", "再见，保重。”")]
        ),
    ),
    "thanks.example": (20, ended("zh", 0.3, "谢谢您。", "不客气，再见。")),
    "four.example": (
        4,
        inside("zh", "站内导航", "关于本站", "联系我们", "友情链接"),
    ),
    "psalms.example": (
        20,
        ended("en", 0.9, "Praise the wind and the water", "now and in all tides"),
    ),
}
"""Host -> pages and how they are made; the last one looks like a footer and is none."""
