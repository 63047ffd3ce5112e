//! Telephone numbers that are no mobile number of the mainland, and IPv6 addresses.

use std::net::Ipv6Addr;

use super::place::{among_english, is_called};
use super::{digits, ends, in_word};

/// Where the number of a landline in China that begins at `start` ends: an area code, then a dash, a
/// blank or the end of a bracket, then seven or eight digits.
pub(super) fn landline(bytes: &[u8], start: usize) -> Option<usize> {
    let area = digits(&bytes[start..]);
    let code = &bytes[start..start + area];
    let known = match code {
        [b'0', b'1', b'0'] | [b'0', b'2', _] => true,
        [b'0', second, ..] => area == 4 && (b'3'..=b'9').contains(second),
        _ => false,
    };
    let mut at = start + area;
    let behind = &bytes[at..];
    at += [")-", "）-", ") ", "）", ")", "-", " "]
        .iter()
        .find(|between| known && behind.starts_with(between.as_bytes()))?
        .len();
    let local = digits(&bytes[at..]);
    let first = bytes.get(at).is_some_and(|digit| (b'2'..=b'8').contains(digit));
    let end = at + local;
    let counted =
        bytes.get(end) == Some(&b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    let whole = (7..=8).contains(&local) && first && ends(bytes, end) && !counted;
    (whole && (is_called(bytes, start) || !among_english(bytes, start, end))).then_some(end)
}

/// Where the international number that begins at `start`, behind a `+`, ends.
pub(super) fn foreign(bytes: &[u8], start: usize) -> Option<usize> {
    let plus = start.checked_sub(1)?;
    let before = plus.checked_sub(1).map(|at| &bytes[at]);
    let free = before
        .is_none_or(|byte| byte.is_ascii_whitespace() || !byte.is_ascii() || b"(:".contains(byte));
    if bytes[plus] != b'+' || !free || bytes[start] == b'0' {
        return None;
    }
    let (mut at, mut end, mut count, mut groups) = (start, start, 0, 0);
    loop {
        let run = digits(&bytes[at..]);
        if run == 0 {
            break;
        }
        count += run;
        groups += 1;
        end = at + run;
        at = end;
        let signs = bytes[at..].iter().take(2).take_while(|byte| b" -.()".contains(byte)).count();
        at += signs;
        if signs == 0 {
            break;
        }
    }
    let sure = groups >= 3 || is_called(bytes, plus);
    ((8..=15).contains(&count) && sure && ends(bytes, end)).then_some(end)
}

/// Where the global IPv6 address that begins at `start` ends.
pub(super) fn ip_six(bytes: &[u8], start: usize) -> Option<usize> {
    let inside = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
    if !matches!(bytes[start], b'2' | b'3') || start > 0 && bytes[start - 1] == b':' {
        return None;
    }
    let length = bytes[start..].iter().take(40).take_while(|byte| inside(byte)).count();
    let text = std::str::from_utf8(&bytes[start..start + length]).ok()?;
    // A colon behind an address belongs to the sentence.
    let text = text.strip_suffix(':').filter(|text| !text.ends_with(':')).unwrap_or(text);
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let address: Ipv6Addr = text.parse().ok().filter(|_| groups >= 4)?;
    let [first, second, ..] = address.segments();
    let public = first >> 13 == 1 && !(first == 0x2001 && second == 0xDB8);
    let end = start + text.len();
    (public && !in_word(bytes.get(end))).then_some(end)
}
