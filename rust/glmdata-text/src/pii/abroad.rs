//! Telephone numbers that are no mobile number of the mainland, and IPv6 addresses.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::place::{among_english, ends_with, is_called, is_counted};
use super::tables::{is_area, is_country};
use super::{digits, ends, in_word};

/// The number of a landline in China whose first digits begin at `start`.
pub(super) fn landline(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let run = digits(&bytes[start..]);
    let written = &bytes[start..start + run];
    let (area, at) = match written {
        [b'8', b'6'] | [b'0', b'0', b'8', b'6'] => within_country(bytes, start + run)?,
        [b'0', ..] if (3..=4).contains(&run) => (start + 1..start + run, start + run),
        [b'0', ..] if (11..=12).contains(&run) => {
            let short = matches!(written[1], b'1' | b'2');
            let code = if short { 2 } else { 3 };
            (start + 1..start + 1 + code, start + 1 + code)
        }
        _ => return None,
    };
    if !is_area(&bytes[area.clone()]) {
        return None;
    }
    let behind = &bytes[at..];
    let marks = [")-", "）-", ") ", "） ", "）", ")", "-", " "];
    let mark = marks.iter().find(|mark| behind.starts_with(mark.as_bytes()));
    let at = at + mark.map_or(0, |mark| mark.len());
    let end = local(bytes, at, area.len())?;
    // A blank parts numbers of a table too, and twelve digits may be of anything.
    let loose = mark.is_none_or(|mark| *mark == " ") && !written.ends_with(b"86");
    if !is_called(bytes, start) && (loose || among_english(bytes, start, end)) {
        return None;
    }
    let bracket = mark.is_some_and(|mark| mark.starts_with([')', '）']));
    Some(if bracket { opened(bytes, start) } else { start }..end)
}

/// The area code behind `86`, and where it ends.
fn within_country(bytes: &[u8], mut at: usize) -> Option<(Range<usize>, usize)> {
    matches!(bytes.get(at), Some(b' ' | b'-')).then_some(())?;
    at += 1;
    at += ["(0)", "0"]
        .iter()
        .find(|zero| bytes[at..].starts_with(zero.as_bytes()))
        .map_or(0, |z| z.len());
    let code = digits(&bytes[at..]);
    let parted = matches!(bytes.get(at + code), Some(b' ' | b'-'));
    ((2..=3).contains(&code) && parted).then_some((at..at + code, at + code))
}

/// Where seven or eight digits end that may be parted before the last four and may have an extension
/// behind them.
fn local(bytes: &[u8], start: usize, area: usize) -> Option<usize> {
    let first = digits(&bytes[start..]);
    let behind = start + first;
    let parted = (3..=4).contains(&first)
        && matches!(bytes.get(behind), Some(b' ' | b'-'))
        && digits(&bytes[behind + 1..]) == 4;
    let (length, mut end) = if parted { (first + 4, behind + 5) } else { (first, behind) };
    let least = if area == 2 { 8 } else { 7 };
    let begins = bytes.get(start).is_some_and(|digit| (b'2'..=b'8').contains(digit));
    if !(least..=8).contains(&length) || !begins {
        return None;
    }
    if bytes.get(end) == Some(&b'-') {
        let extension = digits(&bytes[end + 1..]);
        match extension {
            0 => {}
            1..=5 if bytes.get(end + 1 + extension) != Some(&b'-') => end += 1 + extension,
            _ => return None,
        }
    }
    ends(bytes, end).then_some(end)
}

/// Where a bracket before an area code begins, or `86` before that.
fn opened(bytes: &[u8], start: usize) -> usize {
    let open = ["(", "（"].iter().find(|open| bytes[..start].ends_with(open.as_bytes()));
    let Some(open) = open else { return start };
    let start = start - open.len();
    let before = bytes[..start].strip_suffix(b" ").unwrap_or(&bytes[..start]);
    let country = ["+86", "0086"].iter().find(|code| before.ends_with(code.as_bytes()));
    country.map_or(start, |code| before.len() - code.len())
}

/// The international number whose first digits begin at `start`, behind `+` or with `00`.
pub(super) fn foreign(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let plus = start.checked_sub(1).filter(|&at| bytes[at] == b'+');
    let zeros = bytes[start..].starts_with(b"00");
    if plus.is_some() == zeros {
        return None;
    }
    let first = plus.unwrap_or(start);
    let before = first.checked_sub(1).map(|at| &bytes[at]);
    let free = before.is_none_or(|byte| {
        byte.is_ascii_whitespace() || !byte.is_ascii() || b"(:\"'".contains(byte)
    });
    let called = || is_called(bytes, first);
    if !free || zeros && !called() {
        return None;
    }
    let from = start + 2 * usize::from(zeros);
    let (mut at, mut end, mut number, mut groups) = (from, from, Vec::new(), Vec::new());
    loop {
        let run = digits(&bytes[at..]);
        if run == 0 || number.len() + run > 15 {
            break;
        }
        number.extend_from_slice(&bytes[at..at + run]);
        groups.push(run);
        end = at + run;
        at = end;
        let signs = bytes[at..].iter().take(2).take_while(|byte| b" -.()".contains(byte)).count();
        at += signs;
        if signs == 0 {
            break;
        }
    }
    let whole = groups.len() == 1;
    let sure = (3..=7).contains(&groups.len()) || whole && number.len() >= 11 || called();
    // Behind the code of the first zone stand three, three and four digits.
    let zone = !number.starts_with(b"1") || whole || groups == [1, 3, 3, 4] || groups == [1, 10];
    let fits = number.len() >= 9 && is_country(&number) && zone && number[0] != b'0';
    (fits && sure && ends(bytes, end)).then_some(first..end)
}

/// Signs that a number goes on over.
const JOINING: &[u8] = b"-./=#+_";

/// The local number that begins at `start`, of which the words just before it say that it is one.
pub(super) fn called_local(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut before = bytes[..start].trim_ascii_end();
    // The second and third of a list.
    for _ in 0..2 {
        before = without_number(before).unwrap_or(before);
    }
    for sign in ["：", ":", "是", "为", "為"] {
        before = before.strip_suffix(sign.as_bytes()).unwrap_or(before).trim_ascii_end();
    }
    for word in ["号码", "號碼", "号", "號"] {
        before = before.strip_suffix(word.as_bytes()).unwrap_or(before);
    }
    let said = ends_with(before, &["电话", "電話", "传真", "傳真", "座机"]);
    let end = said.then(|| local(bytes, start, 3)).flatten()?;
    (!is_date(&bytes[start..end]) && !is_counted(bytes, start, end)).then_some(start..end)
}

/// A text without the number, and the sign of a list behind it, that it ends with.
fn without_number(text: &[u8]) -> Option<&[u8]> {
    let signs = [",", "，", "、", "/", "或"];
    let rest = signs.iter().find_map(|sign| text.strip_suffix(sign.as_bytes()))?.trim_ascii_end();
    let inside = |byte: &&u8| byte.is_ascii_digit() || **byte == b'-';
    let length = rest.iter().rev().take(15).take_while(inside).count();
    (7..=14).contains(&length).then(|| rest[..rest.len() - length].trim_ascii_end())
}

/// Whether eight digits are a day of this century.
fn is_date(digits: &[u8]) -> bool {
    matches!(digits, [b'2', b'0', _, _, b'0' | b'1', _, b'0'..=b'3', _])
}

/// The number of North America whose area code begins at `start`, or the code of its country before it.
pub(super) fn american(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let country = if matches!(bytes[start..], [b'1', b'-' | b'.', ..]) { 2 } else { 0 };
    let alone = start.checked_sub(1).is_none_or(|at| !JOINING.contains(&bytes[at]));
    let bare = alone.then(|| bare(bytes, start + country)).flatten().map(|end| start..end);
    bare.or_else(|| with_brackets(bytes, start))
}

/// Where three, three and four digits end that are parted by the same sign and can be called.
fn bare(bytes: &[u8], start: usize) -> Option<usize> {
    let shape = bytes.get(start..start + 12)?;
    let [area, exchange] = [&shape[..3], &shape[4..7]];
    let parted = matches!(shape[3], b'-' | b'.') && shape[7] == shape[3];
    let grouped = digits(shape) == 3 && digits(&shape[4..]) == 3 && digits(&shape[8..]) == 4;
    let begins = |part: &[u8]| (b'2'..=b'9').contains(&part[0]) && !part.ends_with(b"11");
    let fits = parted && grouped && begins(area) && begins(exchange) && area[1] != b'9';
    let end = start + 12;
    let goes_on = bytes.get(end).is_some_and(|byte| b"-/".contains(byte));
    (fits && !goes_on && ends(bytes, end)).then_some(end)
}

/// The same with its area code in brackets, or behind a word that says that it is to be called.
fn with_brackets(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let shape = bytes.get(start..start + 4)?;
    let bracket = start.checked_sub(1).filter(|&at| bytes[at] == b'(' && shape[3] == b')');
    let mut at = start + 3;
    match (bracket, shape[3]) {
        (Some(_), _) => at += 1 + usize::from(bytes.get(at + 1) == Some(&b' ')),
        (None, b'-' | b'.' | b' ') => at += 1,
        _ => return None,
    }
    let rest = bytes.get(at..at + 8)?;
    let begin = |digit: u8| (b'2'..=b'9').contains(&digit);
    let digits_only = digits(shape) == 3 && digits(rest) == 3 && digits(&rest[4..]) == 4;
    let fits = digits_only && begin(shape[0]) && begin(rest[0]) && b"-. ".contains(&rest[3]);
    let said = bracket.is_some() || is_called(bytes, start);
    let end = at + 8;
    let counted = bytes.get(end) == Some(&b'-');
    (fits && said && !counted && ends(bytes, end)).then_some(bracket.unwrap_or(start)..end)
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
    let address: Ipv6Addr = text.parse().ok().filter(|_| groups >= 3)?;
    let [first, second, ..] = address.segments();
    let public = first >> 13 == 1 && !(first == 0x2001 && second == 0xDB8);
    let end = start + text.len();
    // A prefix names a net, and nobody's machine.
    let net = bytes.get(end) == Some(&b'/') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    (public && !net && !in_word(bytes.get(end))).then_some(end)
}
