//! Numbers of people: identity cards and bank cards by their check digits, mobile numbers.

use std::ops::Range;

use super::place::{among_english, is_counted};
use super::{digits, ends, in_word};

const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 91,
];
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Where the identity card number that begins at `start` ends.
pub(super) fn id_card(bytes: &[u8], start: usize) -> Option<usize> {
    let (card, end) = eighteen(bytes, start)?;
    let sum: u32 = card.iter().zip(WEIGHTS).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    let whole = !in_word(bytes.get(end)) && card[17].eq_ignore_ascii_case(&check);
    (whole && is_born(&card)).then_some(end)
}

/// Eighteen digits, the last of which may be an X, in one run or in up to five groups with one and the
/// same blank or dash between, the first of them of three, four or six digits.
fn eighteen(bytes: &[u8], start: usize) -> Option<([u8; 18], usize)> {
    let run = digits(&bytes[start..]);
    if !matches!(run, 3 | 4 | 6 | 17 | 18) {
        return None;
    }
    let (mut card, mut at, mut mark, mut groups) = ([0; 18], start, None, 1);
    for (place, digit) in card.iter_mut().enumerate() {
        let next = *bytes.get(at)?;
        if place > 0 && run < 17 && b" -".contains(&next) {
            groups += 1;
            if groups > 5 || mark.is_some_and(|mark| mark != next) {
                return None;
            }
            mark = Some(next);
            at += 1;
        }
        *digit = *bytes.get(at)?;
        let last = place == 17 && matches!(digit, b'X' | b'x');
        (digit.is_ascii_digit() || last).then_some(())?;
        at += 1;
    }
    Some((card, at))
}

/// Whether the numbers of an identity card hold a province and a day.
pub(super) fn is_born(card: &[u8]) -> bool {
    let number = |range: Range<usize>| {
        card[range].iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let (year, month, day) = (number(6..10), number(10..12), number(12..14));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1900..2100).contains(&year)
        && (1..=days).contains(&day)
        && PROVINCES.contains(&(number(0..2) as u8))
}

/// Cards that card companies publish for tests.
const TEST_CARDS: [&str; 8] = [
    "4111111111111111",
    "4242424242424242",
    "5555555555554444",
    "4012888888881881",
    "5105105105105100",
    "378282246310005",
    "371449635398431",
    "378734493671000",
];

/// Where the bank card number that begins at `start` ends.
pub(super) fn bank_card(bytes: &[u8], start: usize) -> Option<usize> {
    let american = bytes[start] == b'3' && matches!(bytes.get(start + 1), Some(b'4' | b'7'));
    let sizes: &[usize] = if american { &[4, 6, 5] } else { &[4, 4, 4, 4, 3] };
    let (number, end) = grouped(bytes, start, sizes)?;
    let (length, head) = (number.len(), &number[..2]);
    let of_two = (b"51"..=b"55").contains(&&[head[0], head[1]])
        || (&b"2221"[..]..=&b"2720"[..]).contains(&&number[..4]);
    let issued = head == b"62" && (16..=19).contains(&length)
        || length == 15 && american
        || length == 16 && (number[0] == b'4' || of_two);
    let luhn: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    // A pattern, made by hand.
    let few = (b'0'..=b'9').filter(|digit| number.contains(digit)).count() < 4;
    let published = few || TEST_CARDS.iter().any(|card| card.as_bytes() == number);
    (issued && luhn.is_multiple_of(10) && !published && ends(bytes, end)).then_some(end)
}

/// Where the mobile number that begins at `start` ends; `86` may stand before it.
pub(super) fn phone(bytes: &[u8], start: usize) -> Option<usize> {
    let mut from = start;
    let head = ["0086", "86"].iter().find(|head| bytes[start..].starts_with(head.as_bytes()));
    if let Some(head) = head.filter(|_| digits(&bytes[start..]) != 11) {
        from += head.len();
        from += usize::from(matches!(bytes.get(from), Some(b' ' | b'-')));
    }
    let (number, end) = grouped(bytes, from, &[3, 4, 4])?;
    let mobile = number.len() == 11 && number[0] == b'1' && (b'3'..=b'9').contains(&number[1]);
    // Of a mail address the whole is masked, and round numbers are amounts.
    let nobodys = bytes.get(end) == Some(&b'@') || number.ends_with(b"0000000");
    // Names of pages hold numbers: `/14587478927/`.
    let before = |back: usize| start.checked_sub(back).map(|at| bytes[at]);
    let in_path = before(1) == Some(b'/') && bytes.get(end) == Some(&b'/');
    let among_digits = before(2).is_some_and(|byte| byte.is_ascii_digit());
    let one_run = end - start == 11;
    let is_number = mobile && ends(bytes, end) && !nobodys && (!in_path || among_digits);
    let plus = before(1) == Some(b'+');
    let is_amount = is_number
        && (is_counted(bytes, start, end) || one_run && !plus && among_english(bytes, start, end));
    (is_number && !is_amount).then_some(end)
}

/// Digits in one run, or in groups of these sizes with one and the same blank or dash between; the
/// last group may be shorter. Gives them and where they end.
fn grouped(bytes: &[u8], start: usize, sizes: &[usize]) -> Option<(Vec<u8>, usize)> {
    let run = digits(bytes.get(start..)?);
    if run > 19 {
        return None;
    }
    if run > 4 {
        return Some((bytes[start..start + run].to_vec(), start + run));
    }
    let (mut number, mut at) = (Vec::with_capacity(19), start);
    let mut separator = None;
    for &size in sizes {
        if at > start {
            let between = bytes.get(at).filter(|byte| matches!(byte, b' ' | b'-'));
            let more = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            if !more || between.is_none() || separator.is_some() && separator != between {
                break;
            }
            separator = between;
            at += 1;
        }
        let length = digits(bytes.get(at..)?);
        if length == 0 || length > size {
            return None;
        }
        number.extend_from_slice(&bytes[at..at + length]);
        at += length;
        if length < size {
            break;
        }
    }
    (number.len() > 8).then_some((number, at))
}
