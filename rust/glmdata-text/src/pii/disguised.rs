//! Mail addresses with a word or another sign in the place of `@`.

use std::ops::Range;

/// Words that are no names of hosts or people.
const WORDS: [&str; 8] = ["the", "a", "an", "this", "that", "look", "one", "every"];

fn inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte)
}

fn of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_word(text: &[u8]) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

/// Where the name before `end` begins.
fn local(bytes: &[u8], end: usize) -> Option<usize> {
    let mut start =
        end - bytes[..end].iter().rev().take(64).take_while(|byte| inside(**byte)).count();
    start += bytes[start..end].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    (start < end && bytes[end - 1] != b'.' && !is_word(&bytes[start..end])).then_some(start)
}

/// The address around a sign at `cue`.
pub(super) fn signed(bytes: &[u8], cue: Range<usize>) -> Option<Range<usize>> {
    let before = bytes[..cue.start].strip_suffix(b" ").unwrap_or(&bytes[..cue.start]);
    let start = local(bytes, before.len())?;
    let mut at = cue.end + usize::from(bytes.get(cue.end) == Some(&b' '));
    let (mut parts, mut end) = (0, at);
    loop {
        let length = bytes.get(at..)?.iter().take_while(|byte| of_host(**byte)).count();
        if length == 0 || bytes[at] == b'-' {
            break;
        }
        parts += 1;
        end = at + length;
        let rest = &bytes[end..];
        let dots = [" [dot] ", "[dot]", " (dot) ", "(dot)", " dot ", "."];
        let Some(dot) = dots.iter().find(|dot| {
            rest.get(..dot.len()).is_some_and(|found| found.eq_ignore_ascii_case(dot.as_bytes()))
        }) else {
            break;
        };
        at = end + dot.len();
    }
    let letters = bytes[..end].iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    (parts > 1 && letters > 1 && !super::in_word(bytes.get(end))).then_some(start..end)
}

/// The address whose host stands behind `#` at `cue`.
pub(super) fn hashed(bytes: &[u8], cue: Range<usize>) -> Option<Range<usize>> {
    let start = local(bytes, cue.start)?;
    let whole = !super::in_word(bytes.get(cue.end)) && bytes.get(cue.end) != Some(&b'#');
    whole.then_some(start..cue.end)
}

/// The address in words whose last part is at `cue`: `name at host dot com`.
pub(super) fn spoken(bytes: &[u8], cue: Range<usize>) -> Option<Range<usize>> {
    let mut before = bytes[..cue.start].strip_suffix(b" ")?;
    if super::in_word(bytes.get(cue.end)) {
        return None;
    }
    for _ in 0..4 {
        let length = before.iter().rev().take(64).take_while(|byte| of_host(**byte)).count();
        let (rest, label) = before.split_at(before.len() - length);
        if label.is_empty() || is_word(label) {
            return None;
        }
        let rest = rest.strip_suffix(b" ")?;
        if let Some(name) = strip_word(rest, b" at") {
            return Some(local(bytes, name.len())?..cue.end);
        }
        before = strip_word(rest, b" dot")?;
    }
    None
}

fn strip_word<'t>(text: &'t [u8], word: &[u8]) -> Option<&'t [u8]> {
    let start = text.len().checked_sub(word.len())?;
    text[start..].eq_ignore_ascii_case(word).then_some(&text[..start])
}
