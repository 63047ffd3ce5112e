//! Lines: which are headings, and what the first ones of a statute say about its enactment.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::phrases::exact;

/// A heading of the first level, or a `title:` field.
pub(super) fn is_title_heading(line: &str) -> bool {
    line.starts_with("# ") || ["<h1", "<title", "title:"].into_iter().any(|p| starts(line, p))
}

fn starts(line: &str, prefix: &str) -> bool {
    line.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// A Markdown, wiki or HTML heading of any level, or a `title:` field.
pub(super) fn is_heading(line: &str) -> bool {
    let marked = line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
    marked
        || (line.len() > 4 && line.starts_with("==") && line.ends_with("=="))
        || is_title_heading(line)
        || ["<h2", "<h3"].into_iter().any(|prefix| starts(line, prefix))
}

/// How much of a document may say when it was enacted, in lines that say something.
const PREAMBLE: usize = 8;

static SPEAKS: LazyLock<AhoCorasick> = LazyLock::new(|| exact(ENACTED));

/// What is done to statutes on a date.
const ENACTED: &[&str] = &[
    "通过",
    "修正",
    "修订",
    "公布",
    "施行",
    "批准",
    "发布施行",
    "通過",
    "修訂",
    "公佈",
    "enacted",
    "amended by",
    "as amended",
    "approved by",
    "assented to",
    "came into force",
];

/// The dates in the lines of the preamble that speak of enactment, in order.
pub(super) fn enactment_dates(text: &str) -> Vec<String> {
    let preamble = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(PREAMBLE);
    // Digits first: they are looked for in no time, and most lines have none.
    let dated =
        preamble.filter(|line| line.len() < 600 && line.bytes().any(|b| b.is_ascii_digit()));
    let speaking = dated.filter(|line| SPEAKS.is_match(line));
    speaking.flat_map(dates_of).collect()
}

/// Dates written `2021年9月24日` or `2021-09-24`.
fn dates_of(line: &str) -> Vec<String> {
    let mut dates = Vec::new();
    let mut numbers: Vec<&str> = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = &rest[start..];
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        if number.len() == 4 && after.starts_with(['年', '-']) {
            numbers = vec![number];
        } else if numbers.len() == 1 && after.starts_with(['月', '-']) {
            numbers.push(number);
        } else if numbers.len() == 2 {
            dates.push(format!("{}-{:0>2}-{number:0>2}", numbers[0], numbers[1]));
            numbers.clear();
        } else {
            numbers.clear();
        }
        rest = after;
    }
    dates
}

/// A line without the number of an item of a list that it begins with: `2. `, `12)`, `3、`.
pub(super) fn without_item_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if !(1..=3).contains(&(line.len() - rest.len())) {
        return line;
    }
    let item = rest.strip_prefix(['.', ')', '、', '．', '）']);
    item.filter(|item| !item.starts_with(|c: char| c.is_ascii_digit()))
        .map_or(line, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_enactment() {
        let text = "# 停车条例\n\n2018年3月30日 第十五届常务委员会第三次会议通过\n2024-03-29 修正\n\n第一条 2020年1月1日";
        assert_eq!(enactment_dates(text), ["2018-03-30", "2024-03-29"]);
        assert!(enactment_dates("# Notes\n\nUpdated 2024-03-29").is_empty());
    }

    #[test]
    fn headings() {
        for line in ["# A", "### B", "== C ==", "<H1>d</H1>", "Title: e"] {
            assert!(is_heading(line), "{line}");
        }
        for line in ["#a", "####", "text", "- # list", "==", ""] {
            assert!(!is_heading(line), "{line}");
        }
    }
}
