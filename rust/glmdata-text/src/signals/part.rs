//! What is asked of a part of a line, character by character.

use super::class::{Class, FLAGS, LETTER, MARK, SPACE, WORD, class_of};

/// Room for an ellipsis and `Continue reading`.
const LAST_CHARACTERS: usize = 24;

/// Two gaps of three blanks or more.
pub(super) fn has_gaps(bytes: &[u8]) -> bool {
    let (mut gaps, mut at) = (0, 0);
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"   ") {
        gaps += 1;
        at += found;
        at += bytes[at..].iter().take_while(|&&byte| byte == b' ').count();
    }
    gaps >= 2
}

pub(super) fn visible(text: &str) -> u32 {
    text.chars().filter(|&c| FLAGS[class_of(c) as usize] & SPACE == 0).count() as u32
}

/// Units with a letter that are no Han characters, as the scan counts them outside of addresses.
pub(super) fn words_of(text: &str) -> u32 {
    let (mut words, mut open, mut letter) = (0, false, false);
    for c in text.chars() {
        let class = class_of(c);
        let flags = FLAGS[class as usize];
        if flags & WORD != 0 {
            (open, letter) = (true, open && letter || flags & LETTER != 0);
        } else if flags & MARK == 0 {
            words += u32::from(open && letter);
            (open, letter) = (false, false);
            words += u32::from(flags & LETTER != 0 && class != Class::Han);
        }
    }
    words + u32::from(open && letter)
}

/// Whether a sentence ends in a line: at a mark that is not ASCII, or behind a letter and before a blank.
pub(super) fn ends_inside(text: &str) -> bool {
    let (mut behind_letter, mut open) = (false, false);
    for c in text.chars() {
        let class = class_of(c);
        if class == Class::Terminal {
            if !c.is_ascii() {
                return true;
            }
            open = behind_letter;
        } else if open && class == Class::Space {
            return true;
        } else if class != Class::Closing {
            open = false;
        }
        behind_letter = FLAGS[class as usize] & LETTER != 0;
    }
    false
}

/// Whether an ellipsis stands in the last characters of a line, before a link to the rest.
pub(super) fn is_cut_off(text: &str) -> bool {
    let mut dots = 0;
    for c in text.chars().rev().take(LAST_CHARACTERS) {
        dots = if c == '.' { dots + 1 } else { 0 };
        if dots == 3 || c == '…' {
            return true;
        }
    }
    false
}
