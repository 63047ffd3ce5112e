//! Where a number stands: in an address, before a unit, behind a word, among English words.

use super::in_word;

/// An address is looked back at for so many bytes.
const LOOK_BACK: usize = 512;
/// Words are looked for in so many bytes before a number, and behind it.
pub(super) const NEAR: usize = 40;

/// Words of a path behind which a number is one to be called.
const CALLED: [&str; 8] = ["tel", "phone", "mobile", "cell", "fax", "call", "sms", "whatsapp"];
/// Endings of files.
const FILES: [&str; 22] = [
    "html", "htm", "shtml", "php", "jsp", "asp", "aspx", "jpg", "jpeg", "png", "gif", "webp",
    "pdf", "doc", "docx", "xls", "xlsx", "mp3", "mp4", "zip", "apk", "xml",
];
/// English words that say a number is one to be called.
const CUES: [&str; 12] = [
    "tel", "phone", "mobile", "cell", "call", "contact", "fax", "sms", "whatsapp", "wechat",
    "hotline", "dial",
];

/// And what says so in other languages.
const CALLS: [&str; 20] = [
    "电话",
    "传真",
    "手机",
    "热线",
    "座机",
    "联系",
    "致电",
    "拨打",
    "请拨",
    "总机",
    "预订",
    "订票",
    "急诊",
    "投诉",
    "電話",
    "連絡",
    "전화",
    "Телефон",
    "Teléfono",
    "Звоните",
];

/// Whether the number at `start..end` is a part of an address: of a link, a path, a query, a DOI or
/// the name of a file.
pub(super) fn in_address(bytes: &[u8], start: usize, end: usize) -> bool {
    if is_file(&bytes[end..]) {
        return true;
    }
    let token = token(&bytes[..start]);
    let Some(last) = token.last() else { return false };
    if token.windows(3).any(|three| three == b"://") || starts_with(token, b"www.") {
        return true;
    }
    if *last == b'=' && token.iter().any(|byte| matches!(byte, b'?' | b'&')) {
        return true;
    }
    if *last == b'-' && token.len() > 1 && token[token.len() - 2].is_ascii_alphabetic() {
        return true;
    }
    let mut parts = token.split(|byte| *byte == b'/');
    let first = parts.next().unwrap_or_default();
    if first.len() == token.len() {
        return false;
    }
    let host = first.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if is_host(first.split(|byte| *byte == b':').next().unwrap_or_default()) || is_doi(host) {
        return true;
    }
    let above = token[..token.len() - 1].rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let named = above.iter().any(u8::is_ascii_alphabetic);
    *last == b'/' && named && !CALLED.iter().any(|word| is(above, word))
}

/// What stands before a number without a blank, a quotation mark or a bracket.
fn token(before: &[u8]) -> &[u8] {
    let inside = |byte: &&u8| byte.is_ascii_graphic() && !b"<>\"'(){}|\\^`,;".contains(byte);
    let length = before.iter().rev().take(LOOK_BACK).take_while(inside).count();
    &before[before.len() - length..]
}

fn starts_with(text: &[u8], head: &[u8]) -> bool {
    text.get(..head.len()).is_some_and(|found| found.eq_ignore_ascii_case(head))
}

fn is(text: &[u8], word: &str) -> bool {
    text.eq_ignore_ascii_case(word.as_bytes())
}

fn is_file(behind: &[u8]) -> bool {
    let Some(name) = behind.strip_prefix(b".") else { return false };
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    FILES.iter().any(|ending| is(&name[..length], ending))
}

fn is_host(text: &[u8]) -> bool {
    let labels: Vec<&[u8]> = text.split(|byte| *byte == b'.').collect();
    let plain = |label: &&[u8]| {
        !label.is_empty() && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    let last = labels.last().copied().unwrap_or_default();
    labels.len() > 1
        && labels.iter().all(plain)
        && last.len() > 1
        && last.iter().all(u8::is_ascii_alphabetic)
}

fn is_doi(text: &[u8]) -> bool {
    text.strip_prefix(b"10.").is_some_and(|number| {
        (4..=9).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
    })
}

/// Whether words of Europe stand around a number and none of them says that it is to be called:
/// powers of two and sizes look like mobile numbers of China.
pub(super) fn among_english(bytes: &[u8], start: usize, end: usize) -> bool {
    let before = &bytes[start.saturating_sub(NEAR)..start];
    let behind = &bytes[end..bytes.len().min(end + NEAR)];
    let around = || before.iter().chain(behind);
    let letter = |byte: &&u8| byte.is_ascii_alphabetic() || (0xC3..0xE0).contains(*byte);
    // Characters of China, Japan and Korea begin with these.
    let eastern = around().any(|byte| (0xE3..0xEE).contains(byte));
    !eastern && around().filter(letter).count() >= 3 && !says(before, &CUES)
}

/// Whether one of the words of a call stands just before a number.
pub(super) fn is_called(bytes: &[u8], start: usize) -> bool {
    let before = &bytes[start.saturating_sub(NEAR)..start];
    says(before, &CUES)
        || CALLS.iter().any(|word| before.windows(word.len()).any(|found| found == word.as_bytes()))
}

/// Whether one of these stands in a text as it is, letters in either case.
pub(super) fn says_any(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.windows(word.len()).any(|found| is(found, word)))
}

fn says(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.windows(word.len()).enumerate().any(|(at, found)| {
            let before = at.checked_sub(1).map(|at| &text[at]);
            is(found, word) && !before.is_some_and(u8::is_ascii_alphabetic)
        })
    })
}

/// Words before a number that is counted, sold or sent.
const COUNTED: [&str; 43] = [
    "序列号",
    "序号",
    "流水号",
    "订单号",
    "单号",
    "工单",
    "任务号",
    "编号",
    "编码",
    "货号",
    "批号",
    "条码",
    "等于",
    "约",
    "达",
    "达到",
    "共",
    "共有",
    "超",
    "超过",
    "质数",
    "素数",
    "次方",
    "之积",
    "之和",
    "乘积",
    "结果",
    "时间戳",
    "¥",
    "￥",
    "$",
    "€",
    "£",
    "order",
    "serial",
    "sequence",
    "sku",
    "uid",
    "pid",
    "id",
    "ticket",
    "isbn",
    "pmid",
];
/// What is counted.
const UNITS: [&str; 40] = [
    "元",
    "美元",
    "港元",
    "日元",
    "欧元",
    "英镑",
    "韩元",
    "人民币",
    "块钱",
    "万",
    "亿",
    "吨",
    "字节",
    "公里",
    "米",
    "股",
    "件",
    "条",
    "人",
    "次",
    "个",
    "户",
    "辆",
    "册",
    "张",
    "毫秒",
    "円",
    "원",
    "yuan",
    "rmb",
    "usd",
    "cny",
    "jpy",
    "won",
    "dollars",
    "euros",
    "bytes",
    "rows",
    "people",
    "km",
];

/// Whether a number is an amount or the name of a thing: by the word before it or the unit behind.
pub(super) fn is_counted(bytes: &[u8], start: usize, end: usize) -> bool {
    let mut before = bytes[..start].trim_ascii_end();
    for sign in ["：", ":", "=", "#", "为", "是"] {
        before = before.strip_suffix(sign.as_bytes()).unwrap_or(before).trim_ascii_end();
    }
    let behind = bytes[end..].trim_ascii_start();
    ends_with(before, &COUNTED)
        || UNITS.iter().any(|unit| {
            starts_with(behind, unit.as_bytes())
                && !(unit.is_ascii() && in_word(behind.get(unit.len())))
        })
}

/// Whether a text ends with one of these words, and not with a longer one.
pub(super) fn ends_with(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        let Some(start) = text.len().checked_sub(word.len()) else { return false };
        let (head, tail) = text.split_at(start);
        let whole = !word.as_bytes()[0].is_ascii_alphabetic() || !in_word(head.last());
        is(tail, word) && whole
    })
}
