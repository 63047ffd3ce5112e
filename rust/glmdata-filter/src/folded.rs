//! Units of a text with its numbers folded, and hashes of runs of them.
//!
//! A number in digits, in Chinese or in English words is one and the same unit, and so are numbers in a
//! row: an item with other numbers, or with numbers written otherwise, has the same units.

use glmdata_base::hash64;
use glmdata_text::{Kind, Normaliser, Simd, UnitScanner, mix64};

const HAN_WEIGHT: u32 = 13;
const WORD_WEIGHT: u32 = 20;
/// Odd, so that multiplying loses nothing; the digits of the golden ratio.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// What stands for a number.
const NUMBER: u64 = 0x6a09_e667_f3bc_c908;

/// A text as units: their hashes summed up so that any run has one, and their weights.
#[derive(Debug, Default)]
pub(crate) struct Units {
    /// Of the first n units, n from 0.
    sums: Vec<u64>,
    powers: Vec<u64>,
    /// What each unit weighs; a number weighs nothing.
    weights: Vec<u32>,
}

/// The buffers of one who reads texts.
#[derive(Debug)]
pub struct Reader {
    normaliser: Normaliser,
    scanner: UnitScanner,
}

impl Default for Reader {
    fn default() -> Self {
        Self { normaliser: Normaliser::new(), scanner: UnitScanner::new(Simd::detect()) }
    }
}

impl Units {
    pub(crate) fn fill(&mut self, text: &str, reader: &mut Reader) {
        self.truncate(0);
        self.append(text, reader);
        if self.powers.is_empty() {
            self.powers.push(1);
        }
        while self.powers.len() <= self.weights.len() {
            let last = self.powers[self.powers.len() - 1];
            self.powers.push(last.wrapping_mul(BASE));
        }
    }

    /// Leave the first units only.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.sums.truncate(length + 1);
        self.weights.truncate(length);
        if self.sums.is_empty() {
            self.sums.push(0);
        }
    }

    /// The units of more text; there are no hashes of runs until all is filled at once.
    pub(crate) fn append(&mut self, text: &str, reader: &mut Reader) {
        let Reader { normaliser, scanner } = reader;
        let normal = normaliser.run(text);
        scanner.for_each(normal, |found| {
            found.each(|unit| {
                let bytes = &normal.as_bytes()[unit.start..unit.end];
                if unit.kind == Kind::Han {
                    self.push(if is_han_number(bytes) { None } else { Some(bytes) }, HAN_WEIGHT);
                    return;
                }
                let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let number = digits == 0 && is_number(bytes);
                if digits > 0 || number {
                    self.push(None, 0);
                }
                if digits < bytes.len() && !number {
                    self.push(Some(&bytes[digits..]), WORD_WEIGHT);
                }
            });
        });
    }

    /// A unit, or a number, which continues the number before it.
    fn push(&mut self, unit: Option<&[u8]>, weight: u32) {
        let (hash, weight) = unit.map_or((NUMBER, 0), |bytes| (hash64(bytes), weight));
        if unit.is_none() && self.weights.last() == Some(&0) {
            return;
        }
        let sum = self.sums[self.sums.len() - 1];
        self.sums.push(sum.wrapping_mul(BASE).wrapping_add(hash));
        self.weights.push(weight);
    }

    pub(crate) fn len(&self) -> usize {
        self.weights.len()
    }

    pub(crate) fn weight(&self) -> u32 {
        self.weights.iter().sum()
    }

    pub(crate) fn hash(&self, start: usize, end: usize) -> u64 {
        let before = self.sums[start].wrapping_mul(self.powers[end - start]);
        mix64(self.sums[end].wrapping_sub(before))
    }

    /// Hashes of all runs of so many units.
    pub(crate) fn windows(&self, length: usize) -> impl Iterator<Item = u64> + '_ {
        (0..(self.len() + 1).saturating_sub(length))
            .map(move |start| self.hash(start, start + length))
    }
}

/// A numeral, of those that make up numbers in Chinese.
fn is_han_number(unit: &[u8]) -> bool {
    let Ok(unit) = std::str::from_utf8(unit) else { return false };
    matches!(
        unit,
        "零" | "〇"
            | "一"
            | "二"
            | "三"
            | "四"
            | "五"
            | "六"
            | "七"
            | "八"
            | "九"
            | "十"
            | "百"
            | "千"
            | "万"
            | "亿"
            | "两"
    )
}

fn is_number(unit: &[u8]) -> bool {
    matches!(
        unit,
        b"zero"
            | b"one"
            | b"two"
            | b"three"
            | b"four"
            | b"five"
            | b"six"
            | b"seven"
            | b"eight"
            | b"nine"
            | b"ten"
            | b"eleven"
            | b"twelve"
            | b"thirteen"
            | b"fourteen"
            | b"fifteen"
            | b"sixteen"
            | b"seventeen"
            | b"eighteen"
            | b"nineteen"
            | b"twenty"
            | b"thirty"
            | b"forty"
            | b"fifty"
            | b"sixty"
            | b"seventy"
            | b"eighty"
            | b"ninety"
            | b"hundred"
            | b"thousand"
            | b"million"
            | b"billion"
    )
}
