//! Tokens of a line: words, Han characters, numbers, and what comes with publishing a text.
//!
//! Link targets, anchors and markup are passed over; dates, times, versions and counters are
//! [`TokenKind::Volatile`].

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use glmdata_text::{Kind, kind_of};

use super::operator::{may_begin, operator, sign};
use super::phrases::exact;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Han,
    /// A number that counts or measures something.
    Number,
    /// I to XX written in capitals.
    Roman,
    /// A date, time, version or counter.
    Volatile,
    /// An operator between two operands.
    Operator,
}

/// A token, folded to lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) kind: TokenKind,
}

impl Token<'_> {
    pub(super) fn is_content(&self) -> bool {
        !matches!(self.kind, TokenKind::Volatile | TokenKind::Operator)
    }

    pub(super) fn is_negation(&self) -> bool {
        NEGATIONS.contains(&&*self.text)
    }
}

const NEGATIONS: &[&str] = &[
    "not", "no", "never", "without", "cannot", "none", "不", "没", "未", "无", "非", "勿", "莫",
    "別", "别",
];

const ROMAN: &[&str] = &[
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII", "XVIII", "XIX", "XX",
];

fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "jan"
            | "feb"
            | "mar"
            | "apr"
            | "jun"
            | "jul"
            | "aug"
            | "sep"
            | "sept"
            | "oct"
            | "nov"
            | "dec"
    )
}

fn is_weekday(word: &str) -> bool {
    matches!(
        word,
        "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "saturday"
            | "sunday"
            | "mon"
            | "tue"
            | "wed"
            | "thu"
            | "fri"
            | "sat"
            | "sun"
    )
}

/// Words whose numbers count readers and reactions, or tell when and where a page was shown.
fn is_counted(word: &str) -> bool {
    matches!(
        word,
        "view"
            | "views"
            | "viewed"
            | "read"
            | "reads"
            | "comment"
            | "comments"
            | "reply"
            | "replies"
            | "like"
            | "likes"
            | "share"
            | "shares"
            | "vote"
            | "votes"
            | "follower"
            | "followers"
            | "download"
            | "downloads"
            | "star"
            | "stars"
            | "fork"
            | "forks"
            | "visitor"
            | "visitors"
            | "hit"
            | "hits"
            | "page"
            | "pages"
            | "updated"
            | "posted"
            | "published"
            | "modified"
            | "ago"
            | "copyright"
            | "version"
            | "release"
    )
}

static COUNTS: LazyLock<AhoCorasick> = LazyLock::new(|| exact(COUNTED_HAN));

const COUNTED_HAN: &[&str] = &[
    "阅读", "浏览", "评论", "点赞", "回复", "收藏", "转发", "分享", "关注", "粉丝", "下载", "点击",
    "访问", "人气", "查看", "更新", "发布", "发表", "版本", "时间", "日期", "页码", "閱讀", "瀏覽",
    "評論", "發佈", "版權", "版权",
];

/// The tokens of `line`.
pub(super) fn tokens_of(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    add_tokens_of(line, &mut tokens);
    tokens
}

/// Append the tokens of `line`.
pub(super) fn add_tokens_of<'t>(line: &'t str, tokens: &mut Vec<Token<'t>>) {
    let from = tokens.len();
    let mut rest = line;
    // What stood before tells a version from a number, and an operator from markup.
    let (mut previous, mut operand) = (' ', ' ');
    while let Some(first) = rest.chars().next() {
        // What is passed over begins with one of four characters, which one look tells.
        let may_be_passed = matches!(first, 'h' | ']' | '{' | '<');
        if may_be_passed && let Some(length) = passed_over(rest) {
            rest = &rest[length..];
            (previous, operand) = (' ', ' ');
            continue;
        }
        let (length, token) = match kind_of(first) {
            _ if first.is_ascii_digit() => number(rest, previous),
            _ if may_begin(first) => mark(rest, previous, operand),
            Kind::Han => {
                let length = first.len_utf8();
                (length, Some((Cow::from(&rest[..length]), TokenKind::Han)))
            }
            Kind::Word | Kind::Letter => word(rest),
            Kind::Mark | Kind::Separator => (first.len_utf8(), None),
        };
        tokens.extend(token.map(|(text, kind)| Token { text, kind }));
        previous = rest[..length].chars().next_back().unwrap_or(' ');
        if !previous.is_whitespace() {
            operand = previous;
        }
        rest = &rest[length..];
    }
    mark_dates_and_counters(line, &mut tokens[from..]);
}

/// Bytes of a link target, a heading's anchor or a comment at the start of `rest`.
fn passed_over(rest: &str) -> Option<usize> {
    let until = |open: &str, close: &str| {
        let inside = rest.strip_prefix(open)?;
        Some(open.len() + inside.find(close)? + close.len())
    };
    if rest.starts_with("http://") || rest.starts_with("https://") {
        let end = |c: char| c.is_whitespace() || "()<>[]\"'`，。；、）】".contains(c);
        return Some(rest.find(end).unwrap_or(rest.len()));
    }
    until("](", ")")
        .or_else(|| until("][", "]"))
        .or_else(|| until("{#", "}"))
        .or_else(|| until("{/*", "*/}"))
        .or_else(|| until("<!--", "-->"))
}

/// How long it is, and the token if it is one.
type Found<'t> = (usize, Option<(Cow<'t, str>, TokenKind)>);

fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::from(text) } else { Cow::from(text.to_lowercase()) }
}

/// A word with its inner underscores, digits and apostrophes.
fn word(rest: &str) -> Found<'_> {
    let inner = |c: char| matches!(kind_of(c), Kind::Word | Kind::Mark | Kind::Letter) || c == '_';
    let ascii = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut end = rest.bytes().take_while(|byte| ascii(byte)).count();
    if rest.as_bytes().get(end).is_some_and(|byte| !byte.is_ascii()) {
        end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
    }
    let text = &rest[..end];
    if text.starts_with(['I', 'V', 'X']) && ROMAN.contains(&text) {
        return (end, Some((lower(text), TokenKind::Roman)));
    }
    // v2, v2.5, v2.0-beta.1
    if let Some(after) = text.strip_prefix(['v', 'V'])
        && after.starts_with(|c: char| c.is_ascii_digit())
    {
        let end = rest.find(|c: char| !(inner(c) || c == '.')).unwrap_or(rest.len());
        return (end, Some((lower(&rest[..end]), TokenKind::Volatile)));
    }
    (end, Some((lower(text), TokenKind::Word)))
}

/// A signed number, an operator, or a mark that says nothing.
fn mark(rest: &str, previous: char, operand: char) -> Found<'_> {
    if let Some(sign) = sign(rest, previous) {
        let (length, token) = number(&rest[sign.len()..], previous);
        let length = sign.len() + length;
        // A plus in front of a number says what its absence says.
        let signed = |text: Cow<'_, str>| match sign {
            "+" => Cow::from(text.into_owned()),
            _ => Cow::from(format!("-{text}")),
        };
        return (length, token.map(|(text, kind)| (signed(text), kind)));
    }
    match operator(rest, previous, operand) {
        Some(mark) => (mark.len(), Some((Cow::from(mark), TokenKind::Operator))),
        None => (rest.chars().next().map_or(0, char::len_utf8), None),
    }
}

/// Digits with what joins them and the share they are: 1,024 1.5 12:30 2021-09-24 5.7.1 8%.
fn number(rest: &str, previous: char) -> Found<'_> {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let joins = matches!(bytes[end], b'.' | b',' | b':' | b'/' | b'-')
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !joins {
            break;
        }
        end += 1;
    }
    let text = &rest[..end];
    let share = ["%", "‰", "％"].into_iter().find(|share| rest[end..].starts_with(share));
    let count = |joint: char| text.matches(joint).count();
    let year = |text: &str| text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    let date = count('-') == 2
        || count('/') == 2
        || rest[end..].starts_with(['年', '月', '日', '时', '時']);
    let version = count('.') >= 2 || matches!(previous, 'v' | 'V' | '/' | '@' | '_');
    let kind = if date || version || count(':') > 0 || year(text) {
        TokenKind::Volatile
    } else {
        TokenKind::Number
    };
    let length = end + share.map_or(0, str::len);
    (length, Some((Cow::from(&rest[..length]), kind)))
}

/// Numbers beside a month or weekday are dates; short lines that count readers count readers.
fn mark_dates_and_counters(line: &str, tokens: &mut [Token<'_>]) {
    if tokens.iter().all(|token| token.kind != TokenKind::Number) {
        return;
    }
    let dated: Vec<bool> = tokens
        .iter()
        .map(|token| {
            let name = &*token.text;
            is_weekday(name) || (is_month(name) && name != "may")
        })
        .collect();
    let counting = tokens.len() <= 24
        && (!line.is_ascii() && COUNTS.is_match(line)
            || tokens.iter().any(|token| is_counted(&token.text)));
    for i in 0..tokens.len() {
        let beside = i.saturating_sub(2)..(i + 3).min(tokens.len());
        let number = tokens[i].kind == TokenKind::Number;
        if dated[i] || (number && (counting || dated[beside].contains(&true))) {
            tokens[i].kind = TokenKind::Volatile;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let letter = |kind| match kind {
            TokenKind::Word => 'w',
            TokenKind::Han => 'h',
            TokenKind::Number => 'n',
            TokenKind::Roman => 'r',
            TokenKind::Volatile => '-',
            TokenKind::Operator => 'o',
        };
        let tokens = tokens_of(line);
        tokens
            .iter()
            .map(|t| format!("{}:{}", letter(t.kind), t.text))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn kinds_of_tokens() {
        let cases = [
            ("A train at 60 km/h", "w:a w:train w:at n:60 w:km w:h"),
            ("Part II", "w:part r:ii"),
            ("共 3 页", "h:共 n:3 h:页"),
            ("2021年9月24日通过", "-:2021 h:年 -:9 h:月 -:24 h:日 h:通 h:过"),
            ("on March 3, 2021 at 12:30", "w:on -:march -:3 -:2021 w:at -:12:30"),
            ("Rancher v2.5 and 5.7.1", "w:rancher -:v2.5 w:and -:5.7.1"),
            ("阅读 1234", "h:阅 h:读 -:1234"),
            ("1,024 views", "-:1,024 w:views"),
            ("[a](/x/1) https://b.c/2 d", "w:a w:d"),
            ("## Title {#title-1}", "w:title"),
            ("eth_getBlock", "w:eth_getblock"),
            ("a <= b and c-d", "w:a o:<= w:b w:and w:c w:d"),
            ("at -5.5 or +3, 8% of 10-20", "w:at n:-5.5 w:or n:3 n:8% w:of n:10-20"),
        ];
        for (line, expected) in cases {
            assert_eq!(shown(line), expected, "{line}");
        }
    }
}
