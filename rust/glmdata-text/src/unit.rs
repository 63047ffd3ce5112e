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
    /// Han characters of three bytes each from byte `start` to byte `end`, every one a unit.
    HanRun {
        /// First byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
}

impl Found {
    /// Call `emit` for each unit.
    pub fn each(self, mut emit: impl FnMut(Unit)) {
        match self {
            Self::Unit(unit) => emit(unit),
            Self::HanRun { start, end } => (start..end)
                .step_by(3)
                .for_each(|at| emit(Unit { start: at, end: at + 3, kind: Kind::Han })),
        }
    }
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
            } else if let run @ 1.. = self.han_run(text, at) {
                emit(Found::HanRun { start: at, end: at + run });
                at += run;
            } else if is_han_comma_or_stop(bytes, at) {
                at += 3;
            } else {
                at = wide_unit(text, at, &mut emit);
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

    /// Bytes of a run of characters from U+4E00 to U+9FFF, the bulk of Chinese text, at `at`: all of it
    /// or its first part.
    #[inline]
    fn han_run(&self, text: &str, at: usize) -> usize {
        // Every third bit: where characters of three bytes begin.
        const BEGINNINGS: u64 = 0x9249_2492_4924_9249;
        let (block, shift) = (at / 64, at % 64);
        let next = self.maps.han.get(block + 1).copied().unwrap_or(0);
        // The bits from `at` on. Two shifts, as one by 64 bits is none.
        let han = self.maps.han[block] >> shift | (next << (63 - shift)) << 1;
        // Runs are short and of all lengths: a loop would end at a character nobody can foretell.
        let run = (!han & BEGINNINGS).trailing_zeros().min(63) as usize;
        // A mark behind the run belongs to its last character, which is then no plain one.
        let bytes = text.as_bytes();
        let marked = run > 0
            && bytes.get(at + run).is_some_and(|&next| next >= 128)
            && !is_han_comma_or_stop(bytes, at + run)
            && kind_at(text, at + run).0 == Kind::Mark;
        if marked { run - 3 } else { run }
    }
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
    use super::*;

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
