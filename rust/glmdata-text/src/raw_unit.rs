//! Units of a text as it stands, each with its place and its normal form.
//!
//! Shingles are made of the units of a normal form, which has lost the places. Whoever cuts a text
//! needs these, so here the text is cut first and each unit is brought to normal form by itself.
//! What nobody sees (a soft hyphen) parts a word here, and joins it there.

use crate::bitmap::Simd;
use crate::character::Kind;
use crate::hash::{han_hash, unit_hash};
use crate::normalise::Normaliser;
use crate::unit::{Found, Unit, UnitScanner, places};

/// Ends the form of a unit where forms stand one behind the other: no byte of UTF-8.
pub const END_OF_UNIT: u8 = 0xFF;

/// A unit of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawUnit<'a> {
    /// Bytes of the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// [`Kind::Han`], [`Kind::Word`] or [`Kind::Letter`].
    pub kind: Kind,
    /// Its normal form: equal for equal units.
    pub form: &'a [u8],
    /// Hash of the form.
    pub hash: u64,
}

/// Finds units; holds the buffers.
#[derive(Debug)]
pub struct RawUnits {
    scanner: UnitScanner,
    normaliser: Normaliser,
    folded: Vec<u8>,
}

impl Default for RawUnits {
    fn default() -> Self {
        Self::new()
    }
}

impl RawUnits {
    /// Empty buffers.
    pub fn new() -> Self {
        let scanner = UnitScanner::new(Simd::detect());
        Self { scanner, normaliser: Normaliser::new(), folded: Vec::new() }
    }

    /// Call `emit` for the units of `text`, left to right.
    pub fn each(&mut self, text: &str, mut emit: impl FnMut(RawUnit<'_>)) {
        let Self { scanner, normaliser, folded } = self;
        let bytes = text.as_bytes();
        folded.clear();
        folded.extend(bytes.iter().map(u8::to_ascii_lowercase));
        scanner.for_each(text, |found| match found {
            Found::HanBlock { base, beginnings } => {
                for start in places(base, beginnings) {
                    let (end, kind, hash) = (start + 3, Kind::Han, han_hash(bytes, start));
                    emit(RawUnit { start, end, kind, form: &bytes[start..end], hash });
                }
            }
            Found::Unit(Unit { start, end, kind }) if bytes[start..end].is_ascii() => {
                let hash = unit_hash(folded, start, end);
                emit(RawUnit { start, end, kind, form: &folded[start..end], hash });
            }
            Found::Unit(Unit { start, end, kind }) => {
                let form = normaliser.run(&text[start..end]).as_bytes();
                emit(RawUnit { start, end, kind, form, hash: unit_hash(form, 0, form.len()) });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normalise::normalised;

    #[test]
    fn units_have_places_and_forms() {
        let text = "ＧＬＭ-4 is\nOUT，é 很 e\u{301} ﬁne ㎏";
        let mut found = Vec::new();
        RawUnits::new().each(text, |unit| {
            let form = String::from_utf8(unit.form.to_vec()).unwrap();
            found.push((text[unit.start..unit.end].to_owned(), form));
        });
        let expected = [
            ("ＧＬＭ", "glm"),
            ("4", "4"),
            ("is", "is"),
            ("OUT", "out"),
            ("é", "é"),
            ("很", "很"),
            ("e\u{301}", "é"),
            ("ﬁne", "fine"),
        ];
        assert_eq!(found, expected.map(|(raw, form)| (raw.to_owned(), form.to_owned())));
    }

    proptest! {
        #[test]
        fn equal_forms_have_equal_hashes(
            text in "([a-cA-C]{1,20} |[一-十]|[Ａ-Ｃ]|é|e\u{301}|ﬁ|fi |\u{e01}\u{e31}|[.,\n])*",
        ) {
            let mut seen = std::collections::HashMap::new();
            let mut end = 0;
            RawUnits::new().each(&text, |unit| {
                assert!(unit.start >= end && unit.end > unit.start);
                end = unit.end;
                let form = normalised(&text[unit.start..unit.end]);
                assert_eq!(unit.form, form.as_bytes());
                assert_eq!(*seen.entry(form).or_insert(unit.hash), unit.hash);
            });
            let hashes: std::collections::HashSet<_> = seen.values().collect();
            prop_assert_eq!(hashes.len(), seen.len());
        }
    }
}
