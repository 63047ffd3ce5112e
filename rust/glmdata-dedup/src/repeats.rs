//! What a text gave when it was first met. A crawl holds many texts twice; the second time their
//! keys are looked up. Forgetting a text costs time and changes no value.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Texts of fewer bytes are cut into shingles in the time that looking them up takes.
const LEAST_BYTES: usize = 1 << 10;

/// So many threads seldom wait for one another.
const SHARDS: usize = 64;

/// Bytes that an entry takes beside its keys, about.
const ENTRY: usize = 128;

/// What a text is known by: its raw key, and whether it was cut as source code.
type Name = (u128, bool);

/// Keys of a text.
#[derive(Clone, Debug)]
struct Known {
    normal: u128,
    length: u32,
    shingles: u32,
    bands: Box<[u64]>,
}

/// The texts that all threads of a scan have met lately.
#[derive(Debug)]
pub(crate) struct Repeats {
    shards: Vec<Mutex<HashMap<Name, Known>>>,
    /// Entries of a shard.
    most: usize,
}

impl Repeats {
    /// Takes up to `memory` bytes for texts of `bands` keys each.
    pub(crate) fn new(memory: u64, bands: usize) -> Self {
        let most = memory as usize / SHARDS / (ENTRY + 8 * bands);
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), most }
    }

    /// Whether a text of so many bytes is worth remembering.
    pub(crate) fn is_worth(&self, bytes: usize) -> bool {
        bytes >= LEAST_BYTES && self.most > 0
    }

    /// Appends the band keys of a known text; returns its normalised key, the length of what it
    /// says and number of shingles.
    pub(crate) fn recall(&self, name: Name, bands: &mut Vec<u64>) -> Option<(u128, u32, u32)> {
        let shard = self.shard(name).lock().unwrap_or_else(PoisonError::into_inner);
        let known = shard.get(&name)?;
        bands.extend_from_slice(&known.bands);
        Some((known.normal, known.length, known.shingles))
    }

    /// Remember a text.
    pub(crate) fn note(
        &self,
        name: Name,
        (normal, length, shingles): (u128, u32, u32),
        bands: &[u64],
    ) {
        let known = Known { normal, length, shingles, bands: bands.into() };
        let mut shard = self.shard(name).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.most {
            // A text comes again soon or hardly at all: pages of one site are crawled together.
            shard.clear();
        }
        shard.insert(name, known);
    }

    fn shard(&self, (raw, _): Name) -> &Mutex<HashMap<Name, Known>> {
        &self.shards[raw as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_recalled_until_they_are_forgotten() {
        let repeats = Repeats::new((SHARDS * 2 * (ENTRY + 16)) as u64, 2);
        let name = |n: u128| (n * SHARDS as u128, false);
        let recall = |n| {
            let mut bands = vec![7];
            let found = repeats.recall(name(n), &mut bands);
            (found, bands)
        };
        assert_eq!(recall(1), (None, vec![7]));
        repeats.note(name(1), (10, 11, 20), &[1, 2]);
        repeats.note(name(2), (30, 31, 40), &[3, 4]);
        assert_eq!(recall(1), (Some((10, 11, 20)), vec![7, 1, 2]));
        assert_eq!(recall(2), (Some((30, 31, 40)), vec![7, 3, 4]));
        // A shard holds two.
        repeats.note(name(3), (50, 51, 60), &[5, 6]);
        assert_eq!(recall(1).0, None);
        assert_eq!(recall(3), (Some((50, 51, 60)), vec![7, 5, 6]));
        let mut bands = Vec::new();
        assert_eq!(repeats.recall((name(3).0, true), &mut bands), None, "not as source code");
    }
}
