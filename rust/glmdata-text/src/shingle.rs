//! Shingles: windows over units, hashed.
//!
//! A window starts at every unit and is the shortest run of units whose weights reach a target.
//! With `mixed` a Han character weighs 5, a word 8, and the target is 40: eight characters of
//! Chinese, five words of English, and something in between where they mix, without a dictionary.
//! All of it is integer arithmetic, so every platform finds the same shingles.
//!
//! The hash of a window is a polynomial over the hashes of its units modulo 2^64, mixed once more:
//! adding or removing a unit at either end costs one multiplication, and no string is built.

use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_64;

use crate::bitmap::Simd;
use crate::character::{Kind, kind_of};
use crate::normalise::normalised;
use crate::unit::{Found, Unit, UnitScanner};
use crate::window::extend_with_windows;

/// How text is cut into shingles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shingling {
    /// Han 5, word 8, letter 5, target 40.
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
            (Self::Mixed, Kind::Word) => 8,
            (Self::Mixed, _) => 5,
            _ => 1,
        }
    }

    /// Call `emit` with every unit of `text`, which is in normal form, or raw for
    /// [`Shingling::Code`].
    #[inline]
    fn units(self, scanner: &mut UnitScanner, text: &str, mut emit: impl FnMut(Found)) {
        match self {
            Self::Mixed | Self::Words(_) => scanner.for_each(text, emit),
            Self::Characters(_) => scanner.for_each(text, |found| match found {
                Found::HanRun { .. } => emit(found),
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

/// Odd, so that multiplying by it loses nothing modulo 2^64.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

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
            stretches: Vec::new(),
            hashes: Vec::new(),
        }
    }

    /// Hashes of the shingles of `text` in text order, repeats included.
    ///
    /// `text` is in normal form ([`crate::Normaliser`]), raw for [`Shingling::Code`]. A text too
    /// short for one window has one shingle, all its units; without units it has none.
    pub fn hashes(&mut self, text: &str) -> &[u64] {
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
            Found::HanRun { start, end } => {
                // Extending by a whole run keeps the checks of `push` out of the loop.
                prefix.extend(bytes[start..end].as_chunks::<3>().0.iter().map(|han| {
                    let low = u32::from_le_bytes([han[0], han[1], han[2], 0]);
                    append(short_hash(u64::from(low), 0, 3))
                }));
                note_weight(shingling.weight(Kind::Han), prefix.len() - 1);
            }
        });
        self.windows();
        &self.hashes
    }

    fn windows(&mut self) {
        let Self { shingling, simd, powers, prefix, stretches, hashes, .. } = self;
        let target = shingling.target();
        hashes.clear();
        let mut start = 0;
        'text: for (i, stretch) in stretches.iter().enumerate() {
            // Windows that lie within the stretch all have the same length.
            let length = target.div_ceil(stretch.weight) as usize;
            if start + length <= stretch.end {
                let within = &prefix[start..=stretch.end];
                extend_with_windows(*simd, within, length, powers[length], hashes);
                start = stretch.end + 1 - length;
            }
            // The others reach into the stretches behind it.
            while start < stretch.end {
                let Some(end) = window_end(&stretches[i..], start, target) else { break 'text };
                let power = powers[end - start];
                hashes.push(mix64(prefix[end].wrapping_sub(prefix[start].wrapping_mul(power))));
                start += 1;
            }
        }
        if let (true, Some(all)) = (hashes.is_empty(), prefix[1..].last()) {
            hashes.push(mix64(*all));
        }
    }
}

/// Where the window from `start`, a unit of the first of `stretches`, ends; `None` if the text
/// ends first.
fn window_end(stretches: &[Stretch], start: usize, target: u32) -> Option<usize> {
    let (mut missing, mut at) = (target, start);
    for stretch in stretches {
        let units = missing.div_ceil(stretch.weight) as usize;
        if at + units <= stretch.end {
            return Some(at + units);
        }
        missing -= (stretch.end - at) as u32 * stretch.weight;
        at = stretch.end;
    }
    None
}

/// Hash of one unit: up to fifteen bytes as two integers and their length, else xxh3-64.
#[inline]
fn unit_hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length > 15 {
        return xxh3_64(&bytes[start..end]);
    }
    let (low, high) = if let Some(sixteen) = bytes.get(start..start + 16) {
        halves(sixteen)
    } else {
        let mut padded = [0; 16];
        padded[..length].copy_from_slice(&bytes[start..end]);
        halves(&padded)
    };
    let keep = |bytes: usize| u64::MAX.unbounded_shr(64u32.saturating_sub(8 * bytes as u32));
    short_hash(low & keep(length), high & keep(length.saturating_sub(8)), length as u64)
}

fn halves(sixteen: &[u8]) -> (u64, u64) {
    let value = u128::from_le_bytes(sixteen.try_into().unwrap_or_default());
    (value as u64, (value >> 64) as u64)
}

#[inline]
fn short_hash(low: u64, high: u64, length: u64) -> u64 {
    let folded = low ^ (high | length << 56).wrapping_mul(BASE);
    let mixed = (folded ^ folded >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ mixed >> 29
}

/// A bijection of 64-bit integers whose every output bit depends on every input bit: two
/// multiply-and-shift rounds with the constants of MurmurHash3's finaliser (Appleby, 2011).
#[inline]
pub fn mix64(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    x ^= x >> 33;
    x = x.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    x ^ (x >> 33)
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
        let chinese = shingle_texts("一二三四五六七八九", Shingling::Mixed);
        assert_eq!(chinese, ["一 二 三 四 五 六 七 八", "二 三 四 五 六 七 八 九"]);
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
