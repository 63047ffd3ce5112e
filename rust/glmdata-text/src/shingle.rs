//! Shingles: windows over units, hashed.
//!
//! A window starts at every unit and is the shortest run of units whose weights reach a target.
//! With `mixed` a Han character and a word weigh 8, other letters 5, and the target is 40: five characters
//! of Chinese, five words of English, eight letters of Thai or kana, without a dictionary. A text in
//! which one unit of fifty was replaced is then as near in Chinese as it is in English.
//! All of it is integer arithmetic, so every platform finds the same shingles.
//!
//! The hash of a window is a polynomial over the hashes of its units modulo 2^64, mixed once more:
//! adding or removing a unit at either end costs one multiplication, and no string is built.

use std::fmt;
use std::str::FromStr;

use crate::bitmap::Simd;
use crate::character::{Kind, kind_of};
use crate::hash::{BASE, han_hash, mix64, unit_hash};
use crate::normalise::normalised;
use crate::unit::{Found, Unit, UnitScanner, places};
use crate::window::extend_with_windows;

/// How text is cut into shingles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shingling {
    /// Han 8, word 8, letter 5, target 40.
    Mixed,
    /// `n` units, whatever their kind.
    Words(u32),
    /// `n` characters of units (letters of a word one by one).
    Characters(u32),
    /// Source code: 7 tokens of the raw text; identifiers and numbers, every other visible
    /// character its own token.
    Code,
}

/// A text that names no [`Shingling`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShinglingError;

impl fmt::Display for ShinglingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mixed, word:N, char:N or code with N from 1 to 64")
    }
}

impl std::error::Error for ShinglingError {}

impl FromStr for Shingling {
    type Err = ShinglingError;

    fn from_str(name: &str) -> Result<Self, ShinglingError> {
        let count = |n: &str| match n.parse() {
            Ok(n @ 1..=64) => Ok(n),
            _ => Err(ShinglingError),
        };
        match name.split_once(':') {
            None if name == "mixed" => Ok(Self::Mixed),
            None if name == "code" => Ok(Self::Code),
            Some(("word", n)) => count(n).map(Self::Words),
            Some(("char", n)) => count(n).map(Self::Characters),
            _ => Err(ShinglingError),
        }
    }
}

impl Shingling {
    fn target(self) -> u32 {
        match self {
            Self::Mixed => 40,
            Self::Words(n) | Self::Characters(n) => n,
            Self::Code => 7,
        }
    }

    fn weight(self, kind: Kind) -> u32 {
        match (self, kind) {
            (Self::Mixed, Kind::Word | Kind::Han) => 8,
            (Self::Mixed, _) => 5,
            _ => 1,
        }
    }

    /// Call `emit` with every unit of `text`, which is in normal form, or raw for
    /// [`Shingling::Code`].
    #[inline]
    pub(crate) fn units(self, scanner: &mut UnitScanner, text: &str, mut emit: impl FnMut(Found)) {
        match self {
            Self::Mixed | Self::Words(_) => scanner.for_each(text, emit),
            Self::Characters(_) => scanner.for_each(text, |found| match found {
                Found::HanBlock { .. } => emit(found),
                Found::Unit(Unit { start, end, kind }) => {
                    for (at, character) in text[start..end].char_indices() {
                        let start = start + at;
                        let end = start + character.len_utf8();
                        emit(Found::Unit(Unit { start, end, kind }));
                    }
                }
            }),
            Self::Code => for_each_token(text, |start, end| {
                emit(Found::Unit(Unit { start, end, kind: Kind::Word }));
            }),
        }
    }
}

/// Tokens of source code: runs of letters, digits and `_`; any other visible character alone.
fn for_each_token(text: &str, mut emit: impl FnMut(usize, usize)) {
    let mut word = None;
    for (at, character) in text.char_indices() {
        // The kinds and not the standard library's classes, whose Unicode version is rustc's.
        if kind_of(character) != Kind::Separator || character == '_' {
            word = word.or(Some(at));
            continue;
        }
        if let Some(start) = word.take() {
            emit(start, at);
        }
        if !character.is_whitespace() && !character.is_control() {
            emit(at, at + character.len_utf8());
        }
    }
    if let Some(start) = word {
        emit(start, text.len());
    }
}

/// Turns texts into shingle hashes; holds the buffers.
#[derive(Debug)]
pub struct Shingler {
    shingling: Shingling,
    simd: Simd,
    scanner: UnitScanner,
    powers: Vec<u64>,
    /// Polynomial over the first `i` units.
    prefix: Vec<u64>,
    /// Weights of the units.
    weights: Vec<u8>,
    /// Stretches of units of equal weight.
    stretches: Vec<Stretch>,
    hashes: Vec<u64>,
}

/// Units of one weight in a row.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    weight: u32,
    /// One past its last unit.
    end: usize,
}

impl Shingler {
    /// A shingler with empty buffers.
    pub fn new(shingling: Shingling) -> Self {
        Self::with_simd(shingling, Simd::detect())
    }

    /// The same for a chosen instruction set: the hashes do not depend on it.
    pub fn with_simd(shingling: Shingling, simd: Simd) -> Self {
        let mut powers = vec![1u64];
        // A unit weighs at least 1, so no window is longer than the target.
        for i in 0..shingling.target() as usize {
            powers.push(powers[i].wrapping_mul(BASE));
        }
        let simd = simd.or_portable();
        Self {
            shingling,
            simd,
            scanner: UnitScanner::new(simd),
            powers,
            prefix: Vec::new(),
            weights: Vec::new(),
            stretches: Vec::new(),
            hashes: Vec::new(),
        }
    }

    /// Hashes of the shingles of `text` in text order, repeats included.
    ///
    /// `text` is in normal form ([`crate::Normaliser`]), raw for [`Shingling::Code`]. A text too
    /// short for one window has one shingle, all its units; without units it has none.
    pub fn hashes(&mut self, text: &str) -> &[u64] {
        self.whole_windows(text);
        if let (true, Some(all)) = (self.hashes.is_empty(), self.prefix[1..].last()) {
            self.hashes.push(mix64(*all));
        }
        &self.hashes
    }

    /// The same without the one shingle of a text that is too short for a window.
    pub(crate) fn whole_windows(&mut self, text: &str) -> &[u64] {
        let Self { shingling, scanner, prefix, stretches, .. } = self;
        prefix.clear();
        stretches.clear();
        prefix.push(0);
        let mut polynomial = 0u64;
        let bytes = text.as_bytes();
        let mut append = |hash: u64| {
            polynomial = polynomial.wrapping_mul(BASE).wrapping_add(hash);
            polynomial
        };
        let mut note_weight = |weight: u32, end: usize| match stretches.last_mut() {
            Some(stretch) if stretch.weight == weight => stretch.end = end,
            _ => stretches.push(Stretch { weight, end }),
        };
        shingling.units(scanner, text, |found| match found {
            Found::Unit(Unit { start, end, kind }) => {
                prefix.push(append(unit_hash(bytes, start, end)));
                note_weight(shingling.weight(kind), prefix.len() - 1);
            }
            Found::HanBlock { base, beginnings } => {
                // Extending by all of them keeps the checks of `push` out of the loop.
                prefix.extend(places(base, beginnings).map(|at| append(han_hash(bytes, at))));
                note_weight(shingling.weight(Kind::Han), prefix.len() - 1);
            }
        });
        self.windows();
        &self.hashes
    }

    fn windows(&mut self) {
        let Self { shingling, simd, powers, prefix, weights, stretches, hashes, .. } = self;
        weights.clear();
        for stretch in stretches.iter() {
            // Most stretches are short: sixteen bytes are one store, and no call.
            weights.extend([stretch.weight as u8; 16]);
            weights.resize(stretch.end, stretch.weight as u8);
        }
        // What lies behind the text weighs nothing.
        weights.extend([0; 8]);
        let target = shingling.target();
        hashes.clear();
        let mut start = 0;
        'text: for stretch in stretches.iter() {
            // Windows that lie within the stretch all have the same length.
            let length = target.div_ceil(stretch.weight) as usize;
            if start + length <= stretch.end {
                let within = &prefix[start..=stretch.end];
                extend_with_windows(*simd, within, length, powers[length], hashes);
                start = stretch.end + 1 - length;
            }
            // The others reach into the stretches behind it.
            for start in start..stretch.end {
                let Some(units) = units_to(&weights[start..], target) else { break 'text };
                let (first, last) = (prefix[start], prefix[start + units]);
                hashes.push(mix64(last.wrapping_sub(first.wrapping_mul(powers[units]))));
            }
            start = start.max(stretch.end);
        }
    }
}

/// How many of the units with these `weights` reach the target together; `None` if eight do not, which is
/// the most where weights differ (letters in `mixed`), or the text ends first.
///
/// All eight sums are made at once, as a search would end where nobody can foretell.
#[inline]
fn units_to(weights: &[u8], target: u32) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Byte i of the product is the sum of bytes 0 to i: at most 64.
    let sums = u64::from_le_bytes(*weights.first_chunk()?).wrapping_mul(EACH);
    // The top bit of a byte is set where adding 128 - target makes it 128 or more.
    let reached = (sums + EACH * u64::from(128 - target)) & (EACH << 7);
    (reached != 0).then(|| reached.trailing_zeros() as usize / 8 + 1)
}

/// The shingles of a raw `text`, readable: units joined by spaces, in text order, repeats kept.
pub fn shingle_texts(text: &str, shingling: Shingling) -> Vec<String> {
    let normal = if shingling == Shingling::Code { text.to_owned() } else { normalised(text) };
    let mut units = Vec::new();
    let mut scanner = UnitScanner::new(Simd::Portable);
    shingling.units(&mut scanner, &normal, |found| {
        found.each(|Unit { start, end, kind }| {
            units.push((&normal[start..end], shingling.weight(kind)));
        });
    });
    let join =
        |window: &[(&str, u32)]| window.iter().map(|&(unit, _)| unit).collect::<Vec<_>>().join(" ");
    let mut shingles = Vec::new();
    for start in 0..units.len() {
        let mut total = 0;
        let reached = units[start..].iter().position(|&(_, weight)| {
            total += weight;
            total >= shingling.target()
        });
        match reached {
            Some(last) => shingles.push(join(&units[start..=start + last])),
            None if start == 0 => shingles.push(join(&units)),
            None => break,
        }
    }
    shingles
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_follow_the_script() {
        let english = shingle_texts("one two three four five six", Shingling::Mixed);
        assert_eq!(english, ["one two three four five", "two three four five six"]);
        let chinese = shingle_texts("一二三四五六", Shingling::Mixed);
        assert_eq!(chinese, ["一 二 三 四 五", "二 三 四 五 六"]);
        assert_eq!(shingle_texts("短", Shingling::Mixed), ["短"]);
        assert_eq!(shingle_texts("!?", Shingling::Mixed), [""; 0]);
        assert_eq!(shingle_texts("a==b", Shingling::Words(2)), ["a b"]);
        assert_eq!(shingle_texts("ab c", Shingling::Characters(2)), ["a b", "b c"]);
        assert_eq!(
            shingle_texts("if (x_1 != y) {\n}", Shingling::Code),
            ["if ( x_1 ! = y )", "( x_1 ! = y ) {", "x_1 ! = y ) { }"]
        );
    }

    #[test]
    fn names() {
        assert_eq!("word:5".parse(), Ok(Shingling::Words(5)));
        assert_eq!("char:8".parse(), Ok(Shingling::Characters(8)));
        for wrong in ["", "word", "word:0", "word:x", "char:65", "mixed:1", "Code"] {
            assert_eq!(wrong.parse::<Shingling>(), Err(ShinglingError), "{wrong}");
        }
    }

    #[test]
    fn levels_agree() {
        let text = "用glm 4 训练 a tokenizer of 150k，再 merge。".repeat(40) + &"词".repeat(50);
        let mut portable = Shingler::with_simd(Shingling::Mixed, Simd::Portable);
        let expected = portable.hashes(&normalised(&text)).to_vec();
        for simd in Simd::available() {
            let mut shingler = Shingler::with_simd(Shingling::Mixed, simd);
            assert_eq!(shingler.hashes(&normalised(&text)), expected, "{simd:?}");
        }
    }

    proptest! {
        /// Equal shingles have equal hashes and different ones different hashes.
        #[test]
        fn hashes_stand_for_texts(
            text in "([ab中文] ?|[一-十]|word |longerthaneight |exactlysixteenxx |exactly15bytesx |abcdefg |abcdefgx |abcdefgh |\u{e01}\u{e31}|[.,]){0,60}",
            mode in prop::sample::select(vec![
                Shingling::Mixed, Shingling::Words(3), Shingling::Characters(4), Shingling::Code,
            ]),
        ) {
            let readable = shingle_texts(&text, mode);
            let normal = if mode == Shingling::Code { text } else { normalised(&text) };
            let mut shingler = Shingler::new(mode);
            let hashes = shingler.hashes(&normal);
            prop_assert_eq!(hashes.len(), readable.len());
            let mut seen = HashMap::new();
            for (&hash, shingle) in hashes.iter().zip(&readable) {
                prop_assert_eq!(*seen.entry(hash).or_insert(shingle), shingle);
            }
            let distinct: std::collections::HashSet<_> = readable.iter().collect();
            prop_assert_eq!(seen.len(), distinct.len());
        }
    }
}
