//! Texts of many megabytes, piece by piece: normal form and units of a whole text take up to fifty times
//! its bytes, those of a piece do not. The values are those of the whole text.
//!
//! A text is cut where normal forms join without a seam, a normal form where a unit ends; windows that
//! reach across begin with units that are carried over.

use std::iter::once;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use xxhash_rust::xxh3::Xxh3;

use crate::bitmap::Simd;
use crate::character::{Kind, entry, kind_of};
use crate::normalise::Normaliser;
use crate::shingle::{Shingler, Shingling};
use crate::unit::UnitScanner;

/// Bytes of a piece, about.
const PIECE_BYTES: usize = 1 << 18;
/// Bytes that the normal form of a piece takes at most for each of its own, with all buffers.
const GROWTH: usize = 32;
/// Bytes that a normal form which cannot be cut takes for each of its own.
const UNCUT: usize = 3;

/// What is found of a long text besides its shingles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// xxh3-128 of its normal form; of the text itself for [`Shingling::Code`].
    pub key: u128,
    /// Bytes of that form.
    pub bytes: u64,
}

/// Normalises and shingles long texts; holds the buffers.
#[derive(Debug)]
pub struct LongText {
    shingling: Shingling,
    piece_bytes: usize,
    folds_script: bool,
    normaliser: Normaliser,
    shingler: Shingler,
    scanner: UnitScanner,
    /// The normal form from the first unit on that begins windows still to come.
    pending: String,
    /// Bytes of it that were looked at before.
    carried: usize,
    /// Up to here no unit ends behind those.
    searched: usize,
    /// Windows of it that were given before.
    given: usize,
    starts: Vec<usize>,
}

impl LongText {
    /// One with empty buffers.
    pub fn new(shingling: Shingling) -> Self {
        Self::in_pieces(shingling, PIECE_BYTES)
    }

    /// The same, with traditional Chinese characters as simplified ones, if asked for.
    #[must_use]
    pub fn folding_script(mut self, folds_script: bool) -> Self {
        self.folds_script = folds_script;
        self.normaliser = self.normaliser.folding_script(folds_script);
        self
    }

    fn in_pieces(shingling: Shingling, piece_bytes: usize) -> Self {
        Self {
            shingling,
            piece_bytes: piece_bytes.max(4),
            folds_script: false,
            normaliser: Normaliser::new(),
            shingler: Shingler::new(shingling),
            scanner: UnitScanner::new(Simd::detect()),
            pending: String::new(),
            carried: 0,
            searched: 0,
            given: 0,
            starts: Vec::new(),
        }
    }

    /// Give the hashes of the shingles of a raw `text` to `take`, in text order, repeats included.
    ///
    /// `hold` is told how many bytes are about to be held, where a text cannot be cut into small pieces
    /// (a word of megabytes, marks without end).
    ///
    /// # Errors
    /// Those of `hold`.
    pub fn each<E>(
        &mut self,
        text: &str,
        hold: &mut dyn FnMut(usize) -> Result<(), E>,
        take: &mut dyn FnMut(&[u64]),
    ) -> Result<Said, E> {
        self.pending = String::new();
        (self.carried, self.searched, self.given) = (0, 0, 0);
        let mut hasher = Xxh3::new();
        let (mut bytes, mut gap, mut any) = (0, false, false);
        for (piece, ends_in_gap) in self.pieces(text) {
            let held = UNCUT * self.pending.len();
            let large = piece.len() > 2 * self.piece_bytes;
            hold(held + if large { GROWTH * piece.len() } else { 0 })?;
            let code = self.shingling == Shingling::Code;
            let normal = if code { piece } else { self.normaliser.run(piece) };
            if !normal.is_empty() {
                if gap && bytes > 0 {
                    hasher.update(b" ");
                    self.pending.push(' ');
                    bytes += 1;
                }
                hasher.update(normal.as_bytes());
                self.pending.push_str(normal);
                bytes += normal.len() as u64;
                gap = false;
            }
            gap |= ends_in_gap;
            if large {
                self.normaliser = Normaliser::new().folding_script(self.folds_script);
            }
            if self.pending.len() - self.searched >= self.piece_bytes
                && let Some(end) = self.last_unit_end()
            {
                any |= self.shingle(end, take);
            }
        }
        if any {
            self.shingle(self.pending.len(), take);
        } else {
            take(self.shingler.hashes(&self.pending));
        }
        self.pending = String::new();
        Ok(Said { key: hasher.digest128(), bytes })
    }

    /// Pieces of a text, and whether a space belongs behind each. Those of code may end anywhere.
    fn pieces<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, bool)> + use<'t> {
        let (size, code) = (self.piece_bytes, self.shingling == Shingling::Code);
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let mut at = size.min(rest.len());
            while !rest.is_char_boundary(at) {
                at -= 1;
            }
            let seams = rest[at..].char_indices().map(|(further, _)| at + further);
            let found = { seams }.find_map(|at| {
                let gap = if code { Some(false) } else { seam(rest, at) };
                gap.map(|gap| (at, gap))
            });
            let (end, gap) = found.unwrap_or((rest.len(), false));
            let piece;
            (piece, rest) = rest.split_at(end);
            Some((piece, gap))
        })
    }

    /// Where in what is pending the last unit that nothing can continue ends, if it is a new one.
    fn last_unit_end(&mut self) -> Option<usize> {
        let code = self.shingling == Shingling::Code;
        let ends_units = |character: char| match kind_of(character) {
            Kind::Separator => !code || character != '_',
            Kind::Han | Kind::Letter => !code,
            Kind::Word | Kind::Mark => false,
        };
        let new = self.pending[self.searched..].char_indices().rev();
        let ends = new.filter(|&(_, character)| ends_units(character));
        let found = { ends }.map(|(at, _)| self.searched + at).find(|&at| at > self.carried);
        self.searched = self.pending.len();
        found
    }

    /// Give the windows of what is pending up to `end`, and keep the units that begin later ones; whether
    /// there was any.
    fn shingle(&mut self, end: usize, take: &mut dyn FnMut(&[u64])) -> bool {
        let Self { shingling, scanner, pending, starts, .. } = self;
        let ready = &pending[..end];
        let windows = self.shingler.whole_windows(ready);
        take(&windows[self.given..]);
        starts.clear();
        shingling.units(scanner, ready, |found| found.each(|unit| starts.push(unit.start)));
        let mut first = windows.len();
        // Behind nothing a mark would be no unit.
        while first > 0 && starts.get(first).is_some_and(|&at| begins_with_mark(&ready[at..])) {
            first -= 1;
        }
        let any = windows.len() > self.given;
        self.given = windows.len() - first;
        let from = starts.get(first).copied().unwrap_or(end);
        (self.carried, self.searched) = (end - from, end - from);
        pending.drain(..from);
        any
    }
}

fn begins_with_mark(text: &str) -> bool {
    text.chars().next().is_some_and(|character| kind_of(character) == Kind::Mark)
}

/// Whether the normal form of `text` is that of what stands before `at` and of what follows, one behind
/// the other: `Some(true)` if with a space between them.
fn seam(text: &str, at: usize) -> Option<bool> {
    let (before, after) = (text[..at].chars().next_back()?, text[at..].chars().next()?);
    if entry(after).is_ignorable() {
        return None;
    }
    if before.is_ascii() && before.is_whitespace() {
        // Nothing composes with a space.
        return Some(true);
    }
    if entry(before).is_ignorable() {
        return None;
    }
    let (last, first) = (once(before).nfkd().last()?, once(after).nfkd().next()?);
    let alone = canonical_combining_class(first) == 0
        && is_nfc_quick(once(first)) == IsNormalized::Yes
        && !first.is_whitespace()
        && !last.is_whitespace();
    alone.then_some(false)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::normalise::normalised;

    fn whole(text: &str, shingling: Shingling) -> (String, Vec<u64>) {
        let code = shingling == Shingling::Code;
        let normal = if code { text.to_owned() } else { normalised(text) };
        let hashes = Shingler::new(shingling).hashes(&normal).to_vec();
        (normal, hashes)
    }

    fn check(text: &str, shingling: Shingling, piece_bytes: usize) {
        let mut long = LongText::in_pieces(shingling, piece_bytes);
        let (normal, expected) = whole(text, shingling);
        for _ in 0..2 {
            let mut found = Vec::new();
            let said = long.each::<Infallible>(text, &mut |_| Ok(()), &mut |hashes| {
                found.extend_from_slice(hashes);
            });
            let key = xxhash_rust::xxh3::xxh3_128(normal.as_bytes());
            let bytes = normal.len() as u64;
            assert_eq!(said, Ok(Said { key, bytes }), "{text:?} {piece_bytes}");
            assert_eq!(found, expected, "{text:?} {shingling:?} {piece_bytes}");
        }
    }

    #[test]
    fn what_cannot_be_cut_is_told() {
        let text = "\u{301}".repeat(1000);
        let mut long = LongText::in_pieces(Shingling::Mixed, 16);
        let told = long.each(
            &text,
            &mut |bytes| if bytes > 9_000 { Err(bytes) } else { Ok(()) },
            &mut |_| (),
        );
        assert_eq!(told, Err(GROWTH * text.len()));
        check(&text, Shingling::Mixed, 16);
        check(&"\u{fdfa}".repeat(300), Shingling::Mixed, 16);
        check(&"a".repeat(300), Shingling::Mixed, 16);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn pieces_say_what_the_whole_says(
            text in "([a-zA-Z]{1,9}|[ \\n]{1,4}|_|[\u{301}\u{338}\u{3099}]|[\u{ad}\u{200b}-\u{200d}\u{fe0f}कम👩]|[中文。，　]{1,9}|[가-각]|[\u{1100}\u{1161}\u{11a8}]|[ｦ-ﾟ]|ที่|[à-ÿ]|[\u{fdfa}\u{a8}\u{a0}ŉß]|\\PC){0,60}",
            shingling in prop::sample::select(vec![
                Shingling::Mixed, Shingling::Words(1), Shingling::Words(3), Shingling::Characters(4), Shingling::Code,
            ]),
            piece_bytes in 4usize..40,
        ) {
            check(&text, shingling, piece_bytes);
        }
    }
}
