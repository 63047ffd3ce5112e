//! Digits, letters and signs of full width, which are looked at in their ASCII form.

use std::borrow::Cow;

use super::Pii;

/// What a character of full width is in ASCII, if it may be part of personal data.
fn narrow(character: char) -> Option<char> {
    match character {
        '\u{FF10}'..='\u{FF19}'
        | '\u{FF21}'..='\u{FF3A}'
        | '\u{FF41}'..='\u{FF5A}'
        | '＠'
        | '＋'
        | '－'
        | '．' => char::from_u32(character as u32 - 0xFEE0),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

/// Whether a text has a digit or a `＠` of full width, in steps that compilers make comparisons of many
/// bytes at once of.
fn is_wide(bytes: &[u8]) -> bool {
    const STEP: usize = 64;
    let digit = |first: u8, second: u8, third: u8| {
        let last = u8::from(third.wrapping_sub(0x90) < 10) | u8::from(third == 0xA0);
        u8::from(first == 0xEF) & u8::from(second == 0xBC) & last
    };
    let mut at = 0;
    while let (Some(first), Some(second), Some(third)) = (
        bytes.get(at..).and_then(<[u8]>::first_chunk::<STEP>),
        bytes.get(at + 1..).and_then(<[u8]>::first_chunk::<STEP>),
        bytes.get(at + 2..).and_then(<[u8]>::first_chunk::<STEP>),
    ) {
        let mut any = 0;
        for place in 0..STEP {
            any |= digit(first[place], second[place], third[place]);
        }
        if any > 0 {
            return true;
        }
        at += STEP;
    }
    bytes[at..].windows(3).any(|three| digit(three[0], three[1], three[2]) > 0)
}

/// The text in which personal data is looked for.
pub(crate) fn narrowed(text: &str) -> Cow<'_, str> {
    if !is_wide(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| narrow(c).unwrap_or(c)).collect())
}

/// What was found in `narrowed(text)`, at its places in `text`.
pub(super) fn widened(text: &str, found: &mut [Pii]) {
    let (mut wide, mut thin) = (0, 0);
    let mut characters = text.chars();
    let mut place = |wanted: usize| {
        while thin < wanted {
            let Some(character) = characters.next() else { break };
            wide += character.len_utf8();
            thin += narrow(character).map_or(character.len_utf8(), char::len_utf8);
        }
        wide
    };
    for pii in found {
        pii.span = place(pii.span.start)..place(pii.span.end);
    }
}
