//! Numbers of papers that mean something only near their word: passports, social security, identity
//! cards of fifteen digits.

use std::ops::Range;

use super::card::is_born;
use super::place::{is_counted, says_any};
use super::{digits, ends, in_word};

/// A passport's number begins at most so many bytes behind the word.
const BEHIND: usize = 40;
/// The words of a number of social security are looked for in so many bytes before it.
const BEFORE: usize = 60;

const SECURITY: [&str; 6] =
    ["ssn", "social security", "soc. sec", "社会安全", "社会安全号", "社安"];

/// The number of a Chinese passport behind the word that ends at `cue`.
pub(super) fn passport(bytes: &[u8], cue: usize) -> Option<Range<usize>> {
    (cue..bytes.len().min(cue + BEHIND + 1)).find_map(|start| {
        let first = bytes[start];
        if !b"EGDSP".contains(&first) || in_word(start.checked_sub(1).map(|at| &bytes[at])) {
            return None;
        }
        let second = bytes.get(start + 1)?;
        let letters = 1 + usize::from(second.is_ascii_uppercase());
        let length = digits(&bytes[start + letters..]);
        let fits = match (first, letters) {
            (b'E', 2) => length == 7 && !b"IO".contains(second),
            (b'E' | b'G', 1) => length == 8,
            (b'D' | b'S' | b'P', 2) => length == 7 && *second == b'E',
            _ => false,
        };
        let end = start + letters + length;
        (fits && !in_word(bytes.get(end))).then_some(start..end)
    })
}

/// Where the number of social security that begins at `start` ends.
pub(super) fn security(bytes: &[u8], start: usize) -> Option<usize> {
    let run = digits(&bytes[start..]);
    let mark = bytes.get(start + 3).filter(|mark| b"- ".contains(mark));
    let end = match (run, mark) {
        (9, _) => start + 9,
        (3, Some(mark)) => {
            let parted = digits(&bytes[start + 4..]) == 2
                && bytes.get(start + 6) == Some(mark)
                && digits(&bytes[start + 7..]) == 4;
            parted.then_some(start + 11)?
        }
        _ => return None,
    };
    let counted = bytes.get(end) == Some(&b'-') || is_counted(bytes, start, end);
    let number: Vec<u8> = bytes[start..end].iter().copied().filter(u8::is_ascii_digit).collect();
    let given = !number.starts_with(b"000")
        && !number.starts_with(b"666")
        && number[0] != b'9'
        && &number[3..5] != b"00"
        && &number[5..] != b"0000";
    let said = || says_any(&bytes[start.saturating_sub(BEFORE)..start], &SECURITY);
    (given && !counted && ends(bytes, end) && said()).then_some(end)
}

/// Where the identity card of the first generation that begins at `start` ends.
pub(super) fn old_id_card(bytes: &[u8], start: usize) -> Option<usize> {
    let end = start + 15;
    if digits(&bytes[start..]) != 15 || !ends(bytes, end) {
        return None;
    }
    let card = &bytes[start..end];
    let long = [&card[..6], b"19", &card[6..]].concat();
    let said = || says_any(&bytes[start.saturating_sub(BEFORE)..start], &["身份证"]);
    (is_born(&long) && said()).then_some(end)
}
