//! Number plates of cars in mainland China (GA 36).

use std::ops::Range;

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// What may part the letter of the office from the rest.
const DOTS: [&str; 6] = ["·", "•", "・", ".", "-", " "];
/// What stands in the place of the last character.
const LAST: [&str; 5] = ["警", "学", "挂", "港", "澳"];

/// The plate whose first digit is at `start`: at most two letters stand before it.
pub(super) fn plate(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let before = bytes[..start].last()?;
    // Most digits stand elsewhere.
    if !(before.is_ascii_uppercase() || b"\xb7\xa2\xbb.- ".contains(before)) {
        return None;
    }
    let letters = bytes[..start].iter().rev().take(3).take_while(|byte| inside(**byte)).count();
    let (from, first) = (0..=letters.min(2)).find_map(|letters| {
        let from = start - letters;
        Some((from, office(&bytes[..from])?))
    })?;
    let length = bytes[from..].iter().take(7).take_while(|byte| inside(**byte)).count();
    let body = &bytes[from..from + length];
    let end = from + length;
    let numbers = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    let last = LAST.iter().find(|last| bytes[end..].starts_with(last.as_bytes()));
    let fits = match length {
        4 => return last.filter(|_| numbers >= 3).map(|last| first..end + last.len()),
        5 => numbers >= 3,
        6 => {
            let marked = |byte: u8| (b'A'..=b'K').contains(&byte);
            marked(body[0]) && body[2..].iter().all(u8::is_ascii_digit)
                || marked(body[5]) && numbers == 5
        }
        _ => false,
    };
    (fits && !super::in_word(bytes.get(end))).then_some(first..end)
}

/// Letters I and O are not given out.
fn inside(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"IO".contains(&byte)
}

/// Where the province begins whose letter of an office, and dot, a text ends with.
fn office(before: &[u8]) -> Option<usize> {
    let dot = DOTS.iter().find(|dot| before.ends_with(dot.as_bytes())).map_or(0, |dot| dot.len());
    let (letter, before) = before[..before.len() - dot].split_last()?;
    let start = before.len().checked_sub(3)?;
    let province = std::str::from_utf8(&before[start..]).ok()?;
    (letter.is_ascii_uppercase() && province.len() == 3 && PROVINCES.contains(province))
        .then_some(start)
}
