//! Cuts normal-form text into units: one Han or kana character, one word, or one letter of Thai,
//! Lao, Khmer or Myanmar with its marks. Everything else only separates.

use crate::bitmap::{Bitmaps, Simd};
use crate::character::{Kind, entry};

/// A unit as a byte range of the text it was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// [`Kind::Han`], [`Kind::Word`] or [`Kind::Letter`].
    pub kind: Kind,
}

/// What the scanner finds: one unit, or many of the commonest sort at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// One unit.
    Unit(Unit),
    /// Han characters of three bytes, every one a unit, with nothing but separators between them: one
    /// begins at byte `base + i` for each bit `i`.
    HanBlock {
        /// The byte of bit 0.
        base: usize,
        /// Their first bytes.
        beginnings: u64,
    },
}

impl Found {
    /// Call `emit` for each unit.
    pub fn each(self, mut emit: impl FnMut(Unit)) {
        match self {
            Self::Unit(unit) => emit(unit),
            Self::HanBlock { base, beginnings } => places(base, beginnings)
                .for_each(|at| emit(Unit { start: at, end: at + 3, kind: Kind::Han })),
        }
    }
}

/// The bytes that the bits stand for.
#[inline]
pub(crate) fn places(base: usize, mut bits: u64) -> impl ExactSizeIterator<Item = usize> {
    (0..bits.count_ones()).map(move |_| {
        let at = base + bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        at
    })
}

const ASCII_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0usize;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Finds units; holds the bitmaps of the text it is looking at.
#[derive(Debug)]
pub struct UnitScanner {
    maps: Bitmaps,
}

impl UnitScanner {
    /// A scanner that uses the instruction set `simd`, or portable code where the machine lacks it.
    pub fn new(simd: Simd) -> Self {
        Self { maps: Bitmaps::new(simd) }
    }

    /// Call `emit` for the units of `text`, left to right.
    ///
    /// A mark continues the unit before it; a mark after a separator is skipped.
    #[inline]
    pub fn for_each(&mut self, text: &str, mut emit: impl FnMut(Found)) {
        let bytes = text.as_bytes();
        self.maps.fill(bytes);
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] < 128 {
                at = self.ascii_block(text, at, &mut emit);
            } else if self.maps.han[at / 64] >> (at % 64) & 1 == 0 {
                at = wide_unit(text, at, &mut emit);
            } else {
                let next = self.han_block(text, at, &mut emit);
                at = if next > at { next } else { wide_unit(text, at, &mut emit) };
            }
        }
    }

    /// The words that start between `at` and the end of its block of 64 bytes or the next wide
    /// character; returns where to go on.
    #[inline]
    fn ascii_block(&self, text: &str, at: usize, emit: &mut impl FnMut(Found)) -> usize {
        let base = at & !63;
        let from = u64::MAX << (at & 63);
        let limit = (self.maps.wide[at / 64] & from).trailing_zeros();
        let below_limit = if limit == 64 { u64::MAX } else { (1 << limit) - 1 };
        let mut words = self.maps.word[at / 64] & from & below_limit;
        while words != 0 {
            let start = words.trailing_zeros();
            let end = start + (!(words >> start)).trailing_zeros();
            if end >= limit {
                let end = word_end(text, base + end as usize);
                emit(word(base + start as usize, end));
                return end;
            }
            emit(word(base + start as usize, base + end as usize));
            words &= u64::MAX << end;
        }
        base + limit as usize
    }

    /// The characters from U+4E00 to U+9FFF, the bulk of Chinese text, that begin between `at`, where one
    /// does, and the end of its block of 64 bytes, or the next thing that is neither one of them nor a
    /// separator which is told at a glance; returns where to go on, `at` if a mark follows the first.
    ///
    /// Between two commas there are seven characters on average, and a loop over them ends where nobody
    /// can foretell: one over those of a block ends a third as often.
    #[inline]
    fn han_block(&self, text: &str, at: usize, emit: &mut impl FnMut(Found)) -> usize {
        let bytes = text.as_bytes();
        let (base, from) = (at & !63, u64::MAX << (at & 63));
        let (word, wide) = (self.maps.word[at / 64], self.maps.wide[at / 64]);
        let han = self.maps.han[at / 64] & from;
        let mut others = (word | wide & !(han | han << 1 | han << 2)) & from;
        let mut next = 64;
        while others != 0 {
            let other = others.trailing_zeros() as usize;
            if !is_han_comma_or_stop(bytes, base + other) {
                next = other;
                break;
            }
            others &= !(7 << other);
            next = next.max(other + 3);
        }
        let mut beginnings = han & u64::MAX.unbounded_shr(64 - next.min(64) as u32);
        let last = 63 - beginnings.leading_zeros() as usize;
        next = next.max(last + 3);
        if next == last + 3 && is_mark(text, base + next) {
            // It belongs to the last character, which is then no plain one.
            beginnings &= !(1 << last);
            next = last;
        }
        if beginnings != 0 {
            emit(Found::HanBlock { base, beginnings });
        }
        base + next
    }
}

/// Whether a character at `at` is a mark.
#[inline]
fn is_mark(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    bytes.get(at).is_some_and(|&first| first >= 128)
        && !is_han_comma_or_stop(bytes, at)
        && kind_at(text, at).0 == Kind::Mark
}

/// `、` or `。`, the commonest separators that no table need be asked about.
#[inline]
fn is_han_comma_or_stop(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 3), Some([0xE3, 0x80, 0x81 | 0x82]))
}

fn wide_unit(text: &str, at: usize, emit: &mut impl FnMut(Found)) -> usize {
    let (kind, next) = kind_at(text, at);
    let end = match kind {
        Kind::Word => word_end(text, next),
        Kind::Han | Kind::Letter => marks_end(text, next),
        Kind::Mark | Kind::Separator => return next,
    };
    emit(Found::Unit(Unit { start: at, end, kind }));
    end
}

fn word(start: usize, end: usize) -> Found {
    Found::Unit(Unit { start, end, kind: Kind::Word })
}

/// Kind of the character at `at` and where the next one starts.
#[inline]
fn kind_at(text: &str, at: usize) -> (Kind, usize) {
    match text[at..].chars().next() {
        Some(character) => (entry(character).kind(), at + character.len_utf8()),
        None => (Kind::Separator, text.len()),
    }
}

fn word_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        while at < bytes.len() && ASCII_WORD[usize::from(bytes[at])] {
            at += 1;
        }
        if at >= bytes.len() || bytes[at] < 128 {
            return at;
        }
        match kind_at(text, at) {
            (Kind::Word | Kind::Mark, next) => at = next,
            _ => return at,
        }
    }
}

#[inline]
fn marks_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while at < bytes.len() && bytes[at] >= 128 {
        match kind_at(text, at) {
            (Kind::Mark, next) => at = next,
            _ => return at,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::character::kind_of;

    /// The definition, character by character.
    fn by_definition(text: &str) -> Vec<Unit> {
        let (mut units, mut open) = (Vec::<Unit>::new(), false);
        for (start, character) in text.char_indices() {
            let (kind, end) = (kind_of(character), start + character.len_utf8());
            match (kind, units.last_mut().filter(|_| open)) {
                (Kind::Mark, Some(last)) => last.end = end,
                (Kind::Word, Some(last)) if last.kind == Kind::Word => last.end = end,
                (Kind::Mark | Kind::Separator, _) => open = false,
                _ => {
                    units.push(Unit { start, end, kind });
                    open = true;
                }
            }
        }
        units
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// Longer than the blocks of 64 bytes that are looked at.
        #[test]
        fn units_equal_the_definition(
            text in "([一-龥]{1,30}|[㐀-丏]|[,. 、。“《]|[a-z0-9]{1,9}|[\u{301}\u{fe00}]|ที่|カー|\\PC){0,40}",
        ) {
            let expected = by_definition(&text);
            for simd in Simd::available() {
                let mut found = Vec::new();
                UnitScanner::new(simd).for_each(&text, |some| some.each(|unit| found.push(unit)));
                prop_assert_eq!(&found, &expected, "{:?}", simd);
            }
        }
    }

    #[test]
    fn units_of_known_texts() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("。，!? 🙂", &[]),
            ("glm-4 is out", &["glm", "4", "is", "out"]),
            ("用gpt4做题", &["用", "gpt4", "做", "题"]),
            ("カタカナー", &["カ", "タ", "カ", "ナ", "ー"]),
            ("naïve e\u{301}t\u{301}e", &["naïve", "e\u{301}t\u{301}e"]),
            ("ที่นี่", &["ที่", "นี่"]),
            ("한국어 문장", &["한국어", "문장"]),
            ("\u{301}a", &["a"]),
            ("snake_case", &["snake", "case"]),
            ("中\u{fe00}文", &["中\u{fe00}", "文"]),
        ];
        for (text, expected) in cases {
            // Every offset against the blocks of 64 bytes, at every level.
            for simd in Simd::available() {
                for shift in 0..70 {
                    let text = format!("{}{text}", " ".repeat(shift));
                    let mut found = Vec::new();
                    UnitScanner::new(simd).for_each(&text, |some| {
                        some.each(|unit| found.push(text[unit.start..unit.end].to_owned()));
                    });
                    assert_eq!(&found, expected, "{text:?} {simd:?}");
                }
            }
        }
    }
}
