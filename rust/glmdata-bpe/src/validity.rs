//! Rule C1: merging the bytes of a token with lower ranks only must end in exactly two parts.
//!
//! Where it holds, a token has one canonical split, merging by pairs of ids equals merging by byte
//! strings, and every encoder that knows the ranks gives the same ids. The proof goes by rank: below
//! the first failing token both ways of merging agree, so [`Merges::of`] may use the fast one.
//! [`faults`] uses the slow one and lists all failures.
//!
//! ```
//! use glmdata_bpe::{Ranks, Merges, faults};
//! let bytes = || (0..=255).map(|byte| vec![byte]);
//! let valid = Ranks::new(bytes().chain([b"ab".to_vec(), b"abc".to_vec()]))?;
//! assert!(Merges::of(&valid).is_some());
//! let orphan = Ranks::new(bytes().chain([b"abc".to_vec()]))?;
//! assert!(Merges::of(&orphan).is_none());
//! assert_eq!(faults(&orphan)[0].parts, [97, 98, 99]);
//! # Ok::<(), glmdata_base::Error>(())
//! ```

use glmdata_base::Result;

use crate::merge::{merge_by_bytes, merge_parts};
use crate::pairs::{MAX_TOKENS, PairTable};
use crate::ranks::Ranks;

/// The canonical splits of a vocabulary that obeys C1.
#[derive(Clone, Debug)]
pub struct Merges {
    /// The two parts of every rank; a single byte is its own two parts.
    pub(crate) splits: Vec<[u32; 2]>,
    pub(crate) pairs: PairTable,
    /// The rank of every byte.
    pub(crate) of_byte: [u32; 256],
    /// What two bytes merge into, 0 for nothing: every piece starts with these look-ups, and a
    /// direct table spares them the large one.
    of_two: Vec<u32>,
}

impl Merges {
    /// The splits, or `None` when some token breaks C1.
    pub fn of(ranks: &Ranks) -> Option<Self> {
        Self::with_room(ranks, 0)
    }

    /// The same, and room for so many more tokens to [`accept`](Self::accept).
    pub(crate) fn with_room(ranks: &Ranks, room: usize) -> Option<Self> {
        // The tables mean "nothing" by 0.
        if ranks.len() + room > MAX_TOKENS || ranks.token(0).is_some_and(|token| token.len() > 1) {
            return None;
        }
        let mut merges = Self::of_bytes(ranks, ranks.len() + room)?;
        for (rank, token) in ranks.iter().enumerate() {
            if token.len() > 1 && !merges.accept(rank as u32, token) {
                return None;
            }
        }
        Some(merges)
    }

    /// The two tokens that `rank` is merged from; a single byte is given twice.
    pub fn split(&self, rank: u32) -> Option<[u32; 2]> {
        self.splits.get(rank as usize).copied()
    }

    /// What two bytes merge into.
    #[inline(always)]
    pub(crate) fn of_two(&self, first: u8, second: u8) -> Option<u32> {
        let found = self.of_two[usize::from(first) << 8 | usize::from(second)];
        (found != 0).then_some(found)
    }

    fn of_bytes(ranks: &Ranks, capacity: usize) -> Option<Self> {
        let mut of_byte = [0; 256];
        for byte in 0..=u8::MAX {
            of_byte[byte as usize] = ranks.rank(&[byte])?;
        }
        let splits = (0..capacity as u32).map(|rank| [rank, rank]).collect();
        let pairs = PairTable::with_capacity(capacity);
        Some(Self { splits, pairs, of_byte, of_two: vec![0; 1 << 16] })
    }

    /// Add `token` as `rank` if the ranks added so far leave exactly two parts of it.
    pub(crate) fn accept(&mut self, rank: u32, token: &[u8]) -> bool {
        let mut parts: Vec<u32> = token.iter().map(|&byte| self.of_byte[byte as usize]).collect();
        merge_parts(&self.pairs, &mut parts);
        let [left, right] = parts[..] else { return false };
        self.pairs.insert(left, right, rank);
        if let [first, second] = *token {
            self.of_two[usize::from(first) << 8 | usize::from(second)] = rank;
        }
        if let Some(split) = self.splits.get_mut(rank as usize) {
            *split = [left, right];
        }
        true
    }
}

/// A token that breaks C1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The token.
    pub rank: u32,
    /// The tokens into which the lower ranks merge its bytes: one cannot happen, two would be valid.
    pub parts: Vec<u32>,
    /// Whether merging with all ranks reaches the token (rule C2).
    pub reachable: bool,
}

/// Every token that breaks C1, by merging byte strings as tiktoken does: slow, and independent of
/// the pair table.
pub fn faults(ranks: &Ranks) -> Vec<Fault> {
    let mut found = Vec::new();
    for (rank, token) in ranks.iter().enumerate().filter(|(_, token)| token.len() > 1) {
        let rank = rank as u32;
        let parts = merge_by_bytes(token, |bytes| ranks.rank(bytes).filter(|&found| found < rank));
        if parts.len() != 2 {
            let whole = merge_by_bytes(token, |bytes| ranks.rank(bytes));
            let ends = parts.iter().skip(1).copied().chain([token.len()]);
            let tokens =
                parts.iter().zip(ends).filter_map(|(&at, end)| ranks.rank(&token[at..end]));
            found.push(Fault { rank, parts: tokens.collect(), reachable: whole.len() == 1 });
        }
    }
    found
}

/// The largest part of `tokens` (in rank order) that obeys C1 when each token is judged by those
/// kept before it, and how many were left out.
pub fn closure<'a>(
    ranks: &Ranks,
    tokens: impl Iterator<Item = &'a [u8]>,
) -> Result<(Ranks, usize)> {
    let (mut kept, mut dropped) = (Vec::new(), 0);
    let bytes = Ranks::bytes_only();
    if let Some(mut merges) = Merges::of_bytes(&bytes, ranks.len().max(257)) {
        // Ids stand for the bytes here and for kept tokens above them; the ranks come at the end.
        let mut next = 256;
        for token in tokens {
            if token.len() == 1 || merges.accept(next, token) {
                kept.push(token);
                next += u32::from(token.len() > 1);
            } else {
                dropped += 1;
            }
        }
    }
    Ok((Ranks::new(kept)?, dropped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::cl100k;

    #[test]
    fn cl100k_is_valid() {
        let ranks = cl100k().unwrap();
        let merges = Merges::of(&ranks).unwrap();
        for (rank, token) in ranks.iter().enumerate().filter(|(_, token)| token.len() > 1) {
            let [left, right] = merges.split(rank as u32).unwrap();
            let joined = [ranks.token(left).unwrap(), ranks.token(right).unwrap()].concat();
            assert_eq!(joined, token);
            assert!(left < rank as u32 && right < rank as u32);
        }
        assert_eq!(faults(&ranks), []);
    }

    #[test]
    fn a_planted_orphan_is_found_by_both_ways() {
        let cl100k = cl100k().unwrap();
        let missing = cl100k.rank(b" the").unwrap();
        let kept = cl100k.iter().filter(|token| *token != b" th").chain([&b"zqzqzq"[..]]);
        let ranks = Ranks::new(kept).unwrap();
        assert!(Merges::of(&ranks).is_none());
        let found = faults(&ranks);
        assert!(
            found.iter().any(|fault| fault.rank as usize == ranks.len() - 1 && !fault.reachable)
        );
        assert!(missing > 0 && found.len() < 200, "{}", found.len());
    }
}
