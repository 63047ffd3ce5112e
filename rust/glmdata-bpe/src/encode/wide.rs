//! Kana and Han: the ids of each character, and where a run of them may be cut.
//!
//! Under the cl100k pattern a clause of Chinese is one piece and nearly every clause is new. But
//! merging can only join what some token joins: where no token can reach from the bytes before a
//! place to the bytes behind it, cutting there changes no id. Most places between two Han
//! characters are such, and what lies between cuts is short and repeats.

use std::ops::RangeInclusive;

use crate::merge::Short;
use crate::ranks::Ranks;
use crate::validity::Merges;

/// Hiragana to the end of the unified ideographs: three bytes each, in a direct table.
const WIDE: RangeInclusive<u32> = 0x3040..=0x9FFF;
const COUNT: usize = 0x9FFF - 0x3040 + 1;
/// The index of U+3400.
const FIRST_HAN: u32 = 0x3400 - 0x3040;
const FILTER_BITS: u32 = 20;
/// Beyond so many pairs, a token that starts and ends inside characters closes places one-sidedly.
const MAX_PRODUCT: usize = 1 << 16;

/// Some token reaches from a character outside the table into this one.
const FROM_OTHER: u8 = 1 << 2;
/// Some token reaches from this character into one outside the table.
const INTO_OTHER: u8 = 1 << 3;
/// Never cut behind this character.
const SHUT: u8 = 1 << 4;

/// A character as far as cutting needs it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wide {
    index: u32,
    /// Number of ids in the low two bits, flags above; 0 for a character outside the table.
    meta: u8,
}

impl Wide {
    #[inline(always)]
    pub(super) fn is_wide(self) -> bool {
        self.meta != 0
    }
}

#[derive(Clone, Debug)]
pub(super) struct WideTable {
    ids: Vec<[u32; 3]>,
    /// A byte a character, apart from its ids: cutting reads nothing else, and these stay in the
    /// nearest cache.
    meta: Vec<u8>,
    /// One bit for a hash of (left, right). A false hit costs a cut and changes no id.
    filter: Vec<u64>,
    /// No token joins part of one Han character with another: then the characters are encoded
    /// first whatever stands beside them, and merging a run of Han may start from their ids. (Kana
    /// are left out because cl100k_base has five tokens that end inside one.)
    whole: bool,
}

/// Whether `byte` may start a character of the table.
#[inline(always)]
fn starts_wide(byte: u8) -> bool {
    (0xE3..=0xE9).contains(&byte)
}

/// The bytes of a character beside a place, as far as a token shows them.
enum Side {
    /// Characters of the table that fit.
    Wide(Vec<u32>),
    /// Characters of the table that fit, and others.
    Both(Vec<u32>),
    Other,
}

impl WideTable {
    pub(super) fn new(ranks: &Ranks, merges: &Merges) -> Self {
        let mut table = Self {
            ids: vec![[0; 3]; COUNT],
            meta: vec![0; COUNT],
            filter: vec![0; 1 << (FILTER_BITS - 6)],
            whole: true,
        };
        let (mut parts, mut short) = (Vec::new(), Short::new());
        for (index, (ids, meta)) in table.ids.iter_mut().zip(&mut table.meta).enumerate() {
            parts.clear();
            short.merge(merges, &bytes_of(index as u32), &mut parts);
            ids[..parts.len()].copy_from_slice(&parts);
            *meta = parts.len() as u8;
        }
        for token in ranks.iter() {
            for place in (1..token.len()).filter(|&place| token[place] & 0xC0 != 0x80) {
                table.close(&token[..place], &token[place..]);
            }
        }
        table
    }

    /// Note that a token joins the characters at the end of `left` and the start of `right`.
    fn close(&mut self, left: &[u8], right: &[u8]) {
        let (left, right) = (left_side(left), right_side(right));
        let empty = Vec::new();
        let (lefts, left_other) = match &left {
            Side::Wide(fits) => (fits, false),
            Side::Both(fits) => (fits, true),
            Side::Other => (&empty, true),
        };
        let (rights, right_other) = match &right {
            Side::Wide(fits) => (fits, false),
            Side::Both(fits) => (fits, true),
            Side::Other => (&empty, true),
        };
        if left_other {
            for &right in rights {
                self.meta[right as usize] |= FROM_OTHER;
            }
        }
        if right_other {
            for &left in lefts {
                self.meta[left as usize] |= INTO_OTHER;
            }
        }
        let has_han = |list: &[u32]| list.iter().any(|&index| index >= FIRST_HAN);
        let shows_both = lefts.len() * rights.len() == 1;
        self.whole &= shows_both || !has_han(lefts) || !has_han(rights);
        if lefts.len() * rights.len() > MAX_PRODUCT {
            for &left in lefts {
                self.meta[left as usize] |= SHUT;
            }
            return;
        }
        for &left in lefts {
            for &right in rights {
                let bit = filter_bit(left, right);
                self.filter[bit >> 6] |= 1 << (bit & 63);
            }
        }
    }

    /// The character at `at`.
    #[inline(always)]
    pub(super) fn get(&self, bytes: &[u8], at: usize) -> Wide {
        let character = bytes.get(at..).and_then(|rest| rest.first_chunk::<3>());
        let Some(index) = character.and_then(|&character| index_of(character)) else {
            return Wide::default();
        };
        let meta = self.meta.get(index as usize).copied().unwrap_or(0);
        Wide { index, meta }
    }

    /// The ids of the characters of `piece` one by one, if merging may start from them.
    pub(super) fn characters(&self, piece: &[u8], ids: &mut Vec<u32>) -> bool {
        ids.clear();
        if !self.whole || !starts_wide(piece[0]) {
            return false;
        }
        // A text is UTF-8, a piece of broken bytes is not, and the look-up takes six bits of a byte.
        let follows = |byte: u8| byte & 0xC0 == 0x80;
        if !piece.as_chunks().0.iter().all(|&[_, second, third]| follows(second) && follows(third))
        {
            return false;
        }
        for at in (0..piece.len()).step_by(3) {
            let character = self.get(piece, at);
            if !character.is_wide() || character.index < FIRST_HAN {
                return false;
            }
            let (parts, count) = self.ids(character);
            ids.extend_from_slice(&parts[..count as usize]);
        }
        true
    }

    /// The ids of a character of the table, and how many.
    #[inline(always)]
    pub(super) fn ids(&self, character: Wide) -> ([u32; 3], u32) {
        let ids = self.ids.get(character.index as usize).copied().unwrap_or_default();
        (ids, u32::from(character.meta & 3))
    }

    /// Whether text may be cut between two neighbours.
    #[inline(always)]
    pub(super) fn may_cut(&self, left: Wide, right: Wide) -> bool {
        match (left.is_wide(), right.is_wide()) {
            // The filter alone is asked, though a flag could spare most look-ups: which frequent
            // characters begin a token is a coin toss to the branch predictor, that two
            // neighbours do is rare.
            (true, true) => self.may_cut_pair(left, right),
            (true, false) => left.meta & (INTO_OTHER | SHUT) == 0,
            (false, true) => right.meta & FROM_OTHER == 0,
            (false, false) => false,
        }
    }

    #[inline(always)]
    fn may_cut_pair(&self, left: Wide, right: Wide) -> bool {
        let bit = filter_bit(left.index, right.index);
        u64::from(left.meta & SHUT) | (self.filter[bit >> 6] >> (bit & 63) & 1) == 0
    }
}

#[inline(always)]
fn filter_bit(left: u32, right: u32) -> usize {
    let mixed = left.wrapping_mul(0x9E37_79B1) ^ right.wrapping_mul(0x85EB_CA77);
    (mixed.wrapping_mul(0xC2B2_AE3D) >> (32 - FILTER_BITS)) as usize
}

#[inline(always)]
fn index_of([first, second, third]: [u8; 3]) -> Option<u32> {
    if !starts_wide(first) {
        return None;
    }
    let point =
        u32::from(first & 0x0F) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
    WIDE.contains(&point).then(|| point - WIDE.start())
}

fn bytes_of(index: u32) -> [u8; 3] {
    let point = index + WIDE.start();
    [0xE0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3F) as u8, 0x80 | (point & 0x3F) as u8]
}

/// Characters that can end where `bytes` ends.
fn left_side(bytes: &[u8]) -> Side {
    let tail = bytes.iter().rev().take_while(|&&byte| byte & 0xC0 == 0x80).count();
    if tail < bytes.len() {
        let whole = &bytes[bytes.len() - tail - 1..];
        let index = <[u8; 3]>::try_from(whole).ok().and_then(index_of);
        return index.map_or(Side::Other, |index| Side::Wide(vec![index]));
    }
    Side::Both(fitting(|character| character.ends_with(bytes)))
}

/// Characters that can start where `bytes` starts.
fn right_side(bytes: &[u8]) -> Side {
    let shown = &bytes[..bytes.len().min(3)];
    if !starts_wide(shown[0]) {
        return Side::Other;
    }
    match <[u8; 3]>::try_from(shown) {
        Ok(whole) => index_of(whole).map_or(Side::Other, |index| Side::Wide(vec![index])),
        Err(_) => Side::Both(fitting(|character| character.starts_with(shown))),
    }
}

fn fitting(fits: impl Fn(&[u8]) -> bool) -> Vec<u32> {
    (0..COUNT as u32).filter(|&index| fits(&bytes_of(index))).collect()
}
