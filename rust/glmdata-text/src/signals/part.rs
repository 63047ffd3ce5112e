//! What is asked of a part of a line, character by character.

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::class::{CLASSES, Class, FLAGS, LETTER, MARK, SPACE, WORD, class_of};

/// Room for an ellipsis and `Continue reading`.
const LAST_CHARACTERS: usize = 24;

/// A cell that describes something is no wider, and the other cells of its row are no wider on average: sentences
/// with wide gaps between them are.
const LONG_CELL: u32 = 200;
const SHORT_CELL: u32 = 30;

/// Width of a character by class: 0 of white space, 2 of Han, kana and Hangul.
const WIDTHS: [u32; CLASSES] = {
    let mut widths = [1; CLASSES];
    widths[Class::Space as usize] = 0;
    widths[Class::Newline as usize] = 0;
    widths[Class::Han as usize] = 2;
    widths[Class::Kana as usize] = 2;
    widths[Class::Hangul as usize] = 2;
    widths
};

/// Signs in a whole text: where it has none, no line is searched for them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signs {
    pub(super) hashes: u32,
    /// `...` and `…`.
    pub(super) ellipses: u32,
    pub(super) tabs: bool,
    /// `<` or `&`, as tags and entities of HTML begin.
    pub(super) markup: bool,
}

impl Signs {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let count = |sign: &str| memmem::find_iter(bytes, sign).count() as u32;
        Self {
            hashes: memchr_iter(b'#', bytes).count() as u32,
            ellipses: count("...") + count("…"),
            tabs: memchr(b'\t', bytes).is_some(),
            markup: memchr2(b'<', b'&', bytes).is_some(),
        }
    }
}

/// Whether what gaps of three blanks separate are cells.
pub(super) fn has_gaps(text: &str) -> bool {
    are_cells(text.split("   ").filter(|part| !part.trim_matches(' ').is_empty()))
}

/// Whether parts of a line are cells of a table: three or more, short ones but for one at most.
pub(super) fn are_cells<'a>(parts: impl Iterator<Item = &'a str>) -> bool {
    let (mut number, mut all, mut longest) = (0, 0, 0);
    for part in parts {
        let width: u32 = part.chars().map(|c| WIDTHS[class_of(c) as usize]).sum();
        number += 1;
        all += width;
        longest = longest.max(width);
    }
    number > 2 && longest <= LONG_CELL && all - longest <= SHORT_CELL * (number - 1)
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
    let class = |c: Option<char>| c.map_or(Class::Control, class_of);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'.' | b'!' | b'?' => {
                let before = class(text[..at].chars().next_back());
                let mut behind = text[at + 1..].chars();
                if FLAGS[before as usize] & LETTER != 0
                    && class(behind.find(|&c| class_of(c) != Class::Closing)) == Class::Space
                {
                    return true;
                }
                1
            }
            0..128 => 1,
            // No mark lies from U+4000 to U+9FFF, where most Han characters are.
            0xE4..=0xE9 => 3,
            _ => {
                let mark = text[at..].chars().next();
                if class(mark) == Class::Terminal {
                    return true;
                }
                mark.map_or(1, char::len_utf8)
            }
        };
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

/// Whether the last character, closing quotes and brackets aside, ends a sentence.
#[inline]
pub(super) fn is_closed(text: &str) -> bool {
    let mut inner = text.chars().rev().filter(|&c| class_of(c) != Class::Closing);
    inner.next().is_some_and(|c| class_of(c) == Class::Terminal || c == '…' || c == '：')
}

/// Three dots or the one character for them stand at the end.
#[inline]
pub(super) fn ends_with_ellipsis(text: &str) -> bool {
    text.ends_with("...") || text.ends_with('…')
}
