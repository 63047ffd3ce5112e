//! Words that turn a sentence round when one stands for the other.

/// Han words and what they are turned into, each whole as it differs.
const HAN: &[(&str, &str)] = &[
    ("有", "无"),
    ("有", "没"),
    ("已", "未"),
    ("是", "非"),
    ("是", "否"),
    ("可", "否"),
    ("能", "否"),
    ("真", "假"),
    ("对", "错"),
    ("合", "违"),
    ("合", "非"),
    ("阳", "阴"),
    ("正", "负"),
    ("大", "小"),
    ("多", "少"),
    ("高", "低"),
    ("长", "短"),
    ("左", "右"),
    ("上", "下"),
    ("前", "后"),
    ("前", "後"),
    ("内", "外"),
    ("東", "西"),
    ("东", "西"),
    ("南", "北"),
    ("早", "晚"),
    ("先", "后"),
    ("始", "终"),
    ("进", "出"),
    ("入", "出"),
    ("买", "卖"),
    ("借", "贷"),
    ("增", "减"),
    ("升", "降"),
    ("涨", "跌"),
    ("开", "关"),
    ("胜", "败"),
    ("赢", "输"),
    ("男", "女"),
    ("冷", "热"),
    ("原", "被"),
    ("甲", "乙"),
    ("生", "失"),
    ("同", "异"),
    ("主", "从"),
    ("加", "减"),
    ("乘", "除"),
    ("起", "止"),
    ("活", "死"),
    ("与", "或"),
    ("和", "或"),
    ("且", "或"),
    ("批准", "否决"),
    ("批准", "驳回"),
    ("批准", "拒绝"),
    ("同意", "反对"),
    ("同意", "拒绝"),
    ("支持", "反对"),
    ("支持", "驳回"),
    ("接受", "拒绝"),
    ("赞成", "反对"),
    ("通过", "否决"),
    ("通过", "驳回"),
    ("维持", "撤销"),
    ("允许", "禁止"),
    ("准许", "禁止"),
    ("可以", "不得"),
    ("可以", "禁止"),
    ("应当", "不得"),
    ("应当", "可以"),
    ("必须", "可以"),
    ("必须", "不得"),
    ("增加", "减少"),
    ("提高", "降低"),
    ("上升", "下降"),
    ("扩大", "缩小"),
    ("打开", "关闭"),
    ("开启", "关闭"),
    ("启用", "禁用"),
    ("启动", "停止"),
    ("成功", "失败"),
    ("肯定", "否定"),
    ("承认", "否认"),
    ("安全", "危险"),
    ("全部", "部分"),
    ("包括", "排除"),
    ("盈利", "亏损"),
    ("最大", "最小"),
    ("故意", "过失"),
];

/// Beginnings of English words and of what they are turned into; endings as in [`ENDINGS`].
const ENGLISH: &[(&[&str], &[&str])] = &[
    (&["guilty", "liable"], &["innocent"]),
    (
        &["accept", "approv", "allow", "permit", "permitt", "grant", "authoris", "authoriz"],
        &["reject", "den", "refus", "forbid", "forbidd", "prohibit", "disallow", "ban", "bann"],
    ),
    (&["affirm", "uph", "confirm"], &["revers", "overturn", "overrul"]),
    (&["enabl"], &["disabl"]),
    (&["true"], &["false"]),
    (&["yes"], &["no"]),
    (
        &["increas", "ris", "ros", "grow", "grew", "gain"],
        &["decreas", "fall", "fell", "shr", "drop", "declin", "los"],
    ),
    (&["rais"], &["lower"]),
    (&["win", "won"], &["los", "lost"]),
    (&["succeed", "success", "pass"], &["fail", "failur"]),
    (&["with"], &["without"]),
    (&["before"], &["after"]),
    (&["above", "over"], &["below", "under"]),
    (&["more", "most", "great"], &["less", "least", "few"]),
    (&["max", "maxim", "maximum"], &["min", "minim", "minimum"]),
    (&["left"], &["right"]),
    (&["up", "upper"], &["down", "lower"]),
    (&["on"], &["off"]),
    (&["in", "insid"], &["out", "outsid"]),
    (&["open"], &["clos", "shut"]),
    (&["start", "begin"], &["stop", "end"]),
    (&["positiv"], &["negativ"]),
    (&["import"], &["export"]),
    (&["buy", "buyer"], &["sell", "seller"]),
    (&["lend", "lender"], &["borrow", "borrower"]),
    (&["landlord", "lessor"], &["tenant", "lessee"]),
    (&["employer"], &["employee"]),
    (&["plaintiff", "claimant"], &["defendant"]),
    (&["must", "shall"], &["may", "need"]),
    (&["always"], &["never"]),
    (&["all", "every", "both", "any", "some"], &["none", "no", "neither"]),
    (&["and"], &["or"]),
    (&["if"], &["unless"]),
    (&["includ"], &["exclud"]),
    (&["internal"], &["external"]),
    (&["first"], &["last"]),
    (&["north"], &["south"]),
    (&["east"], &["west"]),
    (&["hot", "warm"], &["cold", "cool"]),
    (&["high"], &["low"]),
    (&["long"], &["short"]),
    (&["male"], &["female"]),
    (&["add"], &["subtract", "remov"]),
    (&["multipl"], &["divid"]),
    (&["safe"], &["dangerous"]),
    (&["support"], &["oppos"]),
    (&["ascend"], &["descend"]),
    (&["push"], &["pull"]),
    (&["read"], &["writ"]),
    (&["public"], &["private"]),
    (&["encrypt"], &["decrypt"]),
];

const ENDINGS: &[&str] = &[
    "", "s", "es", "e", "d", "ed", "ing", "er", "est", "en", "ly", "y", "ied", "ies", "al", "um",
    "ward", "wards", "ern", "ity",
];

const PREFIXES: &[&str] = &["un", "in", "im", "il", "ir", "non", "dis"];

/// Whether one of two Han words turns round what the other says.
pub(super) fn han_are_opposite(a: &str, b: &str) -> bool {
    HAN.iter().any(|&(x, y)| (a, b) == (x, y) || (b, a) == (x, y))
}

/// Whether one of two English words turns round what the other says.
pub(super) fn words_are_opposite(a: &str, b: &str) -> bool {
    let forms = |word: &str, stems: &[&str]| {
        stems.iter().any(|stem| word.strip_prefix(stem).is_some_and(|end| ENDINGS.contains(&end)))
    };
    let listed = |a: &str, b: &str| ENGLISH.iter().any(|(x, y)| forms(a, x) && forms(b, y));
    let without = |a: &str, b: &str| {
        a.len() > 3 && PREFIXES.iter().any(|prefix| b.strip_prefix(prefix) == Some(a))
    };
    let denied = |a: &str, b: &str| {
        ["not", "nt", "t"].into_iter().any(|end| b.strip_suffix(end) == Some(a))
            && AUXILIARY.contains(&a)
    };
    let would = |a: &str, b: &str| (a, b) == ("will", "wont");
    [(a, b), (b, a)]
        .into_iter()
        .any(|(a, b)| listed(a, b) || without(a, b) || denied(a, b) || would(a, b))
}

/// Words that take a "not", joined or as "n't".
const AUXILIARY: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could",
    "should", "would", "must", "might", "need",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_turn_round() {
        for (a, b) in [
            ("guilty", "innocent"),
            ("approved", "rejected"),
            ("accepted", "denied"),
            ("enables", "disables"),
            ("legal", "illegal"),
            ("is", "isnt"),
            ("can", "cannot"),
            ("will", "wont"),
            ("cant", "can"),
            ("increasing", "decreasing"),
        ] {
            assert!(words_are_opposite(a, b) && words_are_opposite(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("large", "very"),
            ("colour", "color"),
            ("town", "village"),
            ("say", "said"),
            ("press", "pressed"),
            ("ox", "in"),
        ] {
            assert!(!words_are_opposite(a, b), "{a} {b}");
        }
        assert!(han_are_opposite("无", "有") && !han_are_opposite("很", "好"));
    }
}
