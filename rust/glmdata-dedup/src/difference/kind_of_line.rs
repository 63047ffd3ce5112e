//! What kind of line differs: furniture of publishing says nothing, a provision or a task says all.

/// How lines begin that tell who published a text, when, where, and how often it was looked at.
const FURNITURE: &[&str] = &[
    "published",
    "updated",
    "posted",
    "last updated",
    "last modified",
    "last edited",
    "source:",
    "author",
    "by ",
    "written by",
    "edited by",
    "editor",
    "from our ",
    "reporter",
    "translat",
    "photo",
    "revision",
    "edition",
    "ebook",
    "e-book",
    "isbn",
    "issue ",
    "page ",
    "slip opinion",
    "subject:",
    "tags:",
    "filed under",
    "share",
    "wayback",
    "archived",
    "copyright",
    "©",
    "date:",
    "views",
    "read time",
    "reading time",
    "retrieved",
    "来源",
    "作者",
    "编辑",
    "责任编辑",
    "责编",
    "记者",
    "译者",
    "翻译",
    "校对",
    "审核",
    "发布",
    "更新",
    "发表",
    "日期",
    "时间",
    "浏览",
    "阅读",
    "点击",
    "字号",
    "分享",
    "标签",
    "关键词",
    "版权",
    "转载",
    "稿源",
    "供稿",
    "通讯员",
    "摄影",
    "主办",
    "字体",
    "网站标识",
    "备案号",
    "版本",
    "版次",
    "期号",
    "文号",
    "书号",
    "編輯",
    "來源",
    "發佈",
    "閱讀",
    "瀏覽",
];

/// What bytes those begin with, in either case.
const BEGINS: [bool; 256] = {
    let (mut begins, mut at) = ([false; 256], 0);
    while at < FURNITURE.len() {
        let first = FURNITURE[at].as_bytes()[0];
        begins[first as usize] = true;
        begins[first.to_ascii_uppercase() as usize] = true;
        at += 1;
    }
    begins
};

/// The longest line that can be furniture, in bytes.
const MOST_FURNITURE: usize = 120;

/// A date line, an author line, a counter, a page number: what comes with publishing a text.
pub(super) fn is_furniture(line: &str) -> bool {
    // A sentence says something, whatever word it begins with.
    if line.len() > MOST_FURNITURE || line.ends_with(['.', '。', ';', '；']) {
        return false;
    }
    let bare =
        line.trim_start_matches(['#', '*', '_', '>', '-', '[', '【', '(', '（', ' ', '—', '|']);
    let may_begin = bare.bytes().next().is_some_and(|byte| BEGINS[usize::from(byte)]);
    (may_begin && begins_with_furniture(bare)) || is_page(bare) || is_dateline(bare)
}

fn begins_with_furniture(line: &str) -> bool {
    let start: String =
        line.chars().filter(|&c| c != '*').take(14).flat_map(char::to_lowercase).collect();
    // 时间：10:30 tells when a page was made, 时间复杂度 what it is about.
    let told = |word: &str| {
        word.is_ascii() || start.contains([':', '：', '】', '/']) || {
            start.chars().any(|c| c.is_ascii_digit())
        }
    };
    FURNITURE.iter().any(|word| start.starts_with(word) && told(word))
}

/// "第3页/共5页", "第88期"
fn is_page(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('第') else { return false };
    let rest = rest.trim_start_matches(is_numeral_or_blank);
    line.len() <= 40 && rest.starts_with(['页', '頁', '期', '版', '刷', '次'])
}

/// A line that is little but a date: "2024年5月1日 星期三", "May 3, 2021".
fn is_dateline(line: &str) -> bool {
    let mut digits = 0;
    let mut letters = 0;
    for c in line.chars() {
        digits += usize::from(c.is_ascii_digit());
        letters += usize::from(c.is_alphabetic() && !"年月日时分秒星期周一二三四五六".contains(c));
    }
    digits >= 4 && letters <= 12 && line.len() <= 60 && has_year(line)
}

fn has_year(line: &str) -> bool {
    line.as_bytes().windows(4).any(|four| {
        (four.starts_with(b"19") || four.starts_with(b"20")) && four.iter().all(u8::is_ascii_digit)
    })
}

fn is_numeral_or_blank(c: char) -> bool {
    c.is_ascii_digit() || c == ' ' || is_han_numeral(c)
}

/// A Han character that counts.
pub(super) fn is_han_numeral(c: char) -> bool {
    "〇零一二三四五六七八九十百千万亿两".contains(c)
}

/// A provision of a statute, contract or decision: "第三条", "Section 4.", "§ 12".
pub(super) fn is_provision(line: &str) -> bool {
    let bare = line.trim_start_matches(['#', '*', ' ', '\u{3000}']);
    if let Some(rest) = bare.strip_prefix('第') {
        let after = rest.trim_start_matches(is_numeral_or_blank);
        return after.len() < rest.len() && after.starts_with(['条', '條', '款', '项']);
    }
    let numbered = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    ["Section", "SECTION", "Sec.", "Article", "ARTICLE", "Art.", "§"]
        .into_iter()
        .any(|word| bare.strip_prefix(word).is_some_and(numbered))
}

/// What asks for an answer, in any line of an exercise.
const ASKS: &[&str] = &[
    "____",
    "（ ）",
    "( )",
    "（  ）",
    "（　）",
    "求",
    "计算",
    "化简",
    "证明",
    "解方程",
    "若",
    "已知",
    "find ",
    "solve ",
    "calculate ",
    "simplify ",
    "prove ",
    "evaluate ",
    "how many",
    "how much",
    "how far",
    "how long",
    "what is",
];

/// A numbered task: "3. Find the speed", "2、求斜边".
pub(super) fn is_task(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == line.len() || !rest.starts_with(['.', '、', '．', ')', '）']) {
        return false;
    }
    let rest = rest.trim_start_matches(['.', '、', '．', ')', '）']);
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let lower = rest.to_lowercase();
    rest.ends_with(['?', '？']) || ASKS.iter().any(|word| lower.contains(word))
}

/// Amounts of a dose or an ingredient: a digit, perhaps a blank, and what it is measured in.
pub(super) fn is_measured(line: &str) -> bool {
    const MEASURES: &[&str] = &[
        "mg",
        "ml",
        "g ",
        "g,",
        "kg",
        "µg",
        "mcg",
        "litre",
        "liter",
        "cup",
        "oz",
        "pound",
        "teaspoon",
        "tablespoon",
        "tsp",
        "tbsp",
        "clove",
        "毫克",
        "毫升",
        "克",
        "微克",
        "片",
        "粒",
        "勺",
    ];
    // The parts of a leaflet.
    const PARTS: &[&str] =
        &["【用法", "【禁忌", "【注意", "【规格", "【适应", "【不良", "【成份", "【成分", "【药物"];
    if PARTS.iter().any(|part| line.starts_with(part)) {
        return true;
    }
    // The last digit of a number alone can stand in front of a measure.
    let bytes = line.as_bytes();
    let ends = |&at: &usize| {
        bytes[at].is_ascii_digit() && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    (0..bytes.len()).filter(ends).any(|at| {
        let rest = line[at + 1..].trim_start_matches(' ');
        MEASURES.iter().any(|measure| rest.starts_with(measure))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_lines() {
        for line in [
            "Published 14 December, 17:05",
            "**Source**: Press Agency",
            "来源：新华网",
            "【责任编辑：李某】",
            "第1页/共5页",
            "2024年5月1日 星期三",
            "Slip opinion, page 1",
        ] {
            assert!(is_furniture(line), "{line}");
        }
        for line in [
            "The bridge was published in a book.",
            "第一条 本条例",
            "By adding the salt first you keep it dry.",
            "时间复杂度为平方级",
            "In 2021 they built a bridge near the sea.",
        ] {
            assert!(!is_furniture(line), "{line}");
        }
        for line in ["第十一条 养犬登记证有效期为一年", "Section 2. Definitions.", "§ 12 A tenant"]
        {
            assert!(is_provision(line), "{line}");
        }
        for line in ["第一天他走了", "Section headings are set in bold", "条例"] {
            assert!(!is_provision(line), "{line}");
        }
        for line in ["2. 若直角三角形的两条直角边长分别为5和12", "3. How far does it come?"]
        {
            assert!(is_task(line), "{line}");
        }
        for line in ["3. Restart the server.", "若不行，再试一次", "2.5 is what we find here"]
        {
            assert!(!is_task(line), "{line}");
        }
    }
}
