//! What one code point is: how it folds, and what kind of unit it starts or continues.
//!
//! The facts come from the Unicode tables of `unicode-normalization`, `unicode-properties` and
//! `caseless`; a page of 256 code points is worked out when a text first touches it.

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The Unicode version whose tables decide normal forms, as `major.minor.patch`.
pub const UNICODE_VERSION: (u8, u8, u8) = unicode_normalization::UNICODE_VERSION;

/// The part a code point plays in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Punctuation, symbols, white space, controls: ends a unit, is none itself.
    Separator = 0,
    /// A Han ideograph or a kana: a unit of its own.
    Han = 1,
    /// A letter or digit of a script written with spaces: part of a word.
    Word = 2,
    /// A letter or digit of Thai, Lao, Khmer or Myanmar: a unit with the marks after it.
    Letter = 3,
    /// A combining mark: continues the unit before it.
    Mark = 4,
}

/// Han, kana and bopomofo: scripts whose characters are units of their own.
const HAN: &[(u32, u32)] = &[
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3038, 0x303C),
    (0x3041, 0x3096),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FF),
    (0x3105, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1_AFF0, 0x1_B16F),
    (0x2_0000, 0x2_FA1F),
    (0x3_0000, 0x3_3479),
];

/// Scripts written without spaces whose letters carry marks: Thai, Lao, Myanmar, Khmer.
const LETTER: &[(u32, u32)] =
    &[(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)];

/// `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt` of Unicode 16): nobody sees them, and
/// NFKC_Casefold removes them.
const IGNORABLE: &[(u32, u32)] = &[
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_0FFF),
];

/// Scripts whose words the joiners U+200C and U+200D are part of: Arabic and its neighbours, those of
/// India and of what lies between it and Mongolia.
const JOINING: &[(u32, u32)] = &[
    (0x0600, 0x08FF),
    (0x0900, 0x0DFF),
    (0x0F00, 0x109F),
    (0x1700, 0x18AF),
    (0x1900, 0x1CFF),
    (0xA800, 0xABFF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC),
    (0x1_0A00, 0x1_0FFF),
    (0x1_1000, 0x1_1FFF),
    (0x1_E900, 0x1_E95F),
];

/// Symbols that U+200D makes one picture of.
const PICTURES: &[(u32, u32)] =
    &[(0x00A9, 0x00AE), (0x2010, 0x205E), (0x20E3, 0x20E3), (0x2100, 0x2BFF), (0x1_F000, 0x1_FAFF)];

fn is_within(ranges: &[(u32, u32)], character: char) -> bool {
    ranges.iter().any(|&(low, high)| (low..=high).contains(&(character as u32)))
}

/// Whether a joiner, U+200C or U+200D, between these two characters says something: its neighbours that
/// can be seen.
pub(crate) fn joins(joiner: char, before: Option<char>, after: Option<char>) -> bool {
    let beside = |ranges| [before, after].map(|c| c.is_some_and(|c| is_within(ranges, c)));
    let picture = joiner == '\u{200D}' && beside(PICTURES) == [true; 2];
    picture || beside(JOINING).contains(&true)
}

/// The kind of `character`.
pub fn kind_of(character: char) -> Kind {
    entry(character).kind()
}

/// A row of the table: folded code point, kind, and whether normalising needs the slow path.
#[derive(Clone, Copy)]
pub(crate) struct Entry(u32);

const SLOW: u32 = 1 << 31;
const IGNORED: u32 = 1 << 30;
const KIND_SHIFT: u32 = 24;
const CODE_POINT: u32 = (1 << 21) - 1;

impl Entry {
    /// The character cannot be mapped alone: it decomposes, combines or folds to several.
    pub(crate) fn is_slow(self) -> bool {
        self.0 & SLOW != 0
    }

    /// Nobody sees the character: it is left out, a joiner only where it joins nothing.
    pub(crate) fn is_ignorable(self) -> bool {
        self.0 & IGNORED != 0
    }

    pub(crate) fn kind(self) -> Kind {
        match (self.0 >> KIND_SHIFT) & 7 {
            1 => Kind::Han,
            2 => Kind::Word,
            3 => Kind::Letter,
            4 => Kind::Mark,
            _ => Kind::Separator,
        }
    }

    /// The normal form of a character that is not slow.
    pub(crate) fn folded(self) -> char {
        char::from_u32(self.0 & CODE_POINT).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

const PAGE: usize = 256;
static PAGES: [OnceLock<Box<[Entry; PAGE]>>; 0x11_0000 / PAGE] =
    [const { OnceLock::new() }; 0x11_0000 / PAGE];

/// The table row of `character`.
#[inline]
pub(crate) fn entry(character: char) -> Entry {
    let code = character as usize;
    let page = PAGES[code / PAGE].get_or_init(|| Box::new(fill_page((code / PAGE) as u32)));
    page[code % PAGE]
}

#[cold]
fn fill_page(page: u32) -> [Entry; PAGE] {
    std::array::from_fn(|i| {
        char::from_u32(page * PAGE as u32 + i as u32).map_or(Entry(0), work_out)
    })
}

fn work_out(character: char) -> Entry {
    let kind = (kind_from_tables(character) as u32) << KIND_SHIFT;
    if is_within(IGNORABLE, character) {
        return Entry(IGNORED | character as u32 | kind);
    }
    let mut folds = caseless::default_case_fold_str(&character.nfkc().collect::<String>());
    let one = match (folds.pop(), folds.is_empty()) {
        (Some(last), true) => Some(last),
        _ => None,
    };
    match one {
        Some(folded) if stands_alone(character) && stands_alone(folded) => {
            Entry(folded as u32 | kind)
        }
        _ => Entry(SLOW | kind),
    }
}

/// True when neither neighbour can change how `character` normalises, except a character for
/// which this is false: then both take the slow path.
fn stands_alone(character: char) -> bool {
    // A starter that is never the second half of a composition is a boundary for NFKC.
    let first = character.nfkd().next().unwrap_or(character);
    canonical_combining_class(first) == 0
        && canonical_combining_class(character) == 0
        && unicode_normalization::is_nfkc_quick(std::iter::once(first))
            == unicode_normalization::IsNormalized::Yes
}

fn kind_from_tables(character: char) -> Kind {
    let within = |ranges| is_within(ranges, character);
    match character.general_category_group() {
        GeneralCategoryGroup::Mark => Kind::Mark,
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number if within(HAN) => Kind::Han,
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number if within(LETTER) => {
            Kind::Letter
        }
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number => Kind::Word,
        _ => Kind::Separator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let cases = [
            ("中々〇ヵーあㄅ𠀀", Kind::Han),
            ("aZ9éßд한ب٣", Kind::Word),
            ("กาຫကខ๑", Kind::Letter),
            ("\u{301}\u{e31}\u{93f}\u{3099}", Kind::Mark),
            (" \n，。.-_'🙂\u{200b}\0", Kind::Separator),
        ];
        for (characters, expected) in cases {
            for character in characters.chars() {
                assert_eq!(kind_of(character), expected, "{character:?}");
            }
        }
    }
}
