//! What one code point counts as: the classes that signals are sums of.
//!
//! Like the table of `character.rs`, pages of 256 code points are worked out when a text first
//! touches them. The classes are finer than kinds of units: filters ask for upper case, digits,
//! terminal punctuation.

use std::sync::OnceLock;

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::character::{Kind, kind_of};

/// A class; every code point has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Controls, format characters, unassigned.
    Control,
    /// White space other than a line feed, as Python's `str.isspace` has it.
    Space,
    Newline,
    LatinLower,
    LatinUpper,
    Han,
    Kana,
    /// Thai, Lao, Khmer, Myanmar: units of one letter.
    Letter,
    Hangul,
    OtherLower,
    OtherUpper,
    /// Decimal digits of any script.
    Digit,
    /// Other numbers.
    Number,
    Mark,
    /// Ends a sentence (Unicode's `Sentence_Terminal`).
    Terminal,
    /// May stand behind the end of a sentence: closing quotes and brackets.
    Closing,
    Colon,
    /// ASCII marks that program text is dense with.
    CodeMark,
    Punctuation,
    Symbol,
}

/// How many classes there are.
pub(crate) const CLASSES: usize = Class::Symbol as usize + 1;

/// A letter of any script.
pub(crate) const LETTER: u8 = 1;
/// Letter, digit, number or mark: what makes a word more than a symbol.
pub(crate) const PLAIN: u8 = 2;
/// Continues a word of a script written with spaces.
pub(crate) const WORD: u8 = 4;
/// White space.
pub(crate) const SPACE: u8 = 8;
/// A unit of its own: Han, kana, Thai letters.
pub(crate) const ALONE: u8 = 16;
/// Asked about byte by byte where it occurs.
pub(crate) const COLON: u8 = 32;
/// Continues the unit before it.
pub(crate) const MARK: u8 = 64;

/// Flags by class.
pub(crate) const FLAGS: [u8; 32] = {
    let mut flags = [0; 32];
    flags[Class::Space as usize] = SPACE;
    flags[Class::Newline as usize] = SPACE;
    flags[Class::LatinLower as usize] = LETTER | PLAIN | WORD;
    flags[Class::LatinUpper as usize] = LETTER | PLAIN | WORD;
    flags[Class::Han as usize] = LETTER | PLAIN | ALONE;
    flags[Class::Kana as usize] = LETTER | PLAIN | ALONE;
    flags[Class::Letter as usize] = LETTER | PLAIN | ALONE;
    flags[Class::Hangul as usize] = LETTER | PLAIN | WORD;
    flags[Class::OtherLower as usize] = LETTER | PLAIN | WORD;
    flags[Class::OtherUpper as usize] = LETTER | PLAIN | WORD;
    flags[Class::Digit as usize] = PLAIN | WORD;
    flags[Class::Number as usize] = PLAIN | WORD;
    flags[Class::Mark as usize] = PLAIN | MARK;
    flags[Class::Colon as usize] = COLON;
    flags
};

/// `Sentence_Terminal` of Unicode 16, PropList.txt.
const TERMINAL: &[(u32, u32)] = &[
    (0x0021, 0x0021),
    (0x002E, 0x002E),
    (0x003F, 0x003F),
    (0x0589, 0x0589),
    (0x061D, 0x061F),
    (0x06D4, 0x06D4),
    (0x0700, 0x0702),
    (0x07F9, 0x07F9),
    (0x0837, 0x0837),
    (0x0839, 0x0839),
    (0x083D, 0x083E),
    (0x0964, 0x0965),
    (0x104A, 0x104B),
    (0x1362, 0x1362),
    (0x1367, 0x1368),
    (0x166E, 0x166E),
    (0x1735, 0x1736),
    (0x17D4, 0x17D5),
    (0x1803, 0x1803),
    (0x1809, 0x1809),
    (0x1944, 0x1945),
    (0x1AA8, 0x1AAB),
    (0x1B4E, 0x1B4F),
    (0x1B5A, 0x1B5B),
    (0x1B5E, 0x1B5F),
    (0x1B7D, 0x1B7F),
    (0x1C3B, 0x1C3C),
    (0x1C7E, 0x1C7F),
    (0x2024, 0x2024),
    (0x203C, 0x203D),
    (0x2047, 0x2049),
    (0x2CF9, 0x2CFB),
    (0x2E2E, 0x2E2E),
    (0x2E3C, 0x2E3C),
    (0x2E53, 0x2E54),
    (0x2E60, 0x2E61),
    (0x3002, 0x3002),
    (0xA4FF, 0xA4FF),
    (0xA60E, 0xA60F),
    (0xA6F3, 0xA6F3),
    (0xA6F7, 0xA6F7),
    (0xA876, 0xA877),
    (0xA8CE, 0xA8CF),
    (0xA92F, 0xA92F),
    (0xA9C8, 0xA9C9),
    (0xAA5D, 0xAA5F),
    (0xAAF0, 0xAAF1),
    (0xABEB, 0xABEB),
    (0xFE12, 0xFE12),
    (0xFE15, 0xFE16),
    (0xFE52, 0xFE52),
    (0xFE56, 0xFE57),
    (0xFF01, 0xFF01),
    (0xFF0E, 0xFF0E),
    (0xFF1F, 0xFF1F),
    (0xFF61, 0xFF61),
    (0x1_0A56, 0x1_0A57),
    (0x1_0F55, 0x1_0F59),
    (0x1_0F86, 0x1_0F89),
    (0x1_1047, 0x1_1048),
    (0x1_10BE, 0x1_10C1),
    (0x1_1141, 0x1_1143),
    (0x1_11C5, 0x1_11C6),
    (0x1_11CD, 0x1_11CD),
    (0x1_11DE, 0x1_11DF),
    (0x1_1238, 0x1_1239),
    (0x1_123B, 0x1_123C),
    (0x1_12A9, 0x1_12A9),
    (0x1_13D4, 0x1_13D5),
    (0x1_144B, 0x1_144C),
    (0x1_15C2, 0x1_15C3),
    (0x1_15C9, 0x1_15D7),
    (0x1_1641, 0x1_1642),
    (0x1_173C, 0x1_173E),
    (0x1_1944, 0x1_1944),
    (0x1_1946, 0x1_1946),
    (0x1_1A42, 0x1_1A43),
    (0x1_1A9B, 0x1_1A9C),
    (0x1_1C41, 0x1_1C42),
    (0x1_1EF7, 0x1_1EF8),
    (0x1_1F43, 0x1_1F44),
    (0x1_6A6E, 0x1_6A6F),
    (0x1_6AF5, 0x1_6AF5),
    (0x1_6B37, 0x1_6B38),
    (0x1_6B44, 0x1_6B44),
    (0x1_6D6E, 0x1_6D6F),
    (0x1_6E98, 0x1_6E98),
    (0x1_BC9F, 0x1_BC9F),
    (0x1_DA88, 0x1_DA88),
];

/// Letters and numbers of the units that stand alone which are kana or bopomofo, not Han.
const KANA: &[(u32, u32)] = &[
    (0x3031, 0x3035),
    (0x3041, 0x3096),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FF),
    (0x3105, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x1_AFF0, 0x1_B16F),
];

/// Blocks whose letters are Latin.
const LATIN: &[(u32, u32)] = &[
    (0x0041, 0x02AF),
    (0x1E00, 0x1EFF),
    (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0xFF21, 0xFF5A),
];

const HANGUL: &[(u32, u32)] =
    &[(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)];

const PAGE: usize = 256;
static PAGES: [OnceLock<Box<[Class; PAGE]>>; 0x11_0000 / PAGE] =
    [const { OnceLock::new() }; 0x11_0000 / PAGE];

/// The class of every ASCII byte.
pub(crate) fn ascii_classes() -> &'static [Class; PAGE] {
    page(0)
}

/// The class of `character`.
#[inline]
pub(crate) fn class_of(character: char) -> Class {
    let code = character as usize;
    page(code / PAGE)[code % PAGE]
}

#[inline]
fn page(number: usize) -> &'static [Class; PAGE] {
    PAGES[number].get_or_init(|| {
        Box::new(std::array::from_fn(|i| {
            char::from_u32((number * PAGE + i) as u32).map_or(Class::Control, work_out)
        }))
    })
}

#[cold]
fn work_out(character: char) -> Class {
    let code = character as u32;
    let within =
        |ranges: &[(u32, u32)]| ranges.iter().any(|&(low, high)| (low..=high).contains(&code));
    if character == '\n' {
        return Class::Newline;
    }
    // Rust's White_Space and the four separators that Python counts in.
    if character.is_whitespace() || (0x1C..=0x1F).contains(&code) {
        return Class::Space;
    }
    if within(TERMINAL) {
        return Class::Terminal;
    }
    match character {
        ':' => return Class::Colon,
        '{' | '}' | '(' | ')' | '[' | ']' | ';' | '=' | '<' | '>' | '+' | '*' | '/' | '&' | '|'
        | '$' | '\\' | '_' | '^' | '~' | '%' | '@' | '#' | '`' => return Class::CodeMark,
        '"' | '\'' => return Class::Closing,
        _ => {}
    }
    let category = character.general_category();
    let upper = category == GeneralCategory::UppercaseLetter;
    match (character.general_category_group(), kind_of(character)) {
        (GeneralCategoryGroup::Mark, _) => Class::Mark,
        (_, Kind::Han) if within(KANA) => Class::Kana,
        (_, Kind::Han) => Class::Han,
        (GeneralCategoryGroup::Letter, Kind::Letter) => Class::Letter,
        (GeneralCategoryGroup::Letter, _) if within(LATIN) && upper => Class::LatinUpper,
        (GeneralCategoryGroup::Letter, _) if within(LATIN) => Class::LatinLower,
        (GeneralCategoryGroup::Letter, _) if within(HANGUL) => Class::Hangul,
        (GeneralCategoryGroup::Letter, _) if upper => Class::OtherUpper,
        (GeneralCategoryGroup::Letter, _) => Class::OtherLower,
        (GeneralCategoryGroup::Number, _) if category == GeneralCategory::DecimalNumber => {
            Class::Digit
        }
        (GeneralCategoryGroup::Number, _) => Class::Number,
        (GeneralCategoryGroup::Punctuation, _) => match category {
            GeneralCategory::ClosePunctuation | GeneralCategory::FinalPunctuation => Class::Closing,
            _ => Class::Punctuation,
        },
        (GeneralCategoryGroup::Symbol, _) => Class::Symbol,
        _ => Class::Control,
    }
}
