//! Accounts of QQ and WeChat, behind their names.

use std::ops::Range;

use super::{ends, in_word};

/// The account behind the cue at `cue`.
pub(super) fn account(text: &str, cue: Range<usize>, numbered: bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = cue.start.checked_sub(1).map(|at| &bytes[at]);
    if bytes[cue.start].is_ascii() && (in_word(before) || before == Some(&b'-')) {
        return None;
    }
    let mut rest = &text[cue.end..];
    for word in ["号码", "群号", "号", "群"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let blanks = |rest: &str| rest.len() - rest.trim_start_matches([' ', '\t']).len();
    rest = &rest[blanks(rest)..];
    if !numbered && rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("id")) {
        rest = &rest[2..];
        rest = &rest[blanks(rest)..];
    }
    let behind = rest.strip_prefix('：').or_else(|| rest.strip_prefix(':'));
    let said = behind.is_some();
    rest = behind.unwrap_or(rest);
    rest = &rest[blanks(rest)..];
    let start = text.len() - rest.len();
    // Letters behind letters are one word, or the noise of a key.
    if !numbered && start == cue.end && bytes[cue.end - 1].is_ascii() {
        return None;
    }
    let part = |byte: &u8| byte.is_ascii_digit() || !numbered && named(*byte);
    let length = rest.bytes().take_while(part).count();
    let end = start + length;
    let first = rest.bytes().next()?;
    let fits = if numbered {
        (5..=11).contains(&length) && first != b'0'
    } else {
        // A word behind the cue is a word, unless a colon or its look says otherwise.
        let odd = rest[..length].bytes().any(|byte| !byte.is_ascii_alphabetic());
        (6..=20).contains(&length) && first.is_ascii_alphabetic() && (said || odd)
    };
    (fits && ends(bytes, end)).then_some(start..end)
}

fn named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
