"""Made-up sites that the figures on templates come from: other words, other hosts."""

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

REPORTED: dict[str, tuple[int, Maker]] = {
    "ribao.example": (
        30,
        with_bar(
            framed(
                ["网站首页", "要闻", "体育", "娱乐", "当前位置：首页"],
                [
                    "编辑：林晚舟",
                    "凡本网注明来源的作品，均为本网所有。",
                    "浏览次数：{}",
                    "联系我们",
                ],
                "zh",
            ),
            ["扫一扫", "分享到朋友圈", "收藏本文", "打印"],
        ),
    ),
    "gazette.example": (
        30,
        with_bar(
            framed(
                [
                    "Menu",
                    "Latest",
                    "Politics",
                    "Opinion",
                    "This website stores cookies. Accept or decline.",
                ],
                ["You may also like", "How gulls sleep", "Terms of use", "Privacy policy"],
                "en",
            ),
            ["Tweet", "Share", "Save", "Comments ({})"],
        ),
    ),
    "tieba.example": (
        18,
        framed(
            ["回复: {} 浏览: {}", "楼主", "举报", "收藏帖子"],
            ["点击加载更多评论", "发帖时间：2023-11-{}", "版主招募"],
            "zh",
        ),
    ),
    "journal.example": (
        18,
        framed(
            ["The gull and the quay", "About", "Archive", "Contact"],
            ["Filed under notes", "{} comments", "Subscribe by mail", "Proudly printed by hand"],
            "en",
        ),
    ),
    "jiaocheng.example": (
        18,
        framed(
            ["* [主页](/)", "* [下载](/get)", "* [社区](/us)"],
            ["本页对您有帮助吗？", "是", "否", "更新时间：2022年{}月"],
            "zh",
        ),
    ),
    "single.example": (14, framed(["本站为渡船爱好者公益网站，请支持正版图书。"], [], "zh")),
    "folded.example": (
        14,
        framed(
            ["The Quay Review", "Issues"],
            [
                "All texts of this review are given to the public by",
                "their authors and nobody has to ask before he prints",
                "one of them anew.",
                "Write to the review",
            ],
            "en",
        ),
    ),
    "bankuai.example": (
        24,
        sections(
            [
                framed(["海岸天气", "预报 | 潮汐 | 冰情"], [], "zh"),
                framed(["船只与船员", "名单"], ["来信请寄船员专栏"], "zh"),
                framed(
                    [], ["Letters go to the editor", "The harbour desk", "Quay Evening Post"], "en"
                ),
            ]
        ),
    ),
    "more.example": (
        24,
        related(
            framed(["The Northern Weekly"], [], "en"),
            "Related stories",
            [
                f"A day of the {name}"
                for name in ("pilot", "cook", "gull", "light", "diver", "clerk")
            ],
            2,
        ),
    ),
    "shige.example": (
        30,
        scattered("zh", "行行重行行", "长相思", "不如归", "路漫漫其修远", "大江东去", "采采芣苢"),
    ),
    "verses.example": (
        30,
        scattered("en", "Nevermore", "And miles of sea", "Farewell, farewell", "Sweet water, run"),
    ),
    "ballads.example": (20, refrain("en", "Haul away, my brothers", "Haul the northern line")),
    "minge.example": (20, refrain("zh", "哎嗨哟", "划船下江南", "一路好风光")),
    "selah.example": (20, ended("zh", 0.3, "众人齐声唱")),
    "src-c.example": (
        16,
        begun("en", 1.0, "/*", "Copyright 2018 Quay Developers.", "Use as you like.", "*/"),
    ),
    "src-sh.example": (
        16,
        begun("en", 1.0, "# Copyright 2018 Quay Developers.", "# Use as you like.", "#"),
    ),
    "src-sql.example": (16, begun("en", 1.0, "-- Copyright 2018 Quay.", "-- Use as you like.")),
    "src-md.example": (16, inside("zh", "~~~", "cargo build", "cargo test", "cargo run", "~~~")),
    "handbook.example": (
        24,
        scattered("en", "Prerequisites", "## Examples", "## Return value", "Syntax", "### Remarks"),
    ),
    "zhinan.example": (
        24,
        scattered(
            "zh", "前提条件", "## 用法", "## 常见问题", "背景", "### 小结", "相关主题", "引言"
        ),
    ),
    "terms.example": (
        24,
        scattered(
            "en",
            "The tide is the rise and fall of the sea.",
            "> Time and tide wait for nobody.",
            "An anchor is a weight that holds a ship.",
        ),
    ),
    "cidian.example": (
        24,
        scattered("zh", "潮汐是海水的涨落。", "> 时间和潮水不等人。", "锚是停船用的铁器。"),
    ),
    "grid.example": (20, inside("zh", "字段", "| 名称 | 说明 |", "| --- | --- |")),
    "columns.example": (20, inside("en", "Fields", "Name\tMeaning\tUnit")),
    "introduced.example": (20, inside("zh", "具体步骤如下：")),
    "chanpin.example": (
        20,
        inside("zh", "重量：{} 克", "高度：{} 毫米", "价格：{} 元", "库存：{} 件", "销量：{} 件"),
    ),
    "shuzi.example": (20, inside("zh", "{}%", "{}%", "{}%", "{}%", "{}%", "{}%")),
    "buzhou.example": (20, inside("zh", "1、打开舱门。", "2、清点人数。", "3、关上舱门。")),
    "mulu.example": (
        20,
        listed("zh", "* ", "[简介](#a)", "[安装](#b)", "[配置](#c)", "[许可](#d)"),
    ),
    "hint.example": (
        20,
        listed("en", "> ", "[!TIP]", "Read this first.", "It is about old boats."),
    ),
    "lengthy.example": (
        20,
        inside(
            "en",
            "The pilot goes by the general rules of the northern coast and by those of",
            "Captain Holm, who wrote them down when the great light was built on the mole by",
            "Order of the Council",
        ),
    ),
    "service.example": (
        20,
        talk(
            "en",
            [
                ("Agent: ", "Good day, what can I do for you?"),
                ("Guest: ", "Good day."),
                ("Guest: ", "Thank you."),
                ("Agent: ", "You are welcome."),
            ],
        ),
    ),
    "duihua.example": (
        20,
        talk(
            "zh", [("甲：", "早。"), ("乙：", "早上好。"), ("甲：", "走了。"), ("乙：", "慢走。")]
        ),
    ),
    "drama.example": (
        20,
        talk("en", [("“", "You came.”"), ("“", "I did.”"), ("“", "Go now.”"), ("“", "Farewell.”")]),
    ),
    "bye.example": (20, ended("en", 0.3, "Thank you all.", "See you at the quay.")),
    "small.example": (4, inside("en", "Site map", "About this site", "Contact us", "Links")),
    "zan.example": (20, ended("zh", 0.9, "赞美风和水", "从今时直到永远")),
}
